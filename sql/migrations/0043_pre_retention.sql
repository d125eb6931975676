-- What `attributary retain` takes out of tables that are served, a page at a time. What each rule
-- leaves is what a restatement may read again: processors/commands/retain.py says why.

CREATE FUNCTION attributary_retain_touchpoints(
    of_tenant text, before timestamptz, after text[], at_most integer, dry boolean
) RETURNS TABLE (seen bigint, gone bigint, last text[])
LANGUAGE sql VOLATILE SET timezone = 'UTC'
AS $$
WITH page AS MATERIALIZED (
    SELECT t.touchpoint_id, t.occurred_at, t.anchor, t.campaign_id, t.campaign
    FROM attribution_touchpoints AS t
    WHERE t.tenant_id = of_tenant
        AND t.occurred_at >= coalesce(after[1], '-infinity')::timestamptz
        AND t.occurred_at < before
        AND (t.occurred_at, t.touchpoint_id)
            > (coalesce(after[1], '-infinity')::timestamptz, coalesce(after[2], ''))
    ORDER BY t.occurred_at, t.touchpoint_id
    LIMIT at_most
),
old AS MATERIALIZED (
    SELECT p.touchpoint_id
    FROM page AS p
    LEFT JOIN identity_nodes AS n ON n.tenant_id = of_tenant AND n.node = p.anchor
    WHERE (p.campaign_id <> p.campaign) IS NOT TRUE
        AND (NOT n.quarantined OR n.node IS NULL AND p.anchor LIKE 'event:%')
        AND NOT EXISTS (
            SELECT
            FROM identity_nodes AS m
            JOIN conversion_nodes AS c ON c.tenant_id = m.tenant_id AND c.node = m.node
            WHERE m.tenant_id = of_tenant AND m.person_id = n.person_id
        )
),
-- Who replaces a touch meanwhile makes it another one: what is locked stays for the next time.
free AS MATERIALIZED (
    SELECT t.touchpoint_id
    FROM attribution_touchpoints AS t
    JOIN old AS o ON o.touchpoint_id = t.touchpoint_id
    WHERE t.tenant_id = of_tenant AND NOT dry
    FOR UPDATE OF t SKIP LOCKED
),
deleted AS (
    DELETE FROM attribution_touchpoints AS t
    USING free AS f
    WHERE t.tenant_id = of_tenant AND t.touchpoint_id = f.touchpoint_id
    RETURNING 1
)
SELECT
    (SELECT count(*) FROM page),
    CASE WHEN dry THEN (SELECT count(*) FROM old) ELSE (SELECT count(*) FROM deleted) END,
    (
        SELECT ARRAY[p.occurred_at::text, p.touchpoint_id]
        FROM page AS p ORDER BY p.occurred_at DESC, p.touchpoint_id DESC LIMIT 1
    )
$$;
COMMENT ON FUNCTION attributary_retain_touchpoints(text, timestamptz, text[], integer, boolean) IS 'Deletes, of the next so many touches older than that, those of people without any order, but for ids that are shared and for touches that tell what a campaign id is called; dry only counts. Returns how many were looked at and deleted, and where to go on.';

CREATE FUNCTION attributary_retain_pixel_events(
    of_tenant text, before timestamptz, after text[], at_most integer, dry boolean
) RETURNS TABLE (seen bigint, gone bigint, last text[])
LANGUAGE sql VOLATILE SET timezone = 'UTC'
AS $$
WITH page AS MATERIALIZED (
    SELECT e.event_id, e.occurred_at, e.order_id, e.checkout_id
    FROM pixel_events AS e
    WHERE e.tenant_id = of_tenant
        AND e.occurred_at >= coalesce(after[1], '-infinity')::timestamptz
        AND e.occurred_at < before
        AND (e.occurred_at, e.event_id)
            > (coalesce(after[1], '-infinity')::timestamptz, coalesce(after[2], ''))
    ORDER BY e.occurred_at, e.event_id
    LIMIT at_most
),
old AS MATERIALIZED (
    SELECT p.event_id FROM page AS p WHERE p.order_id IS NULL AND p.checkout_id IS NULL
),
free AS MATERIALIZED (
    SELECT e.event_id
    FROM pixel_events AS e
    JOIN old AS o ON o.event_id = e.event_id
    WHERE e.tenant_id = of_tenant AND NOT dry
    FOR UPDATE OF e SKIP LOCKED
),
deleted AS (
    DELETE FROM pixel_events AS e
    USING free AS f
    WHERE e.tenant_id = of_tenant AND e.event_id = f.event_id
    RETURNING 1
)
SELECT
    (SELECT count(*) FROM page),
    CASE WHEN dry THEN (SELECT count(*) FROM old) ELSE (SELECT count(*) FROM deleted) END,
    (
        SELECT ARRAY[p.occurred_at::text, p.event_id]
        FROM page AS p ORDER BY p.occurred_at DESC, p.event_id DESC LIMIT 1
    )
