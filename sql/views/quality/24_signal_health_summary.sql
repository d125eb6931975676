CREATE VIEW signal_health_summary WITH (security_invoker = true) AS
SELECT
    tenant_id,
    platform,
    count(*) FILTER (WHERE status = 'ok') AS ok_days,
    count(*) FILTER (WHERE status = 'risk') AS risk_days,
    count(*) FILTER (WHERE status = 'degraded') AS degraded_days,
    count(*) FILTER (WHERE status = 'critical') AS critical_days,
    round(avg(emq_score), 2) AS avg_emq,
    round(avg(conversion_volume), 0) AS avg_volume
FROM fact_signal_health_daily
WHERE date >= current_date - interval '30 days'
GROUP BY tenant_id, platform
ORDER BY platform;

COMMENT ON VIEW signal_health_summary IS 'The last 30 days of each platform''s signal. Example: SELECT platform, ok_days, critical_days, avg_emq FROM signal_health_summary WHERE tenant_id = ''demo''.';
COMMENT ON COLUMN signal_health_summary.tenant_id IS 'Tenant.';
COMMENT ON COLUMN signal_health_summary.platform IS 'Destination.';
COMMENT ON COLUMN signal_health_summary.ok_days IS 'Days that were ok.';
COMMENT ON COLUMN signal_health_summary.risk_days IS 'Days at risk.';
COMMENT ON COLUMN signal_health_summary.degraded_days IS 'Degraded days.';
COMMENT ON COLUMN signal_health_summary.critical_days IS 'Critical days.';
COMMENT ON COLUMN signal_health_summary.avg_emq IS 'Mean of the days'' scores.';
COMMENT ON COLUMN signal_health_summary.avg_volume IS 'Mean of the purchases a day.';

GRANT SELECT ON signal_health_summary TO attributary_analyst, attributary_processor;
