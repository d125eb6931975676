CREATE VIEW quality_coverage WITH (security_invoker = true) AS
SELECT tenant_id, 'emq_measurements' AS table_name, measurement_date AS date, count(*) AS records,
    'records' AS metric, count(*)::numeric AS value
FROM emq_measurements
GROUP BY tenant_id, measurement_date
UNION ALL
SELECT tenant_id, 'conversion_latency_stats', period_date, count(*), 'worst_p95_latency_ms',
    max(p95_latency_ms)
FROM conversion_latency_stats
GROUP BY tenant_id, period_date
UNION ALL
SELECT tenant_id, 'offline_conversion_batches', (created_at AT TIME ZONE 'UTC')::date, count(*),
    'success_rate_pct',
    round(sum(successful_records)::numeric / nullif(sum(total_records), 0) * 100, 2)
FROM offline_conversion_batches
GROUP BY tenant_id, (created_at AT TIME ZONE 'UTC')::date
UNION ALL
SELECT f.tenant_id, 'fact_signal_health_daily', f.date, count(*), 'coverage_pct',
    round(100.0 * count(*) FILTER (WHERE f.status IN ('ok', 'risk')) / count(*), 2)
FROM fact_signal_health_daily AS f
GROUP BY f.tenant_id, f.date;

COMMENT ON VIEW quality_coverage IS 'What each table of quality says of itself, by day: records of the match quality, the worst P95 of the latencies, the success rate of offline uploads, the share of platforms whose signal is ok or at risk. Example: SELECT date, table_name, metric, value FROM quality_coverage WHERE tenant_id = ''demo'' AND date >= current_date - 6 ORDER BY date DESC, table_name.';
COMMENT ON COLUMN quality_coverage.tenant_id IS 'Tenant.';
COMMENT ON COLUMN quality_coverage.table_name IS 'The table.';
COMMENT ON COLUMN quality_coverage.date IS 'UTC day.';
COMMENT ON COLUMN quality_coverage.records IS 'Its rows of the day.';
COMMENT ON COLUMN quality_coverage.metric IS 'records, worst_p95_latency_ms, success_rate_pct or coverage_pct.';
COMMENT ON COLUMN quality_coverage.value IS 'The figure.';

GRANT SELECT ON quality_coverage TO attributary_analyst, attributary_processor;