$$;
COMMENT ON FUNCTION attributary_retain_pixel_events(text, timestamptz, text[], integer, boolean) IS 'Deletes, of the next so many pixel events older than that, those that name neither an order nor a checkout; dry only counts. Returns how many were looked at and deleted, and where to go on.';

CREATE FUNCTION attributary_retain_payloads(
    of_tenant text, before timestamptz, after text[], at_most integer, dry boolean
) RETURNS TABLE (seen bigint, gone bigint, last text[])
LANGUAGE sql VOLATILE SET timezone = 'UTC'
AS $$
WITH page AS MATERIALIZED (
    SELECT d.platform, d.event_id, d.kind, d.occurred_at, d.finished_at, d.published, d.payload
    FROM deliveries AS d
    WHERE d.tenant_id = of_tenant AND d.state = 'sent'
        AND d.occurred_at >= coalesce(after[1], '-infinity')::timestamptz
        AND d.occurred_at < before
        AND (d.occurred_at, d.platform, d.event_id, d.kind) > (
            coalesce(after[1], '-infinity')::timestamptz, coalesce(after[2], ''),
            coalesce(after[3], ''), coalesce(after[4], '')
        )
    ORDER BY d.occurred_at, d.platform, d.event_id, d.kind
    LIMIT at_most
),
old AS MATERIALIZED (
    SELECT p.platform, p.event_id, p.kind
    FROM page AS p
    WHERE p.finished_at < before AND p.published
        AND p.payload - '{value,currency,source,source_event_id}'::text[] <> '{}'
),
free AS MATERIALIZED (
    SELECT d.platform, d.event_id, d.kind
    FROM deliveries AS d
    JOIN old AS o ON o.platform = d.platform AND o.event_id = d.event_id AND o.kind = d.kind
    WHERE d.tenant_id = of_tenant AND d.state = 'sent' AND d.published AND NOT dry
    FOR UPDATE OF d SKIP LOCKED
),
stripped AS (
    UPDATE deliveries AS d
    SET payload = jsonb_strip_nulls(jsonb_build_object(
        'value', d.payload -> 'value', 'currency', d.payload -> 'currency',
        'source', d.payload -> 'source', 'source_event_id', d.payload -> 'source_event_id'
    ))
    FROM free AS f
    WHERE d.tenant_id = of_tenant AND d.platform = f.platform AND d.event_id = f.event_id
        AND d.kind = f.kind
    RETURNING 1
)
SELECT
    (SELECT count(*) FROM page),
    CASE WHEN dry THEN (SELECT count(*) FROM old) ELSE (SELECT count(*) FROM stripped) END,
    (
        SELECT ARRAY[p.occurred_at::text, p.platform, p.event_id, p.kind]
        FROM page AS p
        ORDER BY p.occurred_at DESC, p.platform DESC, p.event_id DESC, p.kind DESC
        LIMIT 1
    )
$$;
COMMENT ON FUNCTION attributary_retain_payloads(text, timestamptz, text[], integer, boolean) IS 'Strips, of the next so many deliveries older than that, the payloads of those that were accepted, and told of, before it: what is left is value, currency, source and source_event_id, which views show. dry only counts. Returns how many were looked at and stripped, and where to go on.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['touchpoints', 'pixel_events', 'payloads'] LOOP
        EXECUTE format(
            'REVOKE ALL ON FUNCTION attributary_retain_%s(text, timestamptz, text[], integer, boolean) FROM PUBLIC',
            name);
    END LOOP;
