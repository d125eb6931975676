-- unsettled_edges --
SELECT e.tenant_id, e.a, e.b
FROM identity_edges AS e
JOIN unnest($1::text[], $2::text[], $3::text[]) AS seen (tenant_id, a, b) USING (tenant_id, a, b)
WHERE NOT e.settled

-- lock_graphs --
SELECT pg_advisory_xact_lock(wanted.lock)
FROM (
    SELECT hashtextextended('attributary.graph.' || tenant_id, 0) AS lock
    FROM unnest($1::text[]) AS given (tenant_id)
    ORDER BY tenant_id
) AS wanted

-- fan_in_caps --
SELECT tenant_id, identity_fan_in_cap FROM attribution_settings WHERE tenant_id = ANY($1::text[])

-- edge_ends --
SELECT n.tenant_id, n.node, n.person_id, n.quarantined,
    (
        SELECT count(*) FROM (
            SELECT 1 FROM identity_edges AS e WHERE e.tenant_id = n.tenant_id AND e.a = n.node
            UNION ALL
            SELECT 1 FROM identity_edges AS e WHERE e.tenant_id = n.tenant_id AND e.b = n.node
            LIMIT seen.most
        ) AS beside
    ) AS neighbours
FROM unnest($1::text[], $2::text[], $3::bigint[]) AS seen (tenant_id, node, most)
JOIN identity_nodes AS n USING (tenant_id, node)

-- cut_edges --
SELECT u.tenant_id, u.a, u.b
FROM identity_unlinks AS u
JOIN unnest($1::text[], $2::text[], $3::text[]) AS seen (tenant_id, a, b) USING (tenant_id, a, b)
WHERE NOT u.linked

-- move_people --
UPDATE identity_nodes AS n
SET person_id = changed.person_id
FROM unnest($1::text[], $2::text[], $3::text[]) AS changed (tenant_id, old_person_id, person_id)
WHERE n.tenant_id = changed.tenant_id AND n.person_id = changed.old_person_id AND NOT n.quarantined
RETURNING n.tenant_id, n.node

-- component_members --
SELECT m.node, m.person_id, m.quarantined
FROM identity_nodes AS m
WHERE m.tenant_id = $1 AND m.person_id IN (
    SELECT s.person_id FROM identity_nodes AS s
    WHERE s.tenant_id = $1 AND s.node = ANY($2::text[]) AND NOT s.quarantined
)

-- recapped_members --
WITH over AS (
    SELECT ends.node
    FROM (
        SELECT e.a AS node FROM identity_edges AS e WHERE e.tenant_id = $1
        UNION ALL
        SELECT e.b FROM identity_edges AS e WHERE e.tenant_id = $1
    ) AS ends
    GROUP BY ends.node
    HAVING count(*) > $2
),
freed AS (
    SELECT n.node FROM identity_nodes AS n
    WHERE n.tenant_id = $1 AND n.quarantined AND n.node NOT IN (SELECT o.node FROM over AS o)
),
seeds AS (
    SELECT f.node FROM freed AS f
    UNION
    SELECT e.b FROM freed AS f JOIN identity_edges AS e ON e.tenant_id = $1 AND e.a = f.node
    UNION
    SELECT e.a FROM freed AS f JOIN identity_edges AS e ON e.tenant_id = $1 AND e.b = f.node
    UNION
    SELECT o.node
    FROM over AS o
    JOIN identity_nodes AS n ON n.tenant_id = $1 AND n.node = o.node
    WHERE NOT n.quarantined
)
SELECT m.node, m.person_id, m.quarantined
FROM identity_nodes AS m
WHERE m.tenant_id = $1 AND m.person_id IN (
    SELECT n.person_id
    FROM seeds AS s
    JOIN identity_nodes AS n ON n.tenant_id = $1 AND n.node = s.node
)

-- component_edges --
SELECT e.a, e.b, coalesce(u.linked, true) AS linked
FROM identity_edges AS e
LEFT JOIN identity_unlinks AS u USING (tenant_id, a, b)
WHERE e.tenant_id = $1 AND e.a = ANY($2::text[])
UNION
SELECT e.a, e.b, coalesce(u.linked, true)
FROM identity_edges AS e
LEFT JOIN identity_unlinks AS u USING (tenant_id, a, b)
WHERE e.tenant_id = $1 AND e.b = ANY($2::text[])

-- update_links --
UPDATE identity_nodes AS n
SET person_id = changed.person_id, quarantined = changed.quarantined
FROM unnest($2::text[], $3::text[], $4::boolean[]) AS changed (node, person_id, quarantined)
WHERE n.tenant_id = $1 AND n.node = changed.node

-- settle_edges --
UPDATE identity_edges AS e SET settled = true
FROM unnest($1::text[], $2::text[], $3::text[]) AS done (tenant_id, a, b)
WHERE e.tenant_id = done.tenant_id AND e.a = done.a AND e.b = done.b AND NOT e.settled

-- links --
SELECT n.tenant_id, n.node, n.person_id, n.quarantined
FROM identity_nodes AS n
JOIN unnest($1::text[], $2::text[]) AS wanted (tenant_id, node) USING (tenant_id, node)
