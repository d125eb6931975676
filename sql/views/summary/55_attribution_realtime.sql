CREATE VIEW attribution_realtime WITH (security_invoker = true) AS
SELECT
    f.tenant_id,
    date_trunc('hour', f.converted_at, f.time_zone) AS hour,
    f.channel,
    f.platform,
    f.model,
    f.attribution_window,
    sum(f.touchpoints) AS touchpoints,
    sum(f.conversions) * 0.000000001 AS conversions,
    sum(f.revenue) * attributary_unit(f.currency) AS revenue
FROM attribution_order_facts AS f
WHERE f.converted_at >= now() - interval '48 hours'
GROUP BY
    f.tenant_id, date_trunc('hour', f.converted_at, f.time_zone), f.channel, f.platform, f.model,
    f.attribution_window, f.currency;
COMMENT ON VIEW attribution_realtime IS 'The last 48 hours, hour by hour of the order: what each channel earned, as of the last second. Each model and window adds up to the net revenue. Ask for one model and window. Example: SELECT hour, sum(conversions), sum(revenue) FROM attribution_realtime WHERE tenant_id = ''demo'' AND model = ''last_touch'' AND attribution_window = ''7d'' GROUP BY hour ORDER BY hour;';
COMMENT ON COLUMN attribution_realtime.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_realtime.hour IS 'Start of the hour of the order, by the tenant''s clock.';
COMMENT ON COLUMN attribution_realtime.channel IS 'Channel; unattributed is revenue that no touch earned.';
COMMENT ON COLUMN attribution_realtime.platform IS 'Traffic platform.';
COMMENT ON COLUMN attribution_realtime.model IS 'One of the tenant''s enabled models.';
COMMENT ON COLUMN attribution_realtime.attribution_window IS 'One of the tenant''s enabled windows: 1d, 3d, 7d, 14d, 28d, 30d, 90d or ltv (365 days).';
COMMENT ON COLUMN attribution_realtime.touchpoints IS 'Pairs of touch and conversion.';
COMMENT ON COLUMN attribution_realtime.conversions IS 'Sum of credit.';
COMMENT ON COLUMN attribution_realtime.revenue IS 'Attributed net revenue in the reporting currency.';
GRANT SELECT ON attribution_realtime TO attributary_analyst, attributary_processor;
