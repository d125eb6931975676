-- touchpoints --
SELECT to_json(t) FROM attribution_touchpoints AS t
WHERE t.tenant_id = $1 AND t.anchor = ANY($2::text[])
ORDER BY t.occurred_at, t.touchpoint_id

-- pixel_events --
SELECT to_json(e) FROM pixel_events AS e
WHERE e.tenant_id = $1 AND e.anchor = ANY($2::text[])
ORDER BY e.occurred_at, e.event_id

-- orders --
SELECT json_build_object(
    'order', to_json(c),
    'versions', (
        SELECT json_agg(v ORDER BY v.version_at, v.content_hash) FROM order_versions AS v
        WHERE v.tenant_id = c.tenant_id AND v.conversion_id = c.conversion_id
    ),
    'refunds', (
        SELECT json_agg(r ORDER BY r.refund_id) FROM order_refunds AS r
        WHERE r.tenant_id = c.tenant_id AND r.conversion_id = c.conversion_id
    )
)
FROM conversions AS c
WHERE c.tenant_id = $1 AND c.conversion_id IN (
    SELECT n.conversion_id FROM conversion_nodes AS n
    WHERE n.tenant_id = $1 AND n.node = ANY($2::text[])
)
ORDER BY c.converted_at, c.conversion_id

-- conversions --
SELECT to_json(a) FROM attribution_conversions AS a
WHERE a.tenant_id = $1 AND a.conversion_id IN (
    SELECT n.conversion_id FROM conversion_nodes AS n
    WHERE n.tenant_id = $1 AND n.node = ANY($2::text[])
)
ORDER BY a.converted_at, a.conversion_id

-- credit --
SELECT to_json(r) FROM credit_rows AS r
WHERE r.tenant_id = $1 AND r.conversion_id IN (
    SELECT n.conversion_id FROM conversion_nodes AS n
    WHERE n.tenant_id = $1 AND n.node = ANY($2::text[])
)
ORDER BY r.conversion_id

-- journeys --
SELECT to_json(j) FROM journeys AS j
WHERE j.tenant_id = $1 AND j.conversion_id IN (
    SELECT n.conversion_id FROM conversion_nodes AS n
    WHERE n.tenant_id = $1 AND n.node = ANY($2::text[])
)
ORDER BY j.converted_at, j.conversion_id

-- survey_answers --
SELECT to_json(s) FROM survey_responses AS s
WHERE s.tenant_id = $1 AND s.conversion_id IN (
    SELECT n.conversion_id FROM conversion_nodes AS n
    WHERE n.tenant_id = $1 AND n.node = ANY($2::text[])
)
ORDER BY s.answered_at, s.response_id

-- links --
SELECT to_json(j) FROM identity_edges AS j
WHERE j.tenant_id = $1 AND (j.a = ANY($2::text[]) OR j.b = ANY($2::text[]))
ORDER BY j.a, j.b

-- unlinks --
SELECT to_json(u) FROM identity_unlinks AS u
WHERE u.tenant_id = $1 AND (u.a = ANY($2::text[]) OR u.b = ANY($2::text[]))
ORDER BY u.a, u.b

-- consent --
SELECT to_json(c) FROM consent_flags AS c
WHERE c.tenant_id = $1 AND c.node = ANY($2::text[])
ORDER BY c.node, c.flag

-- predictions --
SELECT to_json(p) FROM customer_ltv_predictions AS p
WHERE p.tenant_id = $1 AND p.person_id = ANY($2::text[])

-- deliveries --
WITH told AS (
    SELECT e.event_id FROM pixel_events AS e
    WHERE e.tenant_id = $1 AND e.anchor = ANY($2::text[])
),
theirs AS (
    SELECT c.source, c.order_id FROM conversions AS c
    JOIN conversion_nodes AS n USING (tenant_id, conversion_id)
    WHERE c.tenant_id = $1 AND n.node = ANY($2::text[])
)
SELECT json_build_object(
    'delivery', to_json(d),
    'attempts', (
        SELECT json_agg(l ORDER BY l.attempt, l.created_at) FROM capi_delivery_log AS l
        WHERE l.tenant_id = d.tenant_id AND l.platform = d.platform AND l.event_id = d.event_id
            AND l.kind = d.kind
    ),
    'consent_log', (
        SELECT json_agg(k ORDER BY k.at) FROM delivery_consent_log AS k
        WHERE k.tenant_id = d.tenant_id AND k.platform = d.platform AND k.event_id = d.event_id
            AND k.kind = d.kind
    ),
    'dead_letter', (
        SELECT to_json(q) FROM delivery_dlq AS q
        WHERE q.tenant_id = d.tenant_id AND q.platform = d.platform AND q.event_id = d.event_id
            AND q.kind = d.kind
    )
)
FROM deliveries AS d
WHERE d.tenant_id = $1 AND (
    d.source_event_id IN (SELECT event_id FROM told)
    OR (coalesce(d.order_source, 'api'), d.order_id) IN (SELECT source, order_id FROM theirs)
)
ORDER BY d.occurred_at, d.platform, d.event_id, d.kind

-- keys --
SELECT subject, key_id, key FROM person_keys WHERE tenant_id = $1 AND subject = ANY($2::text[])
