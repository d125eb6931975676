CREATE VIEW attribution_shadow_summary WITH (security_invoker = true) AS
SELECT
    grouped.tenant_id,
    grouped.run_id,
    grouped.basis,
    grouped.date,
    grouped.channel,
    grouped.platform,
    attributary_model(grouped.cell) AS model,
    attributary_window(grouped.cell) AS attribution_window,
    grouped.touchpoints,
    grouped.conversions * 0.000000001 AS conversions,
    grouped.revenue * attributary_unit(s.currency) AS revenue,
    grouped.production_touchpoints,
    grouped.production_conversions * 0.000000001 AS production_conversions,
    grouped.production_revenue * attributary_unit(s.currency) AS production_revenue
FROM (
    SELECT
        f.tenant_id,
        f.run_id,
        f.basis,
        f.date,
        f.channel,
        f.platform,
        f.cell,
        sum(f.shadow_touchpoints)::bigint AS touchpoints,
        sum(f.shadow_conversions) AS conversions,
        sum(f.shadow_revenue) AS revenue,
        sum(f.production_touchpoints)::bigint AS production_touchpoints,
        sum(f.production_conversions) AS production_conversions,
        sum(f.production_revenue) AS production_revenue
    FROM attribution_shadow_facts f
    GROUP BY f.tenant_id, f.run_id, f.basis, f.date, f.channel, f.platform, f.cell
) AS grouped
JOIN shadow_runs s ON s.tenant_id = grouped.tenant_id AND s.run_id = grouped.run_id
WHERE (grouped.touchpoints, grouped.conversions, grouped.revenue, grouped.production_touchpoints,
    grouped.production_conversions, grouped.production_revenue) <> (0, 0, 0, 0, 0, 0);
COMMENT ON VIEW attribution_shadow_summary IS 'The channel summary of the window of a shadow replay, under its overrides and as production has it, every model and window. On either side each model and window adds up to the shop''s revenue. Example: SELECT date, sum(revenue) AS shadow, sum(production_revenue) AS production FROM attribution_shadow_summary WHERE tenant_id = ''demo'' AND run_id = ''...'' AND basis = ''accrual'' AND channel = ''paid_social'' AND model = ''time_decay'' AND attribution_window = ''30d'' GROUP BY date;';
COMMENT ON COLUMN attribution_shadow_summary.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_shadow_summary.run_id IS 'The run.';
COMMENT ON COLUMN attribution_shadow_summary.basis IS 'accrual: dated by the touch, as attribution_channel_summary; cash: by the order, as attribution_channel_summary_cash.';
COMMENT ON COLUMN attribution_shadow_summary.date IS 'Date in the tenant''s time zone.';
COMMENT ON COLUMN attribution_shadow_summary.channel IS 'Channel; unattributed is revenue that no touch earned.';
COMMENT ON COLUMN attribution_shadow_summary.platform IS 'Traffic platform.';
COMMENT ON COLUMN attribution_shadow_summary.model IS 'Model.';
COMMENT ON COLUMN attribution_shadow_summary.attribution_window IS '1d, 3d, 7d, 14d, 28d, 30d, 90d or ltv (365 days).';
COMMENT ON COLUMN attribution_shadow_summary.touchpoints IS 'Pairs of touch and conversion under the overrides.';
COMMENT ON COLUMN attribution_shadow_summary.conversions IS 'Sum of credit under the overrides.';
COMMENT ON COLUMN attribution_shadow_summary.revenue IS 'Attributed net revenue under the overrides, in the reporting currency.';
COMMENT ON COLUMN attribution_shadow_summary.production_touchpoints IS 'Pairs of touch and conversion under the standing settings.';
COMMENT ON COLUMN attribution_shadow_summary.production_conversions IS 'Sum of credit under the standing settings.';
COMMENT ON COLUMN attribution_shadow_summary.production_revenue IS 'Attributed net revenue under the standing settings, in the reporting currency.';
GRANT SELECT ON attribution_shadow_summary TO attributary_analyst;
