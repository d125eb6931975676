CREATE VIEW signal_health WITH (security_invoker = true) AS
SELECT
    tenant_id,
    date,
    platform,
    status,
    emq_score,
    conversion_volume,
    data_freshness_hours,
    anomaly_count,
    CASE status WHEN 'ok' THEN '✅' WHEN 'risk' THEN '⚠️' WHEN 'degraded' THEN '🔶' ELSE '🔴' END AS status_icon
FROM fact_signal_health_daily
WHERE date >= current_date - interval '7 days'
ORDER BY date DESC, platform;

COMMENT ON VIEW signal_health IS 'How sound each platform''s signal was in the last 7 days, latest first; older days, and the score behind it, are in fact_signal_health_daily. Example: SELECT date, status_icon, platform, emq_score, conversion_volume FROM signal_health WHERE tenant_id = ''demo''.';
COMMENT ON COLUMN signal_health.tenant_id IS 'Tenant.';
COMMENT ON COLUMN signal_health.date IS 'UTC day.';
COMMENT ON COLUMN signal_health.platform IS 'Destination.';
COMMENT ON COLUMN signal_health.status IS 'ok, risk, degraded or critical.';
COMMENT ON COLUMN signal_health.emq_score IS 'Event match quality, 0 to 100; null on a day without events.';
COMMENT ON COLUMN signal_health.conversion_volume IS 'Purchases that were accepted.';
COMMENT ON COLUMN signal_health.data_freshness_hours IS 'From the last acceptance to the end of the day, or until it was measured.';
COMMENT ON COLUMN signal_health.anomaly_count IS 'Anomalies of the day.';
COMMENT ON COLUMN signal_health.status_icon IS 'The status as a sign.';

GRANT SELECT ON signal_health TO attributary_analyst, attributary_processor;
