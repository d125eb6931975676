CREATE VIEW attribution_coverage WITH (security_invoker = true) AS
SELECT
    o.tenant_id,
    o.date,
    count(*) AS orders,
    count(*) - count(o.reason) AS attributed,
    count(*) FILTER (WHERE o.reason = 'no_visitor') AS no_visitor,
    count(*) FILTER (WHERE o.reason = 'shared_ids') AS shared_ids,
    count(*) FILTER (WHERE o.reason = 'no_touch') AS no_touch,
    count(*) FILTER (WHERE o.reason = 'out_of_window') AS out_of_window,
    count(*) FILTER (WHERE o.reason LIKE 'pending%') AS pending,
    round((count(*) - count(o.reason))::numeric / count(*), 4) AS coverage
FROM (
    -- Computed ones by the date that journeys are ordered by, and why for those alone that lack touches.
    SELECT
        j.tenant_id,
        j.date,
        CASE WHEN r.state <> 'ready' OR c.state <> 'ready' THEN (
            SELECT u.unattributed_reason
            FROM attribution_unattributed_orders AS u
            WHERE u.tenant_id = j.tenant_id AND u.conversion_id = j.conversion_id
        ) END AS reason
    FROM journeys AS j
    JOIN credit_rows AS r USING (tenant_id, conversion_id)
    JOIN conversions AS c USING (tenant_id, conversion_id)
    WHERE attributary_is_told(c.gross, c.folded)
    UNION ALL
    SELECT t.tenant_id, day.date, 'pending_credit'
    FROM tenants AS t
    CROSS JOIN LATERAL attributary_days(
        (SELECT min(c.converted_at) FROM conversions AS c WHERE c.tenant_id = t.tenant_id),
        (SELECT max(c.converted_at) FROM conversions AS c WHERE c.tenant_id = t.tenant_id)
    ) AS day
    CROSS JOIN LATERAL (
        SELECT
        FROM conversions AS c
        LEFT JOIN LATERAL (
            SELECT true AS found FROM journeys AS j
            WHERE j.tenant_id = c.tenant_id AND j.conversion_id = c.conversion_id
            OFFSET 0
        ) AS j ON true
        WHERE c.tenant_id = t.tenant_id
            AND c.converted_at >= day.starts_at
            AND c.converted_at < day.ends_at
            AND attributary_is_told(c.gross, c.folded)
            AND j.found IS NULL
        OFFSET 0
    ) AS waiting
) AS o
GROUP BY o.tenant_id, o.date;

COMMENT ON VIEW attribution_coverage IS 'Share of each day''s orders that touches earned, and why the others are without. Example: SELECT date, coverage FROM attribution_coverage ORDER BY date DESC LIMIT 14.';
COMMENT ON COLUMN attribution_coverage.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_coverage.date IS 'The order''s date in the tenant''s time zone; in UTC until it was computed.';
COMMENT ON COLUMN attribution_coverage.orders IS 'All orders.';
COMMENT ON COLUMN attribution_coverage.attributed IS 'Orders with an eligible touch.';
COMMENT ON COLUMN attribution_coverage.no_visitor IS 'Orders without any id that joins.';
COMMENT ON COLUMN attribution_coverage.shared_ids IS 'Orders all of whose ids are quarantined.';
COMMENT ON COLUMN attribution_coverage.no_touch IS 'Orders of people without any touch.';
COMMENT ON COLUMN attribution_coverage.out_of_window IS 'Orders of people none of whose touches is eligible.';
COMMENT ON COLUMN attribution_coverage.pending IS 'Orders that wait for a snapshot, a rate or their computation.';
COMMENT ON COLUMN attribution_coverage.coverage IS 'Attributed by all orders, 0 to 1.';

GRANT SELECT ON attribution_coverage TO attributary_analyst, attributary_processor;
