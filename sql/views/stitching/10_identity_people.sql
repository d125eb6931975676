CREATE VIEW identity_people WITH (security_invoker = true) AS
SELECT
    p.tenant_id,
    p.person_id,
    p.ids,
    p.visitors,
    p.customers,
    p.emails,
    p.phones,
    p.external_ids,
    p.devices,
    (
        SELECT count(*)
        FROM identity_nodes AS n
        JOIN attribution_touchpoints AS t ON t.tenant_id = n.tenant_id AND t.anchor = n.node
        WHERE n.tenant_id = p.tenant_id AND n.person_id = p.person_id
    ) AS touches,
    (
        SELECT count(*) FROM conversions AS c
        WHERE c.tenant_id = p.tenant_id AND c.person_id = p.person_id
    ) AS conversions,
    (
        SELECT count(DISTINCT j.shared)
        FROM (
            SELECT CASE state WHEN 'quarantined_a' THEN a WHEN 'quarantined_b' THEN b END AS shared
            FROM identity_joins
            WHERE tenant_id = p.tenant_id AND person_id = p.person_id
        ) AS j
        WHERE j.shared <> p.person_id
    ) AS quarantined_ids,
    p.is_quarantined
FROM (
    SELECT
        tenant_id,
        person_id,
        count(*) AS ids,
        count(*) FILTER (WHERE node LIKE 'visitor:%') AS visitors,
        count(*) FILTER (WHERE node LIKE 'customer:%') AS customers,
        count(*) FILTER (WHERE node LIKE 'email:%') AS emails,
        count(*) FILTER (WHERE node LIKE 'phone:%') AS phones,
        count(*) FILTER (WHERE node LIKE 'external:%') AS external_ids,
        count(*) FILTER (WHERE node LIKE 'device:%') AS devices,
        bool_or(quarantined) AS is_quarantined
    FROM identity_nodes
    GROUP BY tenant_id, person_id
) AS p;

COMMENT ON VIEW identity_people IS 'One row a person: how many ids are joined, and what belongs to them. Ask for the counts of touches, conversions and quarantined ids of some people, not of all. Example: SELECT person_id, ids, visitors FROM identity_people WHERE tenant_id = ''demo'' ORDER BY ids DESC LIMIT 10.';
COMMENT ON COLUMN identity_people.tenant_id IS 'Tenant.';
COMMENT ON COLUMN identity_people.person_id IS 'Smallest id of the person, kind:value.';
COMMENT ON COLUMN identity_people.ids IS 'Ids that are joined.';
COMMENT ON COLUMN identity_people.visitors IS 'Of these browsers.';
COMMENT ON COLUMN identity_people.customers IS 'Of these customer ids.';
COMMENT ON COLUMN identity_people.emails IS 'Of these emails.';
COMMENT ON COLUMN identity_people.phones IS 'Of these phones.';
COMMENT ON COLUMN identity_people.external_ids IS 'Of these external ids.';
COMMENT ON COLUMN identity_people.devices IS 'Of these device ids.';
COMMENT ON COLUMN identity_people.touches IS 'Touches on these ids.';
COMMENT ON COLUMN identity_people.conversions IS 'Orders of the person.';
COMMENT ON COLUMN identity_people.quarantined_ids IS 'Shared ids that were seen with these and join nobody.';
COMMENT ON COLUMN identity_people.is_quarantined IS 'It is no person, but one shared id by itself; its touches belong to nobody.';

GRANT SELECT ON identity_people TO attributary_analyst, attributary_processor;
