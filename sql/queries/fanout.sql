-- connected --
SELECT tenant_id, platform
FROM platform_connections
WHERE enabled AND tenant_id = ANY ($1::text[])

-- connections --
SELECT tenant_id, account_id, credentials_encrypted
FROM platform_connections
WHERE enabled AND platform = $1
ORDER BY tenant_id

-- enqueue --
INSERT INTO deliveries (
    tenant_id, platform, event_id, kind, event_name, order_id, occurred_at,
    state, next_attempt_at, deadline_at, payload, after_event_id, turn
)
SELECT tenant_id, platform, event_id, kind, event_name, order_id, occurred_at,
       'queued', $10, deadline_at, payload::jsonb, after_event_id, turn
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::timestamptz[], $8::timestamptz[], $9::text[], $11::text[], $12::int[]
) AS arrived (
    tenant_id, platform, event_id, kind, event_name, order_id, occurred_at, deadline_at, payload,
    after_event_id, turn
)
ORDER BY tenant_id, platform, event_id, kind
ON CONFLICT (tenant_id, platform, event_id, kind) DO NOTHING
RETURNING tenant_id, platform, event_id, kind

-- release --
WITH allowed AS (
    SELECT held.tenant_id, held.platform, held.event_id, held.kind, held.error, told.payload
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
        AS told (tenant_id, platform, event_id, kind, payload)
    JOIN deliveries AS held USING (tenant_id, platform, event_id, kind)
    WHERE held.state = 'filtered'
      AND held.error IN ('consent_denied', 'suppressed')
      AND held.deadline_at > $6
    ORDER BY held.tenant_id, held.platform, held.event_id, held.kind
    FOR UPDATE OF held
),
released AS (
    UPDATE deliveries AS held
    SET state = 'queued',
        next_attempt_at = $6,
        payload = allowed.payload::jsonb,
        error = NULL,
        finished_at = NULL
    FROM allowed
    WHERE held.tenant_id = allowed.tenant_id
      AND held.platform = allowed.platform
      AND held.event_id = allowed.event_id
      AND held.kind = allowed.kind
    RETURNING held.tenant_id, held.platform, held.event_id, held.kind, allowed.error, held.attempts
)
INSERT INTO delivery_consent_log (
    tenant_id, platform, event_id, kind, action, reason, attempts, at
)
SELECT tenant_id, platform, event_id, kind, 'released', error, attempts, $6
FROM released
RETURNING tenant_id, platform, event_id, kind

-- due --
SELECT due.*
FROM unnest($2::text[], $3::int[]) WITH ORDINALITY AS turn (tenant_id, most, place)
CROSS JOIN LATERAL (
    SELECT tenant_id, event_id, kind, attempts, first_attempt_at, deadline_at, payload
    FROM deliveries AS held
    WHERE platform = $1
      AND tenant_id = turn.tenant_id
      AND state IN ('queued', 'parked')
      AND next_attempt_at <= $4
      AND deadline_at > $4
      AND (
          after_event_id IS NULL
          OR EXISTS (
              SELECT FROM deliveries AS purchase
              WHERE purchase.platform = $1
                AND purchase.tenant_id = held.tenant_id
                AND purchase.event_id = held.after_event_id
                AND purchase.kind = 'event'
                AND purchase.state = 'sent'
          )
      )
      AND NOT EXISTS (
          SELECT FROM deliveries AS other
          WHERE held.kind IN ('adjust', 'cancel')
            AND other.platform = $1
            AND other.tenant_id = held.tenant_id
            AND other.after_event_id = held.after_event_id
            AND (
                (
                    other.kind = 'adjust'
                    AND other.turn < held.turn
                    AND other.state IN ('queued', 'parked', 'sending')
                ) OR (
                    held.kind = 'adjust'
                    AND other.kind IN ('adjust', 'cancel')
                    AND other.turn > held.turn
                    AND other.state IN ('sending', 'sent')
                )
            )
      )
    ORDER BY deadline_at
    LIMIT turn.most
    FOR UPDATE SKIP LOCKED
) AS due
LIMIT $5

