-- What is measured of each day's signals. The history is bookkeeping, which a rebuild leaves alone:
-- it says what platforms answered, and delivery logs are not kept for as long.
CREATE TABLE emq_measurements (
    tenant_id text COLLATE "C" NOT NULL,
    measurement_date date NOT NULL,
    platform text COLLATE "C" NOT NULL,
    pixel_id text COLLATE "C" NOT NULL DEFAULT '',
    overall_score numeric(5, 2),
    parameter_quality numeric(4, 2),
    deduplication_quality numeric(4, 2),
    event_coverage numeric(4, 2),
    events_received bigint NOT NULL,
    events_matched bigint NOT NULL,
    status text COLLATE "C",
    event_match_rate numeric(5, 2),
    pixel_coverage numeric(5, 2),
    conversion_latency numeric(5, 2),
    attribution_accuracy numeric(5, 2),
    data_freshness numeric(5, 2),
    PRIMARY KEY (tenant_id, measurement_date, platform, pixel_id),
    CHECK (status IN ('good', 'warning', 'critical'))
);
COMMENT ON TABLE emq_measurements IS 'Event match quality of a platform''s events on a UTC day, from the delivery log. Measured again for some days, then kept as it was; a day of which fewer events are left is kept, too. Bookkeeping. Writer: quality.';
COMMENT ON COLUMN emq_measurements.tenant_id IS 'Tenant.';
COMMENT ON COLUMN emq_measurements.measurement_date IS 'UTC day of the events'' first attempts.';
COMMENT ON COLUMN emq_measurements.platform IS 'Destination.';
COMMENT ON COLUMN emq_measurements.pixel_id IS 'The tenant''s account there when the day was first measured; empty when there was none.';
COMMENT ON COLUMN emq_measurements.overall_score IS '0 to 100: the five drivers by their weights (0.30, 0.25, 0.20, 0.15, 0.10); one that could not be measured is left out with its weight. Null when none could.';
COMMENT ON COLUMN emq_measurements.parameter_quality IS '0 to 10: mean over the events of how well the details of the person that the platform uses tell who it was. Ours: never compared with what a platform says of itself.';
COMMENT ON COLUMN emq_measurements.deduplication_quality IS '0 to 10: as deduplication_quality has it for the tenant and the day; the same at each platform.';
COMMENT ON COLUMN emq_measurements.event_coverage IS '0 to 10: share of the pixel''s event ids of the day that the server has, too (delivery_parity); null without a pixel''s event.';
COMMENT ON COLUMN emq_measurements.events_received IS 'Events of which the first attempt was on that day.';
COMMENT ON COLUMN emq_measurements.events_matched IS 'Of these the ones that the platform accepted and that had at least one detail by which it finds people.';
COMMENT ON COLUMN emq_measurements.status IS 'Of overall_score: good from 80, warning from 40, else critical.';
COMMENT ON COLUMN emq_measurements.event_match_rate IS 'Driver, 0 to 100: events_matched of events_received.';
COMMENT ON COLUMN emq_measurements.pixel_coverage IS 'Driver, 0 to 100: share of the events with a visitor that the browser''s pixel saw, too.';
COMMENT ON COLUMN emq_measurements.conversion_latency IS 'Driver, 0 to 100, of the median time from an event to its acceptance: 100 at once, 80 for 1 h, 50 for 4 h, 0 for 24 h.';
COMMENT ON COLUMN emq_measurements.attribution_accuracy IS 'Driver, 0 to 100: share of the tenant''s orders of the day that a touch earned; those not computed yet are left out.';
COMMENT ON COLUMN emq_measurements.data_freshness IS 'Driver, 0 to 100, of the time from the last acceptance to the end of the day, or until now: 100 at once, 80 for 1 h, 50 for 6 h, 0 for 24 h.';

