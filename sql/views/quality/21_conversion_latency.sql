CREATE VIEW conversion_latency WITH (security_invoker = true) AS
SELECT
    tenant_id,
    period_date,
    platform,
    event_type,
    event_count,
    round(avg_latency_ms, 2) AS avg_latency_ms,
    median_latency_ms AS p50_ms,
    p95_latency_ms AS p95_ms,
    p99_latency_ms AS p99_ms,
    CASE
        WHEN median_latency_ms < 60000 THEN 'good'
        WHEN median_latency_ms < 300000 THEN 'warning'
        ELSE 'critical'
    END AS latency_status
FROM conversion_latency_stats
WHERE period_date >= current_date - interval '7 days'
ORDER BY period_date DESC, platform, event_type;

COMMENT ON VIEW conversion_latency IS 'How long events took to their acceptance in the last 7 days, latest first; older days are in conversion_latency_stats. Example: SELECT period_date, platform, event_type, p50_ms, p95_ms, latency_status FROM conversion_latency WHERE tenant_id = ''demo''.';
COMMENT ON COLUMN conversion_latency.tenant_id IS 'Tenant.';
COMMENT ON COLUMN conversion_latency.period_date IS 'UTC day of the events.';
COMMENT ON COLUMN conversion_latency.platform IS 'Destination.';
COMMENT ON COLUMN conversion_latency.event_type IS 'Event name before the platform''s own.';
COMMENT ON COLUMN conversion_latency.event_count IS 'Events that were accepted.';
COMMENT ON COLUMN conversion_latency.avg_latency_ms IS 'Mean, milliseconds.';
COMMENT ON COLUMN conversion_latency.p50_ms IS 'Median, milliseconds, exact.';
COMMENT ON COLUMN conversion_latency.p95_ms IS '95 % took so long or less, milliseconds, exact.';
COMMENT ON COLUMN conversion_latency.p99_ms IS '99 % took so long or less, milliseconds, exact.';
COMMENT ON COLUMN conversion_latency.latency_status IS 'Of the median: good below a minute, warning below five, else critical. Neither the hours of the match quality''s driver nor the milliseconds of a request.';

GRANT SELECT ON conversion_latency TO attributary_analyst, attributary_processor;
