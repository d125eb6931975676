CREATE VIEW attribution_channel_summary_cash WITH (security_invoker = true) AS
SELECT
    tenant_id COLLATE "C" AS tenant_id,
    date,
    channel COLLATE "C" AS channel,
    platform COLLATE "C" AS platform,
    model,
    attribution_window,
    touchpoints,
    conversions,
    revenue,
    spend,
    roas::numeric(10, 4) AS roas,
    cpa
FROM attributary_summary('cash', false);
COMMENT ON VIEW attribution_channel_summary_cash IS 'The channel summary dated by the order, so that over any range of dates each model and window adds up to the net revenue of that range. Example: SELECT date, sum(revenue) FROM attribution_channel_summary_cash WHERE tenant_id = ''demo'' AND model = ''last_touch'' AND attribution_window = ''7d'' GROUP BY date;';
COMMENT ON COLUMN attribution_channel_summary_cash.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_channel_summary_cash.date IS 'The order''s date in the tenant''s time zone; of spend, the ad account''s.';
COMMENT ON COLUMN attribution_channel_summary_cash.channel IS 'Channel; unattributed is revenue that no touch earned.';
COMMENT ON COLUMN attribution_channel_summary_cash.platform IS 'Traffic platform.';
COMMENT ON COLUMN attribution_channel_summary_cash.model IS 'One of the tenant''s enabled models.';
COMMENT ON COLUMN attribution_channel_summary_cash.attribution_window IS 'One of the tenant''s enabled windows: 1d, 3d, 7d, 14d, 28d, 30d, 90d or ltv (365 days).';
COMMENT ON COLUMN attribution_channel_summary_cash.touchpoints IS 'Pairs of touch and conversion.';
COMMENT ON COLUMN attribution_channel_summary_cash.conversions IS 'Sum of credit.';
COMMENT ON COLUMN attribution_channel_summary_cash.revenue IS 'Attributed net revenue in the reporting currency.';
COMMENT ON COLUMN attribution_channel_summary_cash.spend IS 'Spend in the reporting currency, null where there is none; the same on every model and window, so never add it up over them.';
COMMENT ON COLUMN attribution_channel_summary_cash.roas IS 'Revenue per unit of spend, 999999.9999 at most; null without spend.';
COMMENT ON COLUMN attribution_channel_summary_cash.cpa IS 'Spend per conversion; null without conversions or without spend.';
GRANT SELECT ON attribution_channel_summary_cash TO attributary_analyst, attributary_processor;
