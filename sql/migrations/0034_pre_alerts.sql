-- Alerts and daily series. The alerts are the tenant's own; what they found and told, and the
-- series, are bookkeeping, which a rebuild leaves alone: what delivery logs said cannot be had again.
CREATE TABLE pixel_alert_configs (
    tenant_id text COLLATE "C" NOT NULL,
    config_id text COLLATE "C" NOT NULL,
    metric text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL DEFAULT '',
    comparison text COLLATE "C" NOT NULL,
    threshold numeric NOT NULL,
    least_cases integer NOT NULL,
    window_minutes integer NOT NULL,
    cooldown_minutes integer NOT NULL,
    emails text[] NOT NULL DEFAULT '{}',
    webhook_url text,
    webhook_secret_encrypted text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, config_id),
    CHECK (comparison IN ('above', 'below', 'outside')),
    CHECK ((webhook_url IS NULL) = (webhook_secret_encrypted IS NULL))
);
COMMENT ON TABLE pixel_alert_configs IS 'Alerts of a tenant: what is watched and who is told. Control data, which a rebuild carries over. Writer: alerts.';
COMMENT ON COLUMN pixel_alert_configs.tenant_id IS 'Tenant.';
COMMENT ON COLUMN pixel_alert_configs.config_id IS 'What the tenant calls it.';
COMMENT ON COLUMN pixel_alert_configs.metric IS 'What is watched: pixel_failure_rate, pixel_silence_minutes, delivery_success_rate, retry_rate, p95_latency_ms, match_quality, spend_staleness_hours, unattributed_share or order_volume_anomaly.';
COMMENT ON COLUMN pixel_alert_configs.platform IS 'The only platform that is watched; empty: each by itself, or a metric that has none.';
COMMENT ON COLUMN pixel_alert_configs.comparison IS 'above or below the threshold, or outside: further from zero than it.';
COMMENT ON COLUMN pixel_alert_configs.threshold IS 'In the unit of the metric.';
COMMENT ON COLUMN pixel_alert_configs.least_cases IS 'With fewer deliveries, orders or weeks the reading says nothing.';
COMMENT ON COLUMN pixel_alert_configs.window_minutes IS 'How far back is looked; 0 for a metric that has no window.';
COMMENT ON COLUMN pixel_alert_configs.cooldown_minutes IS 'For so long after it has ended it does not start again.';
COMMENT ON COLUMN pixel_alert_configs.emails IS 'Who is told by e-mail; no people of the shop''s.';
COMMENT ON COLUMN pixel_alert_configs.webhook_url IS 'What is told by a signed POST; null without one.';
COMMENT ON COLUMN pixel_alert_configs.webhook_secret_encrypted IS 'What signs it, under the vault''s key; null without a webhook.';
COMMENT ON COLUMN pixel_alert_configs.created_at IS 'When it was made; a pixel that never spoke is silent since then.';

CREATE TABLE alert_incidents (
    tenant_id text COLLATE "C" NOT NULL,
    incident_id text COLLATE "C" NOT NULL,
    config_id text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    metric text COLLATE "C" NOT NULL,
    comparison text COLLATE "C" NOT NULL,
    threshold numeric NOT NULL,
    started_at timestamptz NOT NULL,
    started_value numeric NOT NULL,
    latest_value numeric NOT NULL,
    cases bigint NOT NULL,
    seen_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_by text COLLATE "C",
    PRIMARY KEY (tenant_id, incident_id),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    CHECK (ended_by IN ('recovered', 'gone', 'removed'))
);
COMMENT ON TABLE alert_incidents IS 'Each time that an alert stood, from its start to its end. Bookkeeping. Writer: alerts.';
COMMENT ON COLUMN alert_incidents.tenant_id IS 'Tenant.';
COMMENT ON COLUMN alert_incidents.incident_id IS 'Made of tenant, alert, platform and start.';
COMMENT ON COLUMN alert_incidents.config_id IS 'The alert.';
COMMENT ON COLUMN alert_incidents.platform IS 'Where; empty for a metric that has no platform.';
COMMENT ON COLUMN alert_incidents.metric IS 'As the alert had it at the start, and so are comparison and threshold.';
COMMENT ON COLUMN alert_incidents.comparison IS 'above, below or outside.';
COMMENT ON COLUMN alert_incidents.threshold IS 'In the unit of the metric.';
COMMENT ON COLUMN alert_incidents.started_at IS 'When it was found.';
COMMENT ON COLUMN alert_incidents.started_value IS 'What was read then.';
COMMENT ON COLUMN alert_incidents.latest_value IS 'What was read last.';
COMMENT ON COLUMN alert_incidents.cases IS 'Of how many deliveries, orders or weeks that was; 0 for a metric that counts none.';
COMMENT ON COLUMN alert_incidents.seen_at IS 'When it was read last.';
COMMENT ON COLUMN alert_incidents.ended_at IS 'When it was over; null while it stands.';
COMMENT ON COLUMN alert_incidents.ended_by IS 'recovered; gone (nothing was read any more); removed (the alert was); null while it stands.';