-- decisions --
WITH asked AS (
    SELECT DISTINCT tenant_id, node FROM unnest($1::text[], $2::text[]) AS wanted (tenant_id, node)
),
members AS (
    SELECT tenant_id, node, node AS member FROM asked
    UNION
    SELECT asked.tenant_id, asked.node, other.node
    FROM asked
    JOIN identity_nodes AS own ON own.tenant_id = asked.tenant_id AND own.node = asked.node
    JOIN identity_nodes AS other
        ON other.tenant_id = own.tenant_id AND other.person_id = own.person_id
)
SELECT DISTINCT
    members.tenant_id, members.node, decided.flag, decided.value, decided.issued_at,
    decided.command_id
FROM members
JOIN consent_flags AS decided
    ON decided.tenant_id = members.tenant_id AND decided.node = members.member

-- consent_when_absent --
SELECT tenant_id, consent_when_absent
FROM attribution_settings
WHERE tenant_id = ANY ($1::text[])

-- lease --
UPDATE deliveries AS held
SET state = 'sending',
    attempts = held.attempts + 1,
    first_attempt_at = coalesce(held.first_attempt_at, $5),
    lease_owner = $6,
    leased_until = $7
FROM unnest($2::text[], $3::text[], $4::text[]) AS taken (tenant_id, event_id, kind)
WHERE held.platform = $1
  AND held.tenant_id = taken.tenant_id
  AND held.event_id = taken.event_id
  AND held.kind = taken.kind

-- renew --
UPDATE deliveries AS held
SET attempts = held.attempts + kept.requests,
    leased_until = $7
FROM unnest($2::text[], $3::text[], $4::text[], $5::int[]) AS kept (tenant_id, event_id, kind, requests)
WHERE held.platform = $1
  AND held.tenant_id = kept.tenant_id
  AND held.event_id = kept.event_id
  AND held.kind = kept.kind
  AND held.state = 'sending'
  AND held.lease_owner = $6

-- settle --
WITH told AS (
    SELECT *
    FROM unnest(
        $2::text[], $3::text[], $4::text[], $5::int[], $6::text[],
        $7::timestamptz[], $8::timestamptz[], $9::int[], $10::text[]
    ) AS t (
        tenant_id, event_id, kind, attempts, state,
        next_attempt_at, deadline_at, http_status, error
    )
),
settled AS (
    UPDATE deliveries AS held
    SET state = told.state,
        next_attempt_at = told.next_attempt_at,
        deadline_at = least(held.deadline_at, told.deadline_at),
        http_status = told.http_status,
        error = told.error,
        finished_at = CASE WHEN told.state IN ('queued', 'parked') THEN NULL ELSE $11::timestamptz END,
        published = false,
        lease_owner = NULL,
        leased_until = NULL
    FROM told
    WHERE held.platform = $1
      AND held.tenant_id = told.tenant_id
      AND held.event_id = told.event_id
      AND held.kind = told.kind
      AND held.state IN ('queued', 'parked', 'sending')
      AND (held.attempts = told.attempts OR told.state = 'sent')
    RETURNING held.tenant_id, held.event_id, held.kind, held.state, held.error, held.attempts
),
revived AS (
    UPDATE deliveries AS held
    SET state = 'queued', next_attempt_at = $11, error = NULL, finished_at = NULL
    FROM settled
    WHERE settled.state = 'sent'
      AND settled.kind = 'event'
      AND held.platform = $1
      AND held.tenant_id = settled.tenant_id
      AND held.after_event_id = settled.event_id
      AND held.state = 'filtered'
      AND held.error = 'conversion_not_accepted'
      AND held.payload IS NOT NULL
      AND held.deadline_at > $11
),
stopped AS (
    INSERT INTO delivery_consent_log (
        tenant_id, platform, event_id, kind, action, reason, attempts, at
    )
    SELECT tenant_id, $1, event_id, kind, 'stopped', error, attempts, $11
    FROM settled
    WHERE state = 'filtered' AND error IN ('consent_denied', 'suppressed')
)
INSERT INTO delivery_dlq (
    tenant_id, platform, event_id, kind, reason, error, attempts, created_at
)
SELECT tenant_id, $1, event_id, kind, state, error, attempts, $11
FROM settled
WHERE state IN ('rejected', 'unknown')
ON CONFLICT (tenant_id, platform, event_id, kind) DO UPDATE
SET reason = excluded.reason,
    error = excluded.error,
    attempts = excluded.attempts,
    created_at = excluded.created_at,
    replayed_at = NULL

