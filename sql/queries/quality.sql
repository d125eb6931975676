-- signals --
SELECT * FROM attributary_signals($1::date, timestamptz 'epoch' + $2::bigint * interval '1 millisecond', $3)

-- signal_events --
SELECT * FROM attributary_signal_events($1::date, timestamptz 'epoch' + $2::bigint * interval '1 millisecond', $3)

-- put_measurements --
INSERT INTO emq_measurements (
    tenant_id, measurement_date, platform, pixel_id, overall_score, parameter_quality,
    deduplication_quality, event_coverage, events_received, events_matched, status,
    event_match_rate, pixel_coverage, conversion_latency, attribution_accuracy, data_freshness
)
SELECT
    tenant_id, measurement_date, platform, pixel_id, overall_score, parameter_quality,
    deduplication_quality, event_coverage, events_received, events_matched, status,
    event_match_rate, pixel_coverage, conversion_latency, attribution_accuracy, data_freshness
FROM jsonb_populate_recordset(NULL::emq_measurements, $1::jsonb)
ON CONFLICT (tenant_id, measurement_date, platform, pixel_id) DO UPDATE
SET overall_score = excluded.overall_score, parameter_quality = excluded.parameter_quality,
    deduplication_quality = excluded.deduplication_quality,
    event_coverage = excluded.event_coverage, events_received = excluded.events_received,
    events_matched = excluded.events_matched, status = excluded.status,
    event_match_rate = excluded.event_match_rate, pixel_coverage = excluded.pixel_coverage,
    conversion_latency = excluded.conversion_latency,
    attribution_accuracy = excluded.attribution_accuracy, data_freshness = excluded.data_freshness
-- After a rebuild the log of the days before is gone, and what was measured stays.
WHERE excluded.events_received >= emq_measurements.events_received

-- put_parameters --
INSERT INTO emq_parameter_scores (
    tenant_id, measurement_date, platform, parameter, events, events_with, gain
)
SELECT tenant_id, measurement_date, platform, parameter, events, events_with, gain
FROM jsonb_populate_recordset(NULL::emq_parameter_scores, $1::jsonb)
ON CONFLICT (tenant_id, measurement_date, platform, parameter) DO UPDATE
SET events = excluded.events, events_with = excluded.events_with, gain = excluded.gain
WHERE excluded.events >= emq_parameter_scores.events

-- put_health --
INSERT INTO fact_signal_health_daily (
    tenant_id, date, platform, status, emq_score, conversion_volume, data_freshness_hours,
    anomaly_count, health_score, health_state
)
SELECT
    tenant_id, date, platform, status, emq_score, conversion_volume, data_freshness_hours,
    anomaly_count, health_score, health_state
FROM jsonb_populate_recordset(NULL::fact_signal_health_daily, $1::jsonb)
ON CONFLICT (tenant_id, date, platform) DO UPDATE
SET status = excluded.status, emq_score = excluded.emq_score,
    conversion_volume = excluded.conversion_volume,
    data_freshness_hours = excluded.data_freshness_hours, anomaly_count = excluded.anomaly_count,
    health_score = excluded.health_score, health_state = excluded.health_state

-- put_latencies --
INSERT INTO conversion_latency_stats (
    tenant_id, period_date, platform, event_type, event_count, avg_latency_ms, median_latency_ms,
    p95_latency_ms, p99_latency_ms
)
SELECT * FROM attributary_latencies($1::date, timestamptz 'epoch' + $2::bigint * interval '1 millisecond', $3)
ON CONFLICT (tenant_id, period_date, platform, event_type) DO UPDATE
SET event_count = excluded.event_count, avg_latency_ms = excluded.avg_latency_ms,
    median_latency_ms = excluded.median_latency_ms, p95_latency_ms = excluded.p95_latency_ms,
    p99_latency_ms = excluded.p99_latency_ms

-- put_snapshots --
INSERT INTO attribution_data_quality_snapshots (
    tenant_id, snapshot_date, orders, orders_attributed, orders_unattributed, coverage_score,
    records, session_id_coverage, visitor_id_coverage, email_hash_coverage,
    device_fingerprint_coverage, pixel_health
)
SELECT * FROM attributary_data_quality($1::date, timestamptz 'epoch' + $2::bigint * interval '1 millisecond', $3)
ON CONFLICT (tenant_id, snapshot_date) DO UPDATE
SET orders = excluded.orders, orders_attributed = excluded.orders_attributed,
    orders_unattributed = excluded.orders_unattributed, coverage_score = excluded.coverage_score,
    records = excluded.records, session_id_coverage = excluded.session_id_coverage,
    visitor_id_coverage = excluded.visitor_id_coverage,
    email_hash_coverage = excluded.email_hash_coverage,
    device_fingerprint_coverage = excluded.device_fingerprint_coverage,
    pixel_health = excluded.pixel_health

-- standing --
-- The health of the latest day of each tenant and platform.
SELECT tenant_id, platform, status, health_score::float8 AS health_score, health_state
FROM fact_signal_health_daily
WHERE date = $1::date AND ($2::text IS NULL OR tenant_id = $2)
ORDER BY tenant_id, platform
