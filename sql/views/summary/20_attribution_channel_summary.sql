CREATE VIEW attribution_channel_summary WITH (security_invoker = true) AS
SELECT
    grouped.tenant_id,
    grouped.date,
    grouped.channel,
    grouped.platform,
    attributary_model(grouped.cell) AS model,
    attributary_window(grouped.cell) AS attribution_window,
    grouped.touchpoints,
    grouped.conversions * 0.000000001 AS conversions,
    grouped.revenue * attributary_unit(s.currency) AS revenue,
    grouped.spend * attributary_unit(s.currency) AS spend,
    round(grouped.revenue / nullif(grouped.spend, 0), 4) AS roas,
    round(grouped.spend * attributary_unit(s.currency)
        / nullif(grouped.conversions * 0.000000001, 0), 4) AS cpa
FROM (
    SELECT
        f.tenant_id,
        f.date,
        f.channel,
        f.platform,
        f.cell,
        sum(f.touchpoints)::bigint AS touchpoints,
        sum(f.conversions) AS conversions,
        sum(f.revenue) AS revenue,
        sum(f.spend) AS spend
    FROM attribution_summary_facts f
    WHERE f.basis = 'accrual'
    GROUP BY f.tenant_id, f.date, f.channel, f.platform, f.cell
) AS grouped
JOIN attribution_settings s ON s.tenant_id = grouped.tenant_id
WHERE attributary_model(grouped.cell) = ANY (s.enabled_models)
    AND attributary_window(grouped.cell) = ANY (s.enabled_windows)
    AND ((grouped.touchpoints, grouped.conversions, grouped.revenue) <> (0, 0, 0)
        OR grouped.spend IS NOT NULL);
COMMENT ON VIEW attribution_channel_summary IS 'What each channel earned and cost a day, dated by the touch; every model and window adds up to the net revenue. Example: SELECT channel, sum(conversions), sum(revenue) FROM attribution_channel_summary WHERE tenant_id = ''demo'' AND model = ''linear'' AND attribution_window = ''30d'' GROUP BY channel;';
COMMENT ON COLUMN attribution_channel_summary.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_channel_summary.date IS 'The touch''s date in the tenant''s time zone; of spend, the ad account''s; of unattributed revenue, the order''s.';
COMMENT ON COLUMN attribution_channel_summary.channel IS 'Channel; unattributed is revenue that no touch earned.';
COMMENT ON COLUMN attribution_channel_summary.platform IS 'Traffic platform.';
COMMENT ON COLUMN attribution_channel_summary.model IS 'One of the tenant''s enabled models.';
COMMENT ON COLUMN attribution_channel_summary.attribution_window IS 'One of the tenant''s enabled windows: 1d, 3d, 7d, 14d, 28d, 30d, 90d or ltv (365 days).';
COMMENT ON COLUMN attribution_channel_summary.touchpoints IS 'Pairs of touch and conversion.';
COMMENT ON COLUMN attribution_channel_summary.conversions IS 'Sum of credit.';
COMMENT ON COLUMN attribution_channel_summary.revenue IS 'Attributed net revenue in the reporting currency.';
COMMENT ON COLUMN attribution_channel_summary.spend IS 'Spend in the reporting currency, null where there is none; the same on every model and window, so never add it up over them.';
COMMENT ON COLUMN attribution_channel_summary.roas IS 'Revenue per unit of spend; null without spend.';
COMMENT ON COLUMN attribution_channel_summary.cpa IS 'Spend per conversion; null without conversions or without spend.';
GRANT SELECT ON attribution_channel_summary TO attributary_analyst, attributary_processor;
