CREATE VIEW attribution_shadow_facts WITH (security_invoker = true) AS
SELECT
    c.tenant_id,
    c.run_id,
    c.basis,
    c.date,
    c.channel,
    c.platform,
    cell.place::integer AS cell,
    CASE WHEN c.side = 'production' THEN cell.touchpoints ELSE 0 END AS production_touchpoints,
    CASE WHEN c.side = 'production' THEN cell.conversions ELSE 0 END AS production_conversions,
    CASE WHEN c.side = 'production' THEN cell.revenue ELSE 0 END AS production_revenue,
    CASE WHEN c.side = 'shadow' THEN cell.touchpoints ELSE 0 END AS shadow_touchpoints,
    CASE WHEN c.side = 'shadow' THEN cell.conversions ELSE 0 END AS shadow_conversions,
    CASE WHEN c.side = 'shadow' THEN cell.revenue ELSE 0 END AS shadow_revenue
FROM shadow_cells c
CROSS JOIN LATERAL unnest(c.touchpoints, c.conversions, c.revenue)
    WITH ORDINALITY AS cell (touchpoints, conversions, revenue, place);
COMMENT ON VIEW attribution_shadow_facts IS 'What the views of a shadow replay add up: each cell of each side, 0 on the other. Example: SELECT date, sum(shadow_revenue - production_revenue) FROM attribution_shadow_facts WHERE tenant_id = ''demo'' AND run_id = ''...'' AND basis = ''cash'' AND cell = 1 GROUP BY date;';
COMMENT ON COLUMN attribution_shadow_facts.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_shadow_facts.run_id IS 'The run.';
COMMENT ON COLUMN attribution_shadow_facts.basis IS 'accrual: dated by the touch; cash: by the order.';
COMMENT ON COLUMN attribution_shadow_facts.date IS 'Date in the tenant''s time zone.';
COMMENT ON COLUMN attribution_shadow_facts.channel IS 'Channel; unattributed is what no touch earned.';
COMMENT ON COLUMN attribution_shadow_facts.platform IS 'Traffic platform.';
COMMENT ON COLUMN attribution_shadow_facts.cell IS 'Model and window, as in attribution_summary_facts.';
COMMENT ON COLUMN attribution_shadow_facts.production_touchpoints IS 'Pairs of touch and conversion under the standing settings.';
COMMENT ON COLUMN attribution_shadow_facts.production_conversions IS 'Credit in units of 1e-9 under the standing settings.';
COMMENT ON COLUMN attribution_shadow_facts.production_revenue IS 'Minor units of the reporting currency under the standing settings.';
COMMENT ON COLUMN attribution_shadow_facts.shadow_touchpoints IS 'Pairs of touch and conversion under the overrides.';
COMMENT ON COLUMN attribution_shadow_facts.shadow_conversions IS 'Credit in units of 1e-9 under the overrides.';
COMMENT ON COLUMN attribution_shadow_facts.shadow_revenue IS 'Minor units of the reporting currency under the overrides.';
GRANT SELECT ON attribution_shadow_facts TO attributary_analyst;