CREATE TABLE emq_parameter_scores (
    tenant_id text COLLATE "C" NOT NULL,
    measurement_date date NOT NULL,
    platform text COLLATE "C" NOT NULL,
    parameter text COLLATE "C" NOT NULL,
    events bigint NOT NULL,
    events_with bigint NOT NULL,
    gain numeric(4, 2) NOT NULL,
    PRIMARY KEY (tenant_id, measurement_date, platform, parameter)
);
COMMENT ON TABLE emq_parameter_scores IS 'Details of the person that a platform uses, as its events of a day had them. Bookkeeping, measured with emq_measurements. Writer: quality.';
COMMENT ON COLUMN emq_parameter_scores.tenant_id IS 'Tenant.';
COMMENT ON COLUMN emq_parameter_scores.measurement_date IS 'UTC day of the events'' first attempts.';
COMMENT ON COLUMN emq_parameter_scores.platform IS 'Destination.';
COMMENT ON COLUMN emq_parameter_scores.parameter IS 'email, phone, external_id, browser_id, click_id, ip, user_agent, first_name, last_name, city, zip, date_of_birth or gender.';
COMMENT ON COLUMN emq_parameter_scores.events IS 'Events of the day whose details are known.';
COMMENT ON COLUMN emq_parameter_scores.events_with IS 'Of these with the detail.';
COMMENT ON COLUMN emq_parameter_scores.gain IS 'By how much parameter_quality (0 to 10) would be greater if every event had it.';

CREATE TABLE conversion_latency_stats (
    tenant_id text COLLATE "C" NOT NULL,
    period_date date NOT NULL,
    platform text COLLATE "C" NOT NULL,
    event_type text COLLATE "C" NOT NULL,
    event_count bigint NOT NULL,
    avg_latency_ms numeric NOT NULL,
    median_latency_ms numeric NOT NULL,
    p95_latency_ms numeric NOT NULL,
    p99_latency_ms numeric NOT NULL,
    PRIMARY KEY (tenant_id, period_date, platform, event_type)
);
COMMENT ON TABLE conversion_latency_stats IS 'How long events took from when they happened to their acceptance, by UTC day. The percentiles are exact: each is the latency of one of the day''s events (percentile_disc), of all of them, computed anew while acceptances still come. Bookkeeping. Writer: quality.';
COMMENT ON COLUMN conversion_latency_stats.tenant_id IS 'Tenant.';
COMMENT ON COLUMN conversion_latency_stats.period_date IS 'UTC day on which the events happened.';
COMMENT ON COLUMN conversion_latency_stats.platform IS 'Destination.';
COMMENT ON COLUMN conversion_latency_stats.event_type IS 'Event name before the platform''s own.';
COMMENT ON COLUMN conversion_latency_stats.event_count IS 'Events that were accepted.';
COMMENT ON COLUMN conversion_latency_stats.avg_latency_ms IS 'Mean, milliseconds.';
COMMENT ON COLUMN conversion_latency_stats.median_latency_ms IS 'Half of the events took so long or less, milliseconds.';
COMMENT ON COLUMN conversion_latency_stats.p95_latency_ms IS '95 % took so long or less, milliseconds.';
COMMENT ON COLUMN conversion_latency_stats.p99_latency_ms IS '99 % took so long or less, milliseconds.';

