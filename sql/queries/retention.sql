-- is_caught_up --
SELECT NOT EXISTS (
    SELECT FROM rebuild_ends AS e
    LEFT JOIN consumed_offsets AS c
        ON c.consumer_group = 'identity' AND c.topic = e.topic AND c.partition = e.partition
    WHERE coalesce(c.next_offset, 0) < e.end_offset
)

-- settings --
SELECT tenant_id, key, value::integer AS days
FROM tenant_settings
WHERE key = ANY ($1::text[]) AND value ~ '^[1-9]\d{0,3}$'
    AND ($2::text IS NULL OR tenant_id = $2)
ORDER BY tenant_id, key

-- count_touchpoints --
SELECT count(*) FROM attribution_touchpoints
WHERE tenant_id = $1 AND occurred_at < timestamptz 'epoch' + $2::bigint * interval '1 millisecond'

-- count_pixel_events --
SELECT count(*) FROM pixel_events
WHERE tenant_id = $1 AND occurred_at < timestamptz 'epoch' + $2::bigint * interval '1 millisecond'

-- count_payloads --
SELECT count(*) FROM deliveries
WHERE tenant_id = $1 AND state = 'sent'
    AND occurred_at < timestamptz 'epoch' + $2::bigint * interval '1 millisecond'

-- lock_graph --
-- Identity's own: nobody is joined while the page is judged.
SELECT pg_advisory_xact_lock(hashtextextended('attributary.graph.' || $1, 0))

-- touchpoints --
SELECT seen, gone, last
FROM attributary_retain_touchpoints(
    $1, timestamptz 'epoch' + $2::bigint * interval '1 millisecond', $3, $4, $5
)

-- pixel_events --
SELECT seen, gone, last
FROM attributary_retain_pixel_events(
    $1, timestamptz 'epoch' + $2::bigint * interval '1 millisecond', $3, $4, $5
)

-- payloads --
SELECT seen, gone, last
FROM attributary_retain_payloads(
    $1, timestamptz 'epoch' + $2::bigint * interval '1 millisecond', $3, $4, $5
)
