DROP FUNCTION IF EXISTS attributary_health_readings(timestamptz, text);
CREATE FUNCTION attributary_health_readings(at timestamptz, of_tenant text)
RETURNS TABLE (tenant_id text, config_id text, platform text, value numeric, cases bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
SELECT DISTINCT ON (c.tenant_id, c.config_id, f.platform)
    c.tenant_id, c.config_id, f.platform, f.health_score, f.conversion_volume
FROM pixel_alert_configs AS c
JOIN fact_signal_health_daily AS f
    ON f.tenant_id = c.tenant_id
    AND c.platform IN ('', f.platform)
    AND f.date BETWEEN (at AT TIME ZONE 'UTC')::date - 1 AND (at AT TIME ZONE 'UTC')::date
WHERE c.metric = 'signal_health'
  AND (of_tenant IS NULL OR c.tenant_id = of_tenant)
  AND f.health_score IS NOT NULL
ORDER BY c.tenant_id, c.config_id, f.platform, f.date DESC
$$;
COMMENT ON FUNCTION attributary_health_readings(timestamptz, text) IS 'Readings of the alerts on signal_health: health_score of fact_signal_health_daily, of today as soon as it was judged, else of yesterday.';
REVOKE ALL ON FUNCTION attributary_health_readings(timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_health_readings(timestamptz, text) TO attributary_scheduler;