CREATE UNIQUE INDEX alert_incidents_open ON alert_incidents (tenant_id, config_id, platform)
    WHERE ended_at IS NULL;
CREATE INDEX alert_incidents_latest ON alert_incidents (tenant_id, config_id, platform, started_at);

CREATE TABLE alert_notifications (
    tenant_id text COLLATE "C" NOT NULL,
    notification_id text COLLATE "C" NOT NULL,
    incident_id text COLLATE "C" NOT NULL,
    config_id text COLLATE "C" NOT NULL,
    change text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    target text NOT NULL,
    body jsonb NOT NULL,
    state text COLLATE "C" NOT NULL DEFAULT 'pending',
    attempts integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    finished_at timestamptz,
    error text,
    PRIMARY KEY (tenant_id, notification_id),
    CHECK (change IN ('started', 'ended')),
    CHECK (channel IN ('email', 'webhook')),
    CHECK (state IN ('pending', 'sent', 'given_up'))
);
COMMENT ON TABLE alert_notifications IS 'Who was told of which change of an incident: one row a change and a receiver, made with the change itself, so that none is lost and a repeated one has the same id. Bookkeeping. Writer: alerts.';
COMMENT ON COLUMN alert_notifications.tenant_id IS 'Tenant.';
COMMENT ON COLUMN alert_notifications.notification_id IS 'Made of incident, change and receiver: the receiver tells by it what it has had.';
COMMENT ON COLUMN alert_notifications.incident_id IS 'The incident.';
COMMENT ON COLUMN alert_notifications.config_id IS 'The alert.';
COMMENT ON COLUMN alert_notifications.change IS 'started or ended.';
COMMENT ON COLUMN alert_notifications.channel IS 'email or webhook.';
COMMENT ON COLUMN alert_notifications.target IS 'Address or URL.';
COMMENT ON COLUMN alert_notifications.body IS 'What is told, the same at each try.';
COMMENT ON COLUMN alert_notifications.state IS 'pending, sent (the receiver took it), given_up.';
COMMENT ON COLUMN alert_notifications.attempts IS 'Tries so far.';
COMMENT ON COLUMN alert_notifications.created_at IS 'When the change was found.';
COMMENT ON COLUMN alert_notifications.next_attempt_at IS 'When it is tried again, if it is pending.';
COMMENT ON COLUMN alert_notifications.finished_at IS 'When it was sent or given up; null while it is pending.';
COMMENT ON COLUMN alert_notifications.error IS 'How the latest try failed; no secret, no address.';

CREATE INDEX alert_notifications_due ON alert_notifications (next_attempt_at)
    WHERE state = 'pending';
CREATE INDEX alert_notifications_incident ON alert_notifications (tenant_id, incident_id);

CREATE TABLE daily_series (
    tenant_id text COLLATE "C" NOT NULL,
    series text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    date date NOT NULL,
    value numeric NOT NULL,
    PRIMARY KEY (tenant_id, series, platform, date)
);
COMMENT ON TABLE daily_series IS 'Figures of each day that is over, for what judges series: anomalies, forecasts and correlations. Bookkeeping: read again for some weeks, then kept as it was. Writer: series.';
COMMENT ON COLUMN daily_series.tenant_id IS 'Tenant.';
COMMENT ON COLUMN daily_series.series IS 'orders, revenue, unattributed_share, pixel_events, mer (revenue per unit of spend); by platform: deliveries, delivery_success_rate, retry_rate, p95_latency_ms, match_quality, emq_score (of the destination), spend, roas (of the traffic platform; last touch, 7 days, by the order''s date).';
COMMENT ON COLUMN daily_series.platform IS 'Platform; empty for the tenant as a whole.';
COMMENT ON COLUMN daily_series.date IS 'Of orders and credit the date in the tenant''s time zone, of spend the ad account''s, else the UTC day.';
COMMENT ON COLUMN daily_series.value IS 'Amounts in the reporting currency; shares 0 to 1; match_quality 0 to 10, as the platform told it last that day; emq_score 0 to 100, ours. A day of nothing has no row.';