CREATE TABLE fact_signal_health_daily (
    tenant_id text COLLATE "C" NOT NULL,
    date date NOT NULL,
    platform text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    emq_score numeric(5, 2),
    conversion_volume bigint NOT NULL,
    data_freshness_hours numeric(6, 2),
    anomaly_count integer NOT NULL DEFAULT 0,
    health_score numeric(5, 2),
    health_state text COLLATE "C",
    PRIMARY KEY (tenant_id, date, platform),
    CHECK (status IN ('ok', 'risk', 'degraded', 'critical')),
    CHECK (health_state IN ('HEALTHY', 'DEGRADED', 'UNHEALTHY'))
);
COMMENT ON TABLE fact_signal_health_daily IS 'How sound each platform''s signal was on a UTC day, of every platform that accepted something within the seven days before its end or was tried on it. Bookkeeping. Writer: quality.';
COMMENT ON COLUMN fact_signal_health_daily.tenant_id IS 'Tenant.';
COMMENT ON COLUMN fact_signal_health_daily.date IS 'UTC day.';
COMMENT ON COLUMN fact_signal_health_daily.platform IS 'Destination.';
COMMENT ON COLUMN fact_signal_health_daily.status IS 'Of the lesser of emq_score and health_score: ok from 80, risk from 60, degraded from 40, else critical; so DEGRADED is at risk at least, and UNHEALTHY critical.';
COMMENT ON COLUMN fact_signal_health_daily.emq_score IS 'overall_score of emq_measurements; null on a day without events.';
COMMENT ON COLUMN fact_signal_health_daily.conversion_volume IS 'Purchases first tried that day that were accepted.';
COMMENT ON COLUMN fact_signal_health_daily.data_freshness_hours IS 'From the last acceptance to the end of the day, or until it was measured; 168 when the last was before that.';
COMMENT ON COLUMN fact_signal_health_daily.anomaly_count IS 'Anomalies of the day in the series of the destination''s deliveries and match quality.';
COMMENT ON COLUMN fact_signal_health_daily.health_score IS '0 to 100: the least of emq_score, the share of the events accepted and the value of the freshness (100 at once, 80 for 1 h, 50 for 6 h, 0 for 24 h), less 10 an anomaly.';
COMMENT ON COLUMN fact_signal_health_daily.health_state IS 'HEALTHY from 70, DEGRADED from 40, else UNHEALTHY.';

CREATE TABLE attribution_data_quality_snapshots (
    tenant_id text COLLATE "C" NOT NULL,
    snapshot_date date NOT NULL,
    orders bigint NOT NULL,
    orders_attributed bigint NOT NULL,
    orders_unattributed bigint NOT NULL,
    coverage_score numeric(5, 2),
    records bigint NOT NULL,
    session_id_coverage numeric(5, 2),
    visitor_id_coverage numeric(5, 2),
    email_hash_coverage numeric(5, 2),
    device_fingerprint_coverage numeric(5, 2),
    pixel_health jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, snapshot_date)
);
COMMENT ON TABLE attribution_data_quality_snapshots IS 'How complete what attribution works with was, a row for each UTC day that had orders, touches or events. Taken again for some days, then kept as it was. Bookkeeping. Writer: quality.';
COMMENT ON COLUMN attribution_data_quality_snapshots.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_data_quality_snapshots.snapshot_date IS 'UTC day of the orders, touches and events.';
COMMENT ON COLUMN attribution_data_quality_snapshots.orders IS 'Orders of the day.';
COMMENT ON COLUMN attribution_data_quality_snapshots.orders_attributed IS 'Of these the ones that a touch earned.';
COMMENT ON COLUMN attribution_data_quality_snapshots.orders_unattributed IS 'Of these the ones that no touch earned; the rest is not computed yet.';
COMMENT ON COLUMN attribution_data_quality_snapshots.coverage_score IS '0 to 100: attributed of attributed and unattributed; null when there are none.';
COMMENT ON COLUMN attribution_data_quality_snapshots.records IS 'Touches and events of the day.';
COMMENT ON COLUMN attribution_data_quality_snapshots.session_id_coverage IS 'Per cent of the records with a session.';
COMMENT ON COLUMN attribution_data_quality_snapshots.visitor_id_coverage IS 'Per cent of the records with a visitor.';
COMMENT ON COLUMN attribution_data_quality_snapshots.email_hash_coverage IS 'Per cent of the records with the hash of an email.';
COMMENT ON COLUMN attribution_data_quality_snapshots.device_fingerprint_coverage IS 'Per cent of the records with a device fingerprint.';
COMMENT ON COLUMN attribution_data_quality_snapshots.pixel_health IS 'By destination: events, told, failed, failure_rate and status of pixel_health.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'emq_measurements', 'emq_parameter_scores', 'conversion_latency_stats',
        'fact_signal_health_daily', 'attribution_data_quality_snapshots']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY processor ON %I FOR SELECT TO attributary_processor USING (true)', name);
        EXECUTE format('CREATE POLICY operator ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY analyst ON %I FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()))', name);
        EXECUTE format('CREATE POLICY scheduler ON %I TO attributary_scheduler USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT ON %I TO attributary_processor, attributary_analyst', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO attributary_scheduler', name);
    END LOOP;
END
$$;
