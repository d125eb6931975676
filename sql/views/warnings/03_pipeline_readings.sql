DROP FUNCTION IF EXISTS attributary_pipeline_readings(timestamptz, text);
CREATE FUNCTION attributary_pipeline_readings(at timestamptz, of_tenant text)
RETURNS TABLE (tenant_id text, config_id text, platform text, value numeric, cases bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
SELECT c.tenant_id, c.config_id, '', worst.lag, 0::bigint
FROM pixel_alert_configs AS c
CROSS JOIN (
    SELECT (SELECT max(g.value::numeric) FROM jsonb_each_text(latest.detail -> 'lag') AS g) AS lag
    FROM (
        SELECT r.detail
        FROM job_runs AS r
        WHERE r.name = 'check-pipeline-health'
          AND r.started_at <= at
          AND r.finished_at > at - interval '2 hours'
          AND r.detail ? 'lag'
        ORDER BY r.scheduled_for DESC, r.attempt DESC
        LIMIT 1
    ) AS latest
) AS worst
WHERE c.metric = 'pipeline_lag_records'
  AND (of_tenant IS NULL OR c.tenant_id = of_tenant)
$$;
COMMENT ON FUNCTION attributary_pipeline_readings(timestamptz, text) IS 'Readings of the alerts on pipeline_lag_records: records that the group furthest behind has yet to do, of all tenants together, as check-pipeline-health found it within two hours.';
REVOKE ALL ON FUNCTION attributary_pipeline_readings(timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_pipeline_readings(timestamptz, text) TO attributary_scheduler;
