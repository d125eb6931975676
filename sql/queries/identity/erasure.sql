-- lock_erasures --
SELECT CASE
    WHEN wanted.alone THEN pg_advisory_xact_lock(wanted.lock)::text
    ELSE pg_advisory_xact_lock_shared(wanted.lock)::text
END
FROM (
    SELECT alone, hashtextextended('attributary.erasures.' || tenant_id, 0) AS lock
    FROM unnest($1::text[], $2::boolean[]) AS given (tenant_id, alone)
    ORDER BY tenant_id
) AS wanted

-- erasure_turns --
SELECT tenant_id, turn FROM erasure_turns WHERE tenant_id = ANY($1::text[])

-- next_turn --
INSERT INTO erasure_turns AS t (tenant_id, turn) VALUES ($1, 1)
ON CONFLICT (tenant_id) DO UPDATE SET turn = t.turn + 1

-- erased_ids --
SELECT e.tenant_id, e.subject, e.erased_at
FROM erased_ids AS e
JOIN unnest($1::text[], $2::text[]) AS wanted (tenant_id, subject) USING (tenant_id, subject)

-- erased_records --
SELECT e.tenant_id, e.record_id, e.occurred_at
FROM erased_records AS e
JOIN unnest($1::text[], $2::text[]) AS wanted (tenant_id, record_id) USING (tenant_id, record_id)

-- insert_erased_ids --
INSERT INTO erased_ids AS e (tenant_id, subject, erased_at)
SELECT $1, subject, erased_at FROM unnest($2::text[], $3::bigint[]) AS new (subject, erased_at)
ON CONFLICT (tenant_id, subject) DO UPDATE
    SET erased_at = excluded.erased_at WHERE excluded.erased_at > e.erased_at

-- insert_erased_records --
INSERT INTO erased_records AS e (tenant_id, record_id, occurred_at)
SELECT $1, record_id, occurred_at
FROM unnest($2::text[], $3::bigint[]) AS new (record_id, occurred_at)
ON CONFLICT (tenant_id, record_id) DO UPDATE
    SET occurred_at = excluded.occurred_at WHERE excluded.occurred_at < e.occurred_at

-- nodes_of_subjects --
-- Reads every id of the tenant: an index on the hash would cost every new id, and an erasure is rare.
SELECT n.node, n.quarantined, wanted.erased_at
FROM identity_nodes AS n
JOIN unnest($2::text[], $3::bigint[]) AS wanted (subject, erased_at)
    ON wanted.subject = encode(sha256(convert_to($1::text || '|' || n.node, 'UTF8')), 'hex')
WHERE n.tenant_id = $1

-- forget_consents --
DELETE FROM consent_flags AS c
USING unnest($2::text[], $3::bigint[]) AS gone (subject, erased_at)
WHERE c.tenant_id = $1 AND c.issued_at <= gone.erased_at
    AND encode(sha256(convert_to($1::text || '|' || c.node, 'UTF8')), 'hex') = gone.subject

-- forget_unlinks --
DELETE FROM identity_unlinks AS u
USING unnest($2::text[], $3::bigint[]) AS gone (subject, erased_at)
WHERE u.tenant_id = $1 AND u.issued_at <= gone.erased_at
    AND gone.subject IN (
        encode(sha256(convert_to($1::text || '|' || u.a, 'UTF8')), 'hex'),
        encode(sha256(convert_to($1::text || '|' || u.b, 'UTF8')), 'hex')
    )
RETURNING u.a, u.b

-- neighbours --
SELECT e.b AS node FROM identity_edges AS e WHERE e.tenant_id = $1 AND e.a = ANY($2::text[])
UNION
SELECT e.a FROM identity_edges AS e WHERE e.tenant_id = $1 AND e.b = ANY($2::text[])

-- quarantined_of --
SELECT n.node,
    (
        SELECT count(*) FROM (
            SELECT 1 FROM identity_edges AS e WHERE e.tenant_id = $1 AND e.a = n.node
            UNION ALL
            SELECT 1 FROM identity_edges AS e WHERE e.tenant_id = $1 AND e.b = n.node
            LIMIT $3
        ) AS beside
    ) AS neighbours
FROM identity_nodes AS n
WHERE n.tenant_id = $1 AND n.quarantined AND n.node = ANY($2::text[])

-- touches_of --
SELECT
    t.touchpoint_id, t.event_id,
    (extract(epoch FROM t.occurred_at) * 1000)::bigint AS occurred_at,
    (extract(epoch FROM t.received_at) * 1000)::bigint AS received_at,
    array_remove(ARRAY[
        'visitor:' || t.visitor_id, 'customer:' || t.customer_id, 'email:' || t.email_hash,
        'phone:' || (t.ids ->> 'phone_sha256'), 'external:' || (t.ids ->> 'external_id'),
        'device:' || (t.ids ->> 'device_id')
    ], NULL) AS nodes
FROM attribution_touchpoints AS t
WHERE t.tenant_id = $1 AND (t.anchor = ANY($2::text[]) OR t.touchpoint_id = ANY($3::text[]))

-- events_of --
SELECT e.raw_data::text AS event
FROM pixel_events AS e
WHERE e.tenant_id = $1 AND (e.anchor = ANY($2::text[]) OR e.event_id = ANY($3::text[]))

-- answers_of --
SELECT DISTINCT e.raw_data::text AS event
FROM survey_responses AS s
JOIN pixel_events AS e
    ON e.tenant_id = s.tenant_id AND e.order_id = s.order_id AND e.source = 'survey'
WHERE s.tenant_id = $1 AND s.conversion_id = ANY($2::text[])

-- orders_of --
SELECT DISTINCT conversion_id FROM conversion_nodes
WHERE tenant_id = $1 AND node = ANY($2::text[])

-- delete_events --
DELETE FROM pixel_events WHERE tenant_id = $1 AND event_id = ANY($2::text[])

-- delete_answers --
DELETE FROM survey_responses
WHERE tenant_id = $1 AND (conversion_id = ANY($2::text[]) OR content_hash = ANY($3::text[]))

-- strip_versions --
UPDATE order_versions AS v
SET snapshot = stripped.snapshot::jsonb
FROM unnest($2::text[], $3::text[], $4::text[]) AS stripped (conversion_id, content_hash, snapshot)
WHERE v.tenant_id = $1 AND v.conversion_id = stripped.conversion_id
    AND v.content_hash = stripped.content_hash

-- delete_conversion_nodes --
DELETE FROM conversion_nodes WHERE tenant_id = $1 AND conversion_id = ANY($2::text[])

-- edges_of --
SELECT a, b FROM identity_edges WHERE tenant_id = $1 AND a = ANY($2::text[])
UNION
SELECT a, b FROM identity_edges WHERE tenant_id = $1 AND b = ANY($2::text[])

-- delete_edges --
DELETE FROM identity_edges AS e
USING unnest($2::text[], $3::text[]) AS gone (a, b)
WHERE e.tenant_id = $1 AND e.a = gone.a AND e.b = gone.b

-- delete_nodes --
DELETE FROM identity_nodes WHERE tenant_id = $1 AND node = ANY($2::text[])
