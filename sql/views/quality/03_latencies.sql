-- Dropped first: what a function returns cannot be replaced.
DROP FUNCTION IF EXISTS attributary_latencies(date, timestamptz, text);
CREATE FUNCTION attributary_latencies(since date, at timestamptz, of_tenant text)
RETURNS TABLE (
    tenant_id text, period_date date, platform text, event_type text, event_count bigint,
    avg_latency_ms numeric, median_latency_ms numeric, p95_latency_ms numeric,
    p99_latency_ms numeric
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
SELECT t.tenant_id, day.date, told.*
FROM tenants AS t
CROSS JOIN LATERAL attributary_days(since::timestamp AT TIME ZONE 'UTC', at) AS day
CROSS JOIN LATERAL (
    SELECT
        l.platform,
        l.event_name,
        count(*),
        round(avg(l.occurred_to_accepted_ms), 2),
        percentile_disc(0.5) WITHIN GROUP (ORDER BY l.occurred_to_accepted_ms)::numeric,
        percentile_disc(0.95) WITHIN GROUP (ORDER BY l.occurred_to_accepted_ms)::numeric,
        percentile_disc(0.99) WITHIN GROUP (ORDER BY l.occurred_to_accepted_ms)::numeric
    FROM conversion_latencies AS l
    WHERE l.tenant_id = t.tenant_id
      AND l.occurred_at >= day.starts_at
      AND l.occurred_at < day.ends_at
      AND l.accepted_at <= at
    GROUP BY l.platform, l.event_name
) AS told
WHERE of_tenant IS NULL OR t.tenant_id = of_tenant
ORDER BY t.tenant_id, day.date
$$;
COMMENT ON FUNCTION attributary_latencies(date, timestamptz, text) IS 'Exact percentiles of the time from an event to its acceptance, by the UTC day of the event, as conversion_latency_stats keeps them.';
REVOKE ALL ON FUNCTION attributary_latencies(date, timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_latencies(date, timestamptz, text) TO attributary_scheduler;
