DROP FUNCTION IF EXISTS attributary_pixel_readings(timestamptz, text);
CREATE FUNCTION attributary_pixel_readings(at timestamptz, of_tenant text)
RETURNS TABLE (tenant_id text, config_id text, platform text, value numeric, cases bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
SELECT
    c.tenant_id,
    c.config_id,
    '',
    round(extract(epoch FROM at - greatest(c.created_at, latest.occurred_at)) / 60, 2),
    0::bigint
FROM pixel_alert_configs AS c
LEFT JOIN LATERAL (
    SELECT e.occurred_at FROM pixel_events AS e
    WHERE e.tenant_id = c.tenant_id
      AND e.occurred_at <= at
      AND e.occurred_at > c.created_at
      AND e.source IN ('events', 'checkout')
      AND NOT e.is_bot
    ORDER BY e.occurred_at DESC
    LIMIT 1
) AS latest ON true
WHERE c.metric = 'pixel_silence_minutes'
  AND (of_tenant IS NULL OR c.tenant_id = of_tenant)
$$;
COMMENT ON FUNCTION attributary_pixel_readings(timestamptz, text) IS 'Readings of the alerts on pixel_silence_minutes: since the latest event that came by the pixel''s doors from no robot, or since the alert was made.';
REVOKE ALL ON FUNCTION attributary_pixel_readings(timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_pixel_readings(timestamptz, text) TO attributary_scheduler;

DROP FUNCTION IF EXISTS attributary_match_readings(timestamptz, text);
CREATE FUNCTION attributary_match_readings(at timestamptz, of_tenant text)
RETURNS TABLE (tenant_id text, config_id text, platform text, value numeric, cases bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
SELECT DISTINCT ON (c.tenant_id, c.config_id, m.platform)
    c.tenant_id, c.config_id, m.platform, m.overall_score, m.events_received
FROM pixel_alert_configs AS c
JOIN emq_measurements AS m
    ON m.tenant_id = c.tenant_id
    AND c.platform IN ('', m.platform)
    AND m.measurement_date BETWEEN (at AT TIME ZONE 'UTC')::date - 2
        AND (at AT TIME ZONE 'UTC')::date
WHERE c.metric = 'match_quality'
  AND (of_tenant IS NULL OR c.tenant_id = of_tenant)
  AND m.overall_score IS NOT NULL
  AND m.events_received >= c.least_cases
ORDER BY c.tenant_id, c.config_id, m.platform, m.measurement_date DESC, m.events_received DESC
$$;
COMMENT ON FUNCTION attributary_match_readings(timestamptz, text) IS 'Readings of the alerts on match_quality: our own overall_score of emq_measurements, of the latest of three UTC days that has the events that the alert asks for; of two accounts that of more events.';
REVOKE ALL ON FUNCTION attributary_match_readings(timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_match_readings(timestamptz, text) TO attributary_scheduler;

DROP FUNCTION IF EXISTS attributary_platform_match_readings(timestamptz, text);
CREATE FUNCTION attributary_platform_match_readings(at timestamptz, of_tenant text)
RETURNS TABLE (tenant_id text, config_id text, platform text, value numeric, cases bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
SELECT c.tenant_id, c.config_id, q.platform, q.emq_score, 0::bigint
FROM pixel_alert_configs AS c
JOIN platform_match_quality AS q
    ON q.tenant_id = c.tenant_id AND c.platform IN ('', q.platform)
WHERE c.metric = 'platform_match_quality'
  AND (of_tenant IS NULL OR c.tenant_id = of_tenant)
  AND q.emq_score IS NOT NULL
  AND q.last_emq_check_at > at - interval '2 days'
$$;
COMMENT ON FUNCTION attributary_platform_match_readings(timestamptz, text) IS 'Readings of the alerts on platform_match_quality: what the platform told of itself within two days, on its own scale.';
REVOKE ALL ON FUNCTION attributary_platform_match_readings(timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_platform_match_readings(timestamptz, text) TO attributary_scheduler;

DROP FUNCTION IF EXISTS attributary_spend_readings(timestamptz, text);
CREATE FUNCTION attributary_spend_readings(at timestamptz, of_tenant text)
RETURNS TABLE (tenant_id text, config_id text, platform text, value numeric, cases bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
SELECT
    c.tenant_id,
    c.config_id,
    latest.platform,
    greatest(0, round(extract(epoch FROM at - coalesce(
        (latest.date + 1)::timestamp AT TIME ZONE 'UTC', c.created_at
    )) / 3600, 2)),
    0::bigint
FROM pixel_alert_configs AS c
CROSS JOIN LATERAL (
    SELECT told.platform, max(told.date) AS date
    FROM (
        SELECT d.platform, d.date FROM daily_spend AS d
        WHERE d.tenant_id = c.tenant_id
          AND d.date >= (at AT TIME ZONE 'UTC')::date - 60
          AND c.platform IN ('', d.platform)
        UNION ALL
        SELECT c.platform, NULL WHERE c.platform <> ''
    ) AS told
    GROUP BY told.platform
) AS latest
WHERE c.metric = 'spend_staleness_hours'
  AND (of_tenant IS NULL OR c.tenant_id = of_tenant)
$$;
COMMENT ON FUNCTION attributary_spend_readings(timestamptz, text) IS 'Readings of the alerts on spend_staleness_hours, by traffic platform: since the end of the latest day that has spend, of the last 60; a platform that is named and has none is stale since the alert was made.';
REVOKE ALL ON FUNCTION attributary_spend_readings(timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_spend_readings(timestamptz, text) TO attributary_scheduler;
