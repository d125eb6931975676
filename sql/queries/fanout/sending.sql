-- busy --
WITH RECURSIVE busy AS (
    (
        SELECT tenant_id, 1 AS place
        FROM deliveries
        WHERE platform = $1 AND state IN ('queued', 'parked') AND tenant_id > $2
        ORDER BY tenant_id
        LIMIT 1
    )
    UNION ALL
    SELECT later.tenant_id, busy.place + 1
    FROM busy
    CROSS JOIN LATERAL (
        SELECT tenant_id
        FROM deliveries
        WHERE platform = $1 AND state IN ('queued', 'parked') AND tenant_id > busy.tenant_id
        ORDER BY tenant_id
        LIMIT 1
    ) AS later
    WHERE busy.place < $3
)
SELECT tenant_id FROM busy ORDER BY tenant_id

-- due --
SELECT due.*
FROM unnest($2::text[], $3::int[]) WITH ORDINALITY AS turn (tenant_id, most, place)
CROSS JOIN LATERAL (
    SELECT tenant_id, event_id, kind, attempts, first_attempt_at, deadline_at, payload, apart,
           traceparent
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

-- doubted --
SELECT DISTINCT made.tenant_id, made.event_id, made.kind
FROM unnest($2::text[], $3::text[], $4::text[]) AS asked (tenant_id, event_id, kind)
JOIN capi_delivery_log AS made
    ON made.platform = $1
    AND made.tenant_id = asked.tenant_id
    AND made.event_id = asked.event_id
    AND made.kind = asked.kind
WHERE made.status = 'unknown'

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
UNION ALL
-- As attribution_settings says it, which as a whole would cost more to plan than all of this.
SELECT tenant_id, NULL, NULL, 'denied', NULL, NULL
FROM tenant_settings
WHERE tenant_id = ANY ($3::text[])
  AND key = 'consent_when_absent'
  AND lower(trim(value)) = 'denied'

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
    SELECT tenant_id, $1, event_id, kind, 'stopped', reason, attempts, $11
    FROM settled CROSS JOIN LATERAL split_part(error, ', after a request', 1) AS reason
    WHERE state IN ('filtered', 'unknown') AND reason IN ('consent_denied', 'suppressed')
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
    tenant_id, platform, event_id, kind, event_name, order_id, attempt, status, error,
    http_status, request_digest, response_digest, latency_ms, created_at
)
SELECT tenant_id, $1, event_id, kind, event_name, order_id, attempt, status, error,
       http_status, request_digest, response_digest, latency_ms, $14
FROM unnest(
    $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::text[], $9::text[],
    $10::int[], $11::text[], $12::text[], $13::int[]
) AS made (
    tenant_id, event_id, kind, event_name, order_id, attempt, status, error,
    http_status, request_digest, response_digest, latency_ms
)

-- in_doubt --
SELECT tenant_id, event_id, kind, attempts, first_attempt_at, deadline_at, payload, leased_until,
       apart, traceparent
FROM deliveries
WHERE platform = $1
  AND state = 'sending'
  AND CASE WHEN $3 THEN lease_owner = $2 ELSE lease_owner <> $2 AND leased_until <= $4 END
ORDER BY deadline_at
LIMIT $5
FOR UPDATE SKIP LOCKED