END
$$;

-- Alerts on match_quality read what Meta says of itself, 0 to 10; from here on they read our own
-- measure, 0 to 100, and those that there are keep what they were made for.
UPDATE pixel_alert_configs SET metric = 'platform_match_quality' WHERE metric = 'match_quality';
UPDATE alert_incidents SET metric = 'platform_match_quality' WHERE metric = 'match_quality';
UPDATE daily_series SET series = 'platform_match_quality' WHERE series = 'match_quality';
UPDATE anomalies SET series = 'platform_match_quality' WHERE series = 'match_quality';
UPDATE forecasts SET series = 'platform_match_quality' WHERE series = 'match_quality';
COMMENT ON COLUMN daily_series.series IS 'orders, revenue, unattributed_share, pixel_events, mer (revenue per unit of spend); by platform: deliveries, delivery_success_rate, retry_rate, p95_latency_ms, platform_match_quality, emq_score (of the destination), spend, roas (of the traffic platform; last touch, 7 days, by the order''s date).';
COMMENT ON COLUMN daily_series.value IS 'Amounts in the reporting currency; shares 0 to 1; platform_match_quality 0 to 10, as the platform told it last that day; emq_score 0 to 100, ours. A day of nothing has no row.';
COMMENT ON COLUMN pixel_alert_configs.metric IS 'What is watched: pixel_failure_rate, pixel_silence_minutes, delivery_success_rate, retry_rate, p95_latency_ms, match_quality (ours, 0 to 100), platform_match_quality (the platform''s own, 0 to 10), pipeline_lag_records, signal_health (HEALTHY from 70), spend_staleness_hours, unattributed_share or order_volume_anomaly.';

-- How platforms go together is computed once a day: read off the series each time, a tenant with
-- many of them waited for seconds.
CREATE TABLE daily_correlations (
    tenant_id text COLLATE "C" NOT NULL,
    series text COLLATE "C" NOT NULL,
    basis text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    other_platform text COLLATE "C" NOT NULL,
    lag_days integer NOT NULL,
    n integer NOT NULL,
    pearson numeric(5, 4),
    spearman numeric(5, 4),
    PRIMARY KEY (tenant_id, series, basis, platform, other_platform, lag_days)
);
COMMENT ON TABLE daily_correlations IS 'What series_correlations shows, as the latest run of analytics/series-correlations found it in daily_series. Bookkeeping. Writer: series.';
COMMENT ON COLUMN daily_correlations.tenant_id IS 'Tenant.';
COMMENT ON COLUMN daily_correlations.series IS 'Which figure, as in daily_series.';
COMMENT ON COLUMN daily_correlations.basis IS 'level: the figures as they are; weekly_change: each less that of a week before.';
COMMENT ON COLUMN daily_correlations.platform IS 'The platform that goes before, where there is a lag.';
COMMENT ON COLUMN daily_correlations.other_platform IS 'The platform that follows.';
COMMENT ON COLUMN daily_correlations.lag_days IS 'By how many days, 0 to 7.';
COMMENT ON COLUMN daily_correlations.n IS 'Pairs of days.';
COMMENT ON COLUMN daily_correlations.pearson IS 'Pearson''s r, -1 to 1; null where one of the two never changes.';
COMMENT ON COLUMN daily_correlations.spearman IS 'Spearman''s rho, -1 to 1; null as above.';
ALTER TABLE daily_correlations ENABLE ROW LEVEL SECURITY;
ALTER TABLE daily_correlations FORCE ROW LEVEL SECURITY;
CREATE POLICY processor ON daily_correlations FOR SELECT TO attributary_processor USING (true);
CREATE POLICY operator ON daily_correlations TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY analyst ON daily_correlations FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()));
CREATE POLICY scheduler ON daily_correlations TO attributary_scheduler USING (true) WITH CHECK (true);
GRANT SELECT ON daily_correlations TO attributary_processor, attributary_analyst;
GRANT SELECT, INSERT, UPDATE, DELETE ON daily_correlations TO attributary_scheduler;
