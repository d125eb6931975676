CREATE VIEW identity_joins WITH (security_invoker = true) AS
SELECT
    j.tenant_id,
    j.person_id,
    j.a,
    j.b,
    split_part(j.reason, ' ', 1) AS reason_topic,
    substr(j.reason, strpos(j.reason, ' ') + 1) AS reason_event_id,
    CASE
        WHEN NOT coalesce(u.linked, true) THEN 'unlinked'
        WHEN j.quarantined_a THEN 'quarantined_a'
        WHEN j.quarantined_b THEN 'quarantined_b'
        WHEN j.person_id = j.other_person_id THEN 'joined'
        ELSE 'pending'
    END AS state,
    j.other_person_id
FROM (
    SELECT e.tenant_id, na.person_id, e.a, e.b, e.reason, nb.person_id AS other_person_id,
        na.quarantined AS quarantined_a, nb.quarantined AS quarantined_b
    FROM identity_nodes AS na
    JOIN identity_edges AS e ON e.tenant_id = na.tenant_id AND e.a = na.node
    JOIN identity_nodes AS nb ON nb.tenant_id = e.tenant_id AND nb.node = e.b
    UNION ALL
    SELECT e.tenant_id, nb.person_id, e.a, e.b, e.reason, na.person_id AS other_person_id,
        na.quarantined, nb.quarantined
    FROM identity_nodes AS nb
    JOIN identity_edges AS e ON e.tenant_id = nb.tenant_id AND e.b = nb.node
    JOIN identity_nodes AS na ON na.tenant_id = e.tenant_id AND na.node = e.a
    WHERE na.person_id <> nb.person_id
) AS j
LEFT JOIN identity_unlinks AS u ON u.tenant_id = j.tenant_id AND u.a = j.a AND u.b = j.b;

COMMENT ON VIEW identity_joins IS 'Why two ids are one person, or why not: every two ids that one record carried. What joins is one row; what is cut is one row for each of the two people. Example: SELECT a, b, reason_topic, reason_event_id, state FROM identity_joins WHERE tenant_id = ''demo'' AND person_id = (SELECT person_id FROM attribution_conversions WHERE tenant_id = ''demo'' AND order_id = ''1001'').';
COMMENT ON COLUMN identity_joins.tenant_id IS 'Tenant.';
COMMENT ON COLUMN identity_joins.person_id IS 'The person that one of the two ids belongs to.';
COMMENT ON COLUMN identity_joins.a IS 'The smaller id, kind:value.';
COMMENT ON COLUMN identity_joins.b IS 'The greater id, kind:value.';
COMMENT ON COLUMN identity_joins.reason_topic IS 'Topic of the record that showed the two together.';
COMMENT ON COLUMN identity_joins.reason_event_id IS 'Event id of that record, or source/order id of an order; of several the one that came first to this database.';
COMMENT ON COLUMN identity_joins.state IS 'joined; unlinked (by an operator); quarantined_a or quarantined_b (that id is shared by too many to join anybody); pending (not computed yet).';
COMMENT ON COLUMN identity_joins.other_person_id IS 'The person that the other id belongs to: the same when it is joined, or unlinked and joined on another way.';

GRANT SELECT ON identity_joins TO attributary_analyst, attributary_processor;
