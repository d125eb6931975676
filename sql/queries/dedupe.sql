-- epoch --
SELECT epoch::text FROM database_epoch

-- is_caught_up --
SELECT NOT EXISTS (
    SELECT FROM rebuild_ends e
    LEFT JOIN consumed_offsets c
        ON c.consumer_group = 'identity' AND c.topic = e.topic AND c.partition = e.partition
    WHERE coalesce(c.next_offset, 0) < e.end_offset
)

-- routes --
SELECT
    s.tenant_id, s.consent_when_absent, s.bot_policy,
    coalesce(array_agg(c.platform ORDER BY c.platform) FILTER (WHERE c.enabled), '{}') AS platforms
FROM attribution_settings s
LEFT JOIN platform_connections c ON c.tenant_id = s.tenant_id
WHERE s.tenant_id = ANY ($1::text[])
GROUP BY s.tenant_id, s.consent_when_absent, s.bot_policy

-- orders --
SELECT tenant_id, conversion_id, c.person_id, c.converted_at, c.folded::text AS folded,
    c.status, c.refunded, c.net,
    ARRAY(
        SELECT DISTINCT r.platform
        FROM offline_rows r
        WHERE r.tenant_id = c.tenant_id AND r.conversion_id = c.conversion_id
            AND r.platform IS NOT NULL
    ) AS destinations
FROM unnest($1::text[], $2::text[]) AS wanted (tenant_id, conversion_id)
JOIN conversions c USING (tenant_id, conversion_id)
WHERE c.deliverable

-- persons --
SELECT tenant_id, node, n.person_id
FROM unnest($1::text[], $2::text[]) AS wanted (tenant_id, node)
JOIN identity_nodes n USING (tenant_id, node)
WHERE EXISTS (SELECT FROM consent_flags d WHERE d.tenant_id = wanted.tenant_id)

-- decisions --
SELECT tenant_id, person_id, d.flag, d.value, d.issued_at, d.command_id
FROM unnest($1::text[], $2::text[]) AS wanted (tenant_id, person_id)
JOIN identity_nodes n USING (tenant_id, person_id)
JOIN consent_flags d USING (tenant_id, node)

-- chat_clicks --
SELECT wanted.place, click.ctwa_clid
FROM unnest($1::int[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
    AS wanted (place, tenant_id, person_id, since, until)
CROSS JOIN LATERAL (
    SELECT t.ctwa_clid
    FROM identity_nodes own
    JOIN identity_nodes n ON n.tenant_id = own.tenant_id AND n.person_id = own.person_id
    JOIN attribution_touchpoints t ON t.tenant_id = n.tenant_id AND t.anchor = n.node
    WHERE own.tenant_id = wanted.tenant_id AND own.node = wanted.person_id
        AND NOT own.quarantined AND NOT n.quarantined
        AND t.touchpoint_type = 'click' AND t.ctwa_clid IS NOT NULL
        AND t.occurred_at BETWEEN wanted.since AND wanted.until
    ORDER BY t.occurred_at DESC, t.touchpoint_id DESC
    LIMIT 1
) AS click

-- claim --
INSERT INTO dedupe_keys (
    tenant_id, platform, event_id, kind, source_topic, source_partition, source_offset, first_seen,
    conversion_id, amount, turn
)
SELECT *
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::bigint[],
    $8::timestamptz[], $9::text[], $10::bigint[], $11::int[]
) AS fresh (
    tenant_id, platform, event_id, kind, source_topic, source_partition, source_offset, first_seen,
    conversion_id, amount, turn
)
ORDER BY
    tenant_id COLLATE "C", platform COLLATE "C", event_id COLLATE "C", kind COLLATE "C"
ON CONFLICT (tenant_id, platform, event_id, kind) DO NOTHING
RETURNING tenant_id, platform, event_id, kind

-- owners --
SELECT tenant_id, platform, event_id, kind, k.source_topic, k.source_partition, k.source_offset
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
    AS wanted (tenant_id, platform, event_id, kind)
JOIN dedupe_keys k USING (tenant_id, platform, event_id, kind)

-- withheld --
SELECT tenant_id, platform, event_id, kind
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
    AS asked (tenant_id, platform, event_id, kind)
JOIN deliveries d USING (tenant_id, platform, event_id, kind)
WHERE d.state = 'filtered' AND d.error IN ('consent_denied', 'suppressed')

-- hold --
SELECT k.tenant_id, k.platform, k.event_id, k.kind
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
    AS wanted (tenant_id, platform, event_id, kind, conversion_id)
JOIN dedupe_keys k USING (tenant_id, platform, event_id, kind)
JOIN conversions c ON c.tenant_id = k.tenant_id AND c.conversion_id = wanted.conversion_id
WHERE c.refunded > 0 OR c.status IN ('cancelled', 'refunded') OR EXISTS (
    SELECT FROM dedupe_keys told
    WHERE told.tenant_id = k.tenant_id AND told.conversion_id = wanted.conversion_id
)
ORDER BY
    k.tenant_id COLLATE "C", k.platform COLLATE "C", k.event_id COLLATE "C", k.kind COLLATE "C"
FOR UPDATE OF k

-- histories --
SELECT
    tenant_id, conversion_id, v.version_at, v.snapshot ->> 'status' AS status,
    (v.snapshot ->> 'refunded')::bigint AS refunded, (v.snapshot -> 'refunds')::text AS refunds
FROM unnest($1::text[], $2::text[]) AS wanted (tenant_id, conversion_id)
JOIN conversions c USING (tenant_id, conversion_id)
JOIN order_versions v USING (tenant_id, conversion_id)
WHERE c.deliverable AND (c.refunded > 0 OR c.status IN ('cancelled', 'refunded'))

-- retracted --
SELECT
    tenant_id, conversion_id, k.platform, k.event_id, k.kind, k.source_topic, k.source_partition,
    k.source_offset, k.amount, k.first_seen, k.turn
FROM unnest($1::text[], $2::text[]) AS wanted (tenant_id, conversion_id)
JOIN dedupe_keys k USING (tenant_id, conversion_id)
ORDER BY tenant_id, conversion_id, k.platform, k.event_id, k.kind

-- contributions --
SELECT wanted.place, seen.raw_data::text AS event
FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[])
    AS wanted (place, tenant_id, source, order_id, checkout_id)
CROSS JOIN LATERAL (
    SELECT own.raw_data, own.event_type, own.occurred_at, own.event_id
    FROM (
        SELECT e.raw_data, e.event_type, e.occurred_at, e.event_id
        FROM pixel_events e
        WHERE e.tenant_id = wanted.tenant_id AND e.order_id = wanted.order_id
            AND coalesce(e.order_source, 'api') = wanted.source
            AND e.source <> 'survey'
        UNION ALL
        SELECT e.raw_data, e.event_type, e.occurred_at, e.event_id
        FROM pixel_events e
        WHERE e.tenant_id = wanted.tenant_id AND e.checkout_id = wanted.checkout_id
            AND e.order_id IS DISTINCT FROM wanted.order_id
    ) AS own
    ORDER BY own.event_type = 'Purchase' DESC, own.occurred_at, own.event_id
    LIMIT 10
) AS seen
ORDER BY wanted.place, seen.event_type = 'Purchase' DESC, seen.occurred_at, seen.event_id