-- log_attempts --
INSERT INTO capi_delivery_log (
    tenant_id, platform, event_id, kind, event_name, order_id, attempt, status, http_status,
    error, request_digest, response_digest, latency_ms, created_at
)
SELECT tenant_id, $1, event_id, kind, event_name, order_id, attempt, status, $9, error,
       $10, $11, $12, $13
FROM unnest(
    $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::text[], $14::text[]
) AS made (tenant_id, event_id, kind, event_name, order_id, attempt, status, error)

-- in_doubt --
SELECT tenant_id, event_id, kind, attempts, first_attempt_at, deadline_at, payload, leased_until
FROM deliveries
WHERE platform = $1
  AND state = 'sending'
  AND CASE WHEN $3 THEN lease_owner = $2 ELSE lease_owner <> $2 AND leased_until <= $4 END
ORDER BY deadline_at
LIMIT $5
FOR UPDATE SKIP LOCKED

-- note_openings --
INSERT INTO delivery_circuit_openings (tenant_id, platform, replica, opened_at, open_until)
SELECT tenant_id, $1, $2, opened_at, open_until
FROM unnest($3::text[], $4::timestamptz[], $5::timestamptz[]) AS o (tenant_id, opened_at, open_until)
ORDER BY tenant_id, opened_at
ON CONFLICT (tenant_id, platform, opened_at, replica) DO UPDATE SET open_until = excluded.open_until

-- abandon --
WITH orphans AS (
    SELECT held.tenant_id, held.event_id, held.kind, purchase.state = 'sent' AS is_superseded
    FROM deliveries AS held
    JOIN deliveries AS purchase
        ON purchase.platform = held.platform
        AND purchase.tenant_id = held.tenant_id
        AND purchase.event_id = held.after_event_id
        AND purchase.kind = 'event'
    WHERE held.platform = $1
      AND held.after_event_id IS NOT NULL
      AND held.state IN ('queued', 'parked')
      AND (
          purchase.state IN ('rejected', 'expired', 'unknown', 'filtered')
          OR (purchase.state = 'sent' AND held.kind = 'adjust' AND EXISTS (
              SELECT FROM deliveries AS newer
              WHERE newer.platform = $1
                AND newer.tenant_id = held.tenant_id
                AND newer.after_event_id = held.after_event_id
                AND newer.kind IN ('adjust', 'cancel')
                AND newer.turn > held.turn
                AND newer.state = 'sent'
          ))
      )
    LIMIT $3
    FOR UPDATE OF held SKIP LOCKED
)
UPDATE deliveries AS held
SET state = 'filtered',
    error = CASE
        WHEN orphans.is_superseded THEN 'superseded' ELSE 'conversion_not_accepted' END,
    finished_at = $2,
    published = false
FROM orphans
WHERE held.platform = $1
  AND held.tenant_id = orphans.tenant_id
  AND held.event_id = orphans.event_id
  AND held.kind = orphans.kind

-- expire --
WITH late AS (
    SELECT tenant_id, event_id, kind, after_event_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM deliveries AS purchase
        WHERE purchase.platform = $1
          AND purchase.tenant_id = waiting.tenant_id
          AND purchase.event_id = waiting.after_event_id
          AND purchase.kind = 'event'
          AND purchase.state = 'sent'
    ) AS follows_nothing
    FROM deliveries AS waiting
    WHERE platform = $1 AND state IN ('queued', 'parked') AND deadline_at <= $2
    ORDER BY deadline_at
    LIMIT $3
    FOR UPDATE SKIP LOCKED
),
ended AS (
    UPDATE deliveries AS held
    SET state = CASE
            WHEN late.follows_nothing THEN 'filtered'
            WHEN EXISTS (
                SELECT FROM capi_delivery_log AS made
                WHERE made.tenant_id = held.tenant_id
                  AND made.platform = held.platform
                  AND made.event_id = held.event_id
                  AND made.kind = held.kind
                  AND made.status = 'unknown'
            ) THEN 'unknown' ELSE 'expired' END,
        error = CASE
            WHEN late.follows_nothing THEN 'conversion_not_accepted' ELSE held.error END,
        finished_at = $2,
        published = false
    FROM late
    WHERE held.platform = $1
      AND held.tenant_id = late.tenant_id
      AND held.event_id = late.event_id
      AND held.kind = late.kind
    RETURNING held.tenant_id, held.event_id, held.kind, held.state, held.error, held.attempts
),
buried AS (
    INSERT INTO delivery_dlq (
        tenant_id, platform, event_id, kind, reason, error, attempts, created_at
    )
    SELECT tenant_id, $1, event_id, kind, state, error, attempts, $2 FROM ended
    WHERE state <> 'filtered'
    ON CONFLICT (tenant_id, platform, event_id, kind) DO UPDATE
    SET reason = excluded.reason,
        error = excluded.error,
        attempts = excluded.attempts,
        created_at = excluded.created_at,
        replayed_at = NULL
)
SELECT count(*) FROM ended

