CREATE VIEW attribution_realtime_traffic WITH (security_invoker = true) AS
SELECT
    t.tenant_id,
    date_trunc('hour', t.occurred_at, s.time_zone) AS hour,
    t.channel,
    t.platform,
    count(*) FILTER (WHERE t.touchpoint_type = 'click') AS clicks,
    count(*) FILTER (WHERE t.touchpoint_type = 'view') AS views,
    count(DISTINCT t.visitor_id) AS visitors
FROM attribution_touchpoints AS t
JOIN attribution_settings AS s ON s.tenant_id = t.tenant_id
WHERE t.occurred_at >= now() - interval '48 hours' AND NOT t.is_bot
GROUP BY t.tenant_id, date_trunc('hour', t.occurred_at, s.time_zone), t.channel, t.platform;
COMMENT ON VIEW attribution_realtime_traffic IS 'Touches of the last 48 hours, hour by hour, without those of robots: what comes in while attribution_realtime tells what it earns. Example: SELECT hour, sum(clicks) FROM attribution_realtime_traffic WHERE tenant_id = ''demo'' GROUP BY hour ORDER BY hour;';
COMMENT ON COLUMN attribution_realtime_traffic.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_realtime_traffic.hour IS 'Start of the hour of the touch, by the tenant''s clock.';
COMMENT ON COLUMN attribution_realtime_traffic.channel IS 'Channel.';
COMMENT ON COLUMN attribution_realtime_traffic.platform IS 'Traffic platform.';
COMMENT ON COLUMN attribution_realtime_traffic.clicks IS 'Touches of type click.';
COMMENT ON COLUMN attribution_realtime_traffic.views IS 'Touches of type view: of an ad, without a click.';
COMMENT ON COLUMN attribution_realtime_traffic.visitors IS 'Visitors of the hour. Never add it up: one who comes in two hours counts in both.';
GRANT SELECT ON attribution_realtime_traffic TO attributary_analyst, attributary_processor;
