CREATE VIEW attribution_channel_summary WITH (security_invoker = true) AS
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
FROM attributary_summary('accrual', false);
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
COMMENT ON COLUMN attribution_channel_summary.roas IS 'Revenue per unit of spend, 999999.9999 at most; null without spend.';
COMMENT ON COLUMN attribution_channel_summary.cpa IS 'Spend per conversion; null without conversions or without spend.';
GRANT SELECT ON attribution_channel_summary TO attributary_analyst, attributary_processor;