CREATE TABLE anomalies (
    tenant_id text COLLATE "C" NOT NULL,
    series text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    date date NOT NULL,
    value numeric NOT NULL,
    expected numeric NOT NULL,
    low numeric NOT NULL,
    high numeric NOT NULL,
    score numeric NOT NULL,
    detected_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, series, platform, date)
);
COMMENT ON TABLE anomalies IS 'Days of daily_series that are not as the same weekday of the eight weeks before lets expect (robust median, MAD); a day that its restated figure acquits loses its row. Bookkeeping. Writer: series.';
COMMENT ON COLUMN anomalies.tenant_id IS 'Tenant.';
COMMENT ON COLUMN anomalies.series IS 'As in daily_series.';
COMMENT ON COLUMN anomalies.platform IS 'As in daily_series.';
COMMENT ON COLUMN anomalies.date IS 'The day.';
COMMENT ON COLUMN anomalies.value IS 'What it was; 0 where a sum has no row.';
COMMENT ON COLUMN anomalies.expected IS 'What was expected.';
COMMENT ON COLUMN anomalies.low IS 'Least that would not have been flagged.';
COMMENT ON COLUMN anomalies.high IS 'Most that would not have been flagged.';
COMMENT ON COLUMN anomalies.score IS 'Robust deviations from expected; beyond 4 either way is an anomaly.';
COMMENT ON COLUMN anomalies.detected_at IS 'When it was first flagged.';

CREATE TABLE forecasts (
    tenant_id text COLLATE "C" NOT NULL,
    series text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    made_on date NOT NULL,
    date date NOT NULL,
    expected numeric NOT NULL,
    low_80 numeric NOT NULL,
    high_80 numeric NOT NULL,
    low_95 numeric NOT NULL,
    high_95 numeric NOT NULL,
    PRIMARY KEY (tenant_id, series, platform, made_on, date)
);
COMMENT ON TABLE forecasts IS 'The next two weeks of each of the daily_series, made daily (Holt-Winters, additive, weekly season, damped trend; intervals from how far earlier forecasts were off). Earlier ones are kept for some weeks, so that they can be judged. Bookkeeping. Writer: series.';
COMMENT ON COLUMN forecasts.tenant_id IS 'Tenant.';
COMMENT ON COLUMN forecasts.series IS 'As in daily_series.';
COMMENT ON COLUMN forecasts.platform IS 'As in daily_series.';
COMMENT ON COLUMN forecasts.made_on IS 'Last day that was known.';
COMMENT ON COLUMN forecasts.date IS 'The day to come.';
COMMENT ON COLUMN forecasts.expected IS 'Forecast, in the unit of the series.';
COMMENT ON COLUMN forecasts.low_80 IS 'With high_80 the interval that holds four days of five.';
COMMENT ON COLUMN forecasts.high_80 IS 'Its upper end.';
COMMENT ON COLUMN forecasts.low_95 IS 'With high_95 the interval that holds nineteen days of twenty.';
COMMENT ON COLUMN forecasts.high_95 IS 'Its upper end.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'pixel_alert_configs', 'alert_incidents', 'alert_notifications', 'daily_series',
        'anomalies', 'forecasts']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY processor ON %I FOR SELECT TO attributary_processor USING (true)', name);
        EXECUTE format('CREATE POLICY operator ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY analyst ON %I FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()))', name);
        EXECUTE format('CREATE POLICY scheduler ON %I TO attributary_scheduler USING (true) WITH CHECK (true)', name);
    END LOOP;
END
$$;

GRANT SELECT ON pixel_alert_configs TO attributary_scheduler;
GRANT SELECT, INSERT, UPDATE ON alert_incidents, alert_notifications TO attributary_scheduler;
GRANT SELECT, INSERT, UPDATE, DELETE ON daily_series, anomalies, forecasts TO attributary_scheduler;
GRANT SELECT ON daily_series, anomalies, forecasts TO attributary_processor;
GRANT SELECT ON alert_incidents, daily_series, anomalies, forecasts TO attributary_analyst;
GRANT SELECT (
    tenant_id, config_id, metric, platform, comparison, threshold, least_cases, window_minutes,
    cooldown_minutes, created_at
) ON pixel_alert_configs TO attributary_analyst;
GRANT SELECT (
    tenant_id, notification_id, incident_id, config_id, change, channel, state, attempts,
    created_at, next_attempt_at, finished_at, error
) ON alert_notifications TO attributary_analyst;
