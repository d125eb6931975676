-- keep_receipt --
INSERT INTO delivery_receipts (
    tenant_id, platform, receipt, sent_at, next_at, event_ids, kinds, attempts
)
VALUES ($2, $1, $3, $4, $5, $6::text[], $7::text[], $8::int[])
ON CONFLICT (tenant_id, platform, receipt) DO NOTHING

-- take_receipts --
WITH due AS (
    SELECT tenant_id, receipt
    FROM delivery_receipts
    WHERE platform = $1 AND ended_at IS NULL AND next_at <= $2
    ORDER BY next_at
    LIMIT $3
    FOR UPDATE SKIP LOCKED
)
UPDATE delivery_receipts AS kept
SET asked = kept.asked + 1, next_at = $4
FROM due
WHERE kept.platform = $1 AND kept.tenant_id = due.tenant_id AND kept.receipt = due.receipt
RETURNING kept.tenant_id, kept.receipt, kept.sent_at, kept.asked, kept.event_ids, kept.kinds,
          kept.attempts

-- carried --
SELECT told.place, held.tenant_id, held.event_id, held.kind, held.attempts, held.first_attempt_at,
       held.deadline_at, held.payload, held.apart, held.traceparent
FROM unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::int[])
    AS told (place, tenant_id, event_id, kind, attempts)
JOIN deliveries AS held
    ON held.platform = $1
    AND held.tenant_id = told.tenant_id
    AND held.event_id = told.event_id
    AND held.kind = told.kind
WHERE held.state = 'sent' AND held.attempts = told.attempts AND held.payload IS NOT NULL
ORDER BY told.place, held.event_id, held.kind
FOR UPDATE OF held

-- overturn --
WITH told AS (
    SELECT *
    FROM unnest(
        $2::text[], $3::text[], $4::text[], $5::int[], $6::text[],
        $7::timestamptz[], $8::timestamptz[], $9::text[], $10::text[], $11::text[]
    ) AS t (
        tenant_id, event_id, kind, attempts, state,
        next_attempt_at, deadline_at, error, apart, status
    )
),
overturned AS (
    UPDATE deliveries AS held
    SET state = told.state,
        next_attempt_at = told.next_attempt_at,
        deadline_at = least(held.deadline_at, told.deadline_at),
        error = told.error,
        apart = told.apart,
        finished_at = CASE WHEN told.state IN ('queued', 'parked') THEN NULL ELSE $12::timestamptz END,
        published = false
    FROM told
    WHERE held.platform = $1
      AND held.tenant_id = told.tenant_id
      AND held.event_id = told.event_id
      AND held.kind = told.kind
      AND held.state = 'sent'
      AND held.attempts = told.attempts
    RETURNING held.tenant_id, held.event_id, held.kind, held.event_name, held.order_id,
              held.attempts, held.state, held.http_status, held.error, told.status
),
logged AS (
    INSERT INTO capi_delivery_log (
        tenant_id, platform, event_id, kind, event_name, order_id, attempt, status, http_status,
        error, request_digest, response_digest, latency_ms, created_at
    )
    SELECT tenant_id, $1, event_id, kind, event_name, order_id, attempts, status, http_status,
           error, '', NULL, 0, $12
    FROM overturned
)
INSERT INTO delivery_dlq (
    tenant_id, platform, event_id, kind, reason, error, attempts, created_at
)
SELECT tenant_id, $1, event_id, kind, state, error, attempts, $12
FROM overturned
WHERE state IN ('rejected', 'unknown')
ON CONFLICT (tenant_id, platform, event_id, kind) DO UPDATE
SET reason = excluded.reason,
    error = excluded.error,
    attempts = excluded.attempts,
    created_at = excluded.created_at,
    replayed_at = NULL

-- note_receipts --
UPDATE delivery_receipts AS kept
SET next_at = told.next_at, ended_at = told.ended_at, verdict = told.verdict, error = told.error
FROM unnest(
    $2::text[], $3::text[], $4::int[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[]
) AS told (tenant_id, receipt, asked, next_at, ended_at, verdict, error)
WHERE kept.platform = $1
  AND kept.tenant_id = told.tenant_id
  AND kept.receipt = told.receipt
  AND kept.asked = told.asked
  AND kept.ended_at IS NULL

-- forget_receipts --
DELETE FROM delivery_receipts AS kept
USING (
    SELECT tenant_id, receipt
    FROM delivery_receipts
    WHERE platform = $1 AND ended_at < $2
    ORDER BY ended_at
    LIMIT $3
    FOR UPDATE SKIP LOCKED
) AS old
WHERE kept.platform = $1 AND kept.tenant_id = old.tenant_id AND kept.receipt = old.receipt
