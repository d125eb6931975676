CREATE VIEW attribution_coverage WITH (security_invoker = true) AS
SELECT
    c.tenant_id,
    coalesce(r.date, (c.converted_at AT TIME ZONE 'UTC')::date) AS date,
    count(*) AS orders,
    count(*) - count(u.conversion_id) AS attributed,
    count(*) FILTER (WHERE u.unattributed_reason = 'no_visitor') AS no_visitor,
    count(*) FILTER (WHERE u.unattributed_reason = 'shared_ids') AS shared_ids,
    count(*) FILTER (WHERE u.unattributed_reason = 'no_touch') AS no_touch,
    count(*) FILTER (WHERE u.unattributed_reason = 'out_of_window') AS out_of_window,
    count(*) FILTER (WHERE u.unattributed_reason LIKE 'pending%') AS pending,
    round((count(*) - count(u.conversion_id))::numeric / count(*), 4) AS coverage
FROM conversions AS c
LEFT JOIN credit_rows AS r USING (tenant_id, conversion_id)
LEFT JOIN attribution_unattributed_orders AS u USING (tenant_id, conversion_id)
WHERE attributary_is_told(c.gross, c.folded)
GROUP BY c.tenant_id, coalesce(r.date, (c.converted_at AT TIME ZONE 'UTC')::date);

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