-- unpublished --
SELECT tenant_id, platform, event_id, kind, event_name, order_id, occurred_at, state, attempts,
       http_status, error, finished_at, payload ->> 'source' AS source,
       (payload ->> 'value')::bigint AS value, turn
FROM deliveries
WHERE finished_at IS NOT NULL AND NOT published
LIMIT $1
FOR UPDATE SKIP LOCKED

-- mark_published --
UPDATE deliveries AS told
SET published = true
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
    AS done (tenant_id, platform, event_id, kind)
WHERE told.tenant_id = done.tenant_id
  AND told.platform = done.platform
  AND told.event_id = done.event_id
  AND told.kind = done.kind

-- pending_counts --
SELECT platform, state, count(*) AS n
FROM deliveries
WHERE state IN ('queued', 'parked', 'sending')
GROUP BY platform, state
ORDER BY platform, state

-- dead_counts --
SELECT platform, reason, count(*) AS n
FROM delivery_dlq
WHERE replayed_at IS NULL
GROUP BY platform, reason
ORDER BY platform, reason

-- replayable --
SELECT held.tenant_id, held.platform, held.event_id, held.kind
FROM delivery_dlq AS dead
JOIN deliveries AS held USING (tenant_id, platform, event_id, kind)
WHERE dead.replayed_at IS NULL
  AND dead.reason = $1
  AND held.state = dead.reason
  AND held.payload IS NOT NULL
  AND ($2::text IS NULL OR dead.tenant_id = $2)
  AND ($3::text IS NULL OR dead.platform = $3)
  AND (
      $4::text[] IS NULL
      OR dead.event_id = ANY ($4)
      OR EXISTS (
          SELECT FROM pixel_events AS e
          WHERE e.tenant_id = held.tenant_id
            AND e.event_id = ANY ($4)
            AND held.event_id = attributary_platform_event_id(
                e.tenant_id, held.platform, e.event_type, e.event_id, e.order_source, e.order_id,
                e.checkout_id
            )
      )
  )
  AND ($5::text IS NULL OR dead.kind = $5)
ORDER BY held.occurred_at, held.tenant_id, held.platform, held.event_id, held.kind
LIMIT $6
FOR UPDATE OF held

-- requeue --
WITH chosen AS (
    SELECT *
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
        WITH ORDINALITY AS c (tenant_id, platform, event_id, kind, place)
),
again AS (
    UPDATE deliveries AS held
    SET state = 'queued',
        next_attempt_at = now() + chosen.place / $7::float8 * interval '1 second',
        deadline_at = held.occurred_at + accepted.ms * interval '1 millisecond',
        http_status = NULL,
        error = NULL,
        finished_at = NULL
    FROM chosen
    JOIN unnest($5::text[], $6::bigint[]) AS accepted (platform, ms) USING (platform)
    WHERE held.tenant_id = chosen.tenant_id
      AND held.platform = chosen.platform
      AND held.event_id = chosen.event_id
      AND held.kind = chosen.kind
    RETURNING held.tenant_id, held.platform, held.event_id, held.kind
)
UPDATE delivery_dlq AS dead
SET replayed_at = now()
FROM again
WHERE dead.tenant_id = again.tenant_id
  AND dead.platform = again.platform
  AND dead.event_id = again.event_id
  AND dead.kind = again.kind
