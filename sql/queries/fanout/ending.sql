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
       (payload ->> 'value')::bigint AS value, turn, traceparent
FROM deliveries
WHERE finished_at IS NOT NULL AND NOT published
ORDER BY finished_at
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

-- expiring_counts --
SELECT platform, count(*) AS n
FROM deliveries
WHERE state IN ('queued', 'parked') AND deadline_at <= $1
GROUP BY platform
ORDER BY platform

-- pending_counts --
SELECT platform, state, count(*) AS n
FROM deliveries
WHERE state IN ('queued', 'parked', 'sending')
GROUP BY platform, state
ORDER BY platform, state
