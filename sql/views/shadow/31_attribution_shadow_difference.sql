CREATE VIEW attribution_shadow_difference WITH (security_invoker = true) AS
SELECT
    grouped.tenant_id,
    grouped.run_id,
    grouped.channel,
    grouped.platform,
    attributary_model(grouped.cell) AS model,
    attributary_window(grouped.cell) AS attribution_window,
    grouped.production_conversions * 0.000000001 AS production_conversions,
    grouped.shadow_conversions * 0.000000001 AS shadow_conversions,
    (grouped.shadow_conversions - grouped.production_conversions) * 0.000000001 AS conversions_difference,
    grouped.production_revenue * attributary_unit(s.currency) AS production_revenue,
    grouped.shadow_revenue * attributary_unit(s.currency) AS shadow_revenue,
    (grouped.shadow_revenue - grouped.production_revenue) * attributary_unit(s.currency) AS revenue_difference,
    round((grouped.shadow_revenue - grouped.production_revenue)
        / nullif(grouped.production_revenue, 0), 6) AS relative_change
FROM (
    SELECT
        f.tenant_id,
        f.run_id,
        f.channel,
        f.platform,
        f.cell,
        sum(f.production_touchpoints) + sum(f.shadow_touchpoints) AS touchpoints,
        sum(f.production_conversions) AS production_conversions,
        sum(f.shadow_conversions) AS shadow_conversions,
        sum(f.production_revenue) AS production_revenue,
        sum(f.shadow_revenue) AS shadow_revenue
    FROM attribution_shadow_facts f
    -- Without dates both bases add up to the same, and that of the order has fewer cells.
    WHERE f.basis = 'cash'
    GROUP BY f.tenant_id, f.run_id, f.channel, f.platform, f.cell
) AS grouped
JOIN shadow_runs s ON s.tenant_id = grouped.tenant_id AND s.run_id = grouped.run_id
WHERE (grouped.touchpoints, grouped.production_conversions, grouped.shadow_conversions,
    grouped.production_revenue, grouped.shadow_revenue) <> (0, 0, 0, 0, 0);
COMMENT ON VIEW attribution_shadow_difference IS 'What a shadow replay would change, by channel, over all of its window. Example: SELECT channel, production_revenue, shadow_revenue, relative_change FROM attribution_shadow_difference WHERE tenant_id = ''demo'' AND run_id = ''...'' AND model = ''time_decay'' AND attribution_window = ''30d'' ORDER BY revenue_difference;';
COMMENT ON COLUMN attribution_shadow_difference.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_shadow_difference.run_id IS 'The run.';
COMMENT ON COLUMN attribution_shadow_difference.channel IS 'Channel; unattributed is revenue that no touch earned.';
COMMENT ON COLUMN attribution_shadow_difference.platform IS 'Traffic platform.';
COMMENT ON COLUMN attribution_shadow_difference.model IS 'Model.';
COMMENT ON COLUMN attribution_shadow_difference.attribution_window IS '1d, 3d, 7d, 14d, 28d, 30d, 90d or ltv (365 days).';
COMMENT ON COLUMN attribution_shadow_difference.production_conversions IS 'Sum of credit under the standing settings.';
COMMENT ON COLUMN attribution_shadow_difference.shadow_conversions IS 'Sum of credit under the overrides.';
COMMENT ON COLUMN attribution_shadow_difference.conversions_difference IS 'Shadow less production.';
COMMENT ON COLUMN attribution_shadow_difference.production_revenue IS 'Attributed net revenue under the standing settings, in the reporting currency.';
COMMENT ON COLUMN attribution_shadow_difference.shadow_revenue IS 'Attributed net revenue under the overrides, in the reporting currency.';
COMMENT ON COLUMN attribution_shadow_difference.revenue_difference IS 'Shadow less production; over all channels of a model and window it adds up to 0, but for a custom model that one side alone has.';
COMMENT ON COLUMN attribution_shadow_difference.relative_change IS 'The difference as a share of production''s revenue, 0.05 being 5 % more; null where production has none.';
GRANT SELECT ON attribution_shadow_difference TO attributary_analyst;
