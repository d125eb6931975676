CREATE VIEW identity_quarantine WITH (security_invoker = true) AS
SELECT
    q.tenant_id,
    q.node,
    split_part(q.node, ':', 1) AS kind,
    substr(q.node, strpos(q.node, ':') + 1) AS value,
    near.neighbours,
    s.identity_fan_in_cap AS cap,
    near.would_join,
    near.people,
    (
        SELECT count(*) FROM attribution_touchpoints AS t
        WHERE t.tenant_id = q.tenant_id AND t.anchor = q.node
    ) AS touches
FROM identity_nodes AS q
LEFT JOIN attribution_settings AS s ON s.tenant_id = q.tenant_id
CROSS JOIN LATERAL (
    SELECT
        count(*) AS neighbours,
        count(*) FILTER (WHERE coalesce(u.linked, true) AND NOT n.quarantined) AS would_join,
        count(DISTINCT n.person_id)
            FILTER (WHERE coalesce(u.linked, true) AND NOT n.quarantined) AS people
    FROM (
        SELECT e.a, e.b, e.b AS other FROM identity_edges AS e
        WHERE e.tenant_id = q.tenant_id AND e.a = q.node
        UNION ALL
        SELECT e.a, e.b, e.a FROM identity_edges AS e
        WHERE e.tenant_id = q.tenant_id AND e.b = q.node
    ) AS beside
    LEFT JOIN identity_nodes AS n ON n.tenant_id = q.tenant_id AND n.node = beside.other
    LEFT JOIN identity_unlinks AS u
        ON u.tenant_id = q.tenant_id AND u.a = beside.a AND u.b = beside.b
) AS near
WHERE q.quarantined;

COMMENT ON VIEW identity_quarantine IS 'Every id that is shared by too many to join anybody. Example: SELECT kind, value, neighbours, cap, would_join FROM identity_quarantine ORDER BY neighbours DESC LIMIT 20.';
COMMENT ON COLUMN identity_quarantine.tenant_id IS 'Tenant.';
COMMENT ON COLUMN identity_quarantine.node IS 'The shared id, kind:value.';
COMMENT ON COLUMN identity_quarantine.kind IS 'visitor, customer, email, phone, external or device.';
COMMENT ON COLUMN identity_quarantine.value IS 'The id; emails and phones are SHA-256 hashes.';
COMMENT ON COLUMN identity_quarantine.neighbours IS 'Distinct ids that were seen with it.';
COMMENT ON COLUMN identity_quarantine.cap IS 'The tenant''s identity_fan_in_cap, which that is more than.';
COMMENT ON COLUMN identity_quarantine.would_join IS 'Of these the ids that it would have joined: not cut by an operator, nor shared by too many themselves.';
COMMENT ON COLUMN identity_quarantine.people IS 'People that it would have made one.';
COMMENT ON COLUMN identity_quarantine.touches IS 'Touches on the id itself, which belong to nobody.';

GRANT SELECT ON identity_quarantine TO attributary_analyst, attributary_processor;
