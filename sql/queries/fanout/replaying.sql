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
