-- For the scheduler, whose role sees none of the uploads: numbers, and no row of anybody's.
-- Dropped first: what a function returns cannot be replaced.
DROP FUNCTION IF EXISTS attributary_offline_matches(integer);
CREATE FUNCTION attributary_offline_matches(days integer)
RETURNS TABLE (tenant_id text, taken bigint, matched bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
WITH lately AS (
    SELECT o.tenant_id, o.batch_id FROM offline_reports AS o
    GROUP BY o.tenant_id, o.batch_id
    HAVING min(o.created_at) >= now() - days * interval '1 day'
),
taken AS (
    SELECT r.tenant_id, count(*) AS n
    FROM offline_rows AS r JOIN lately AS l ON l.tenant_id = r.tenant_id AND l.batch_id = r.batch_id
    GROUP BY r.tenant_id
),
-- EXISTS as a condition, so that a great batch is joined whole.
matched AS (
    SELECT r.tenant_id, count(*) AS n
    FROM offline_rows AS r
    JOIN lately AS l ON l.tenant_id = r.tenant_id AND l.batch_id = r.batch_id
    JOIN conversions AS c ON c.tenant_id = r.tenant_id AND c.conversion_id = r.conversion_id
    WHERE EXISTS (
        SELECT 1 FROM identity_nodes AS n
        JOIN attribution_touchpoints AS t ON t.tenant_id = n.tenant_id AND t.anchor = n.node
        WHERE n.tenant_id = c.tenant_id AND n.person_id = c.person_id AND NOT n.quarantined
    )
    GROUP BY r.tenant_id
)
SELECT t.tenant_id, t.n, coalesce(m.n, 0)
FROM taken AS t LEFT JOIN matched AS m ON m.tenant_id = t.tenant_id
$$;
COMMENT ON FUNCTION attributary_offline_matches(integer) IS 'By tenant: rows that were taken of the uploads of so many days, and those whose conversion has a person with at least one touch, as offline_conversion_batches counts them.';
REVOKE ALL ON FUNCTION attributary_offline_matches(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_offline_matches(integer) TO attributary_scheduler;
