DROP FUNCTION IF EXISTS attributary_order_readings(timestamptz, text);
CREATE FUNCTION attributary_order_readings(at timestamptz, of_tenant text)
RETURNS TABLE (tenant_id text, config_id text, platform text, value numeric, cases bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
WITH asked AS MATERIALIZED (
    SELECT c.*, c.window_minutes * interval '1 minute' AS span
    FROM pixel_alert_configs AS c
    WHERE c.metric IN ('unattributed_share', 'order_volume_anomaly')
      AND (of_tenant IS NULL OR c.tenant_id = of_tenant)
)
SELECT a.tenant_id, a.config_id, '', found.missed::numeric / nullif(found.orders, 0), found.orders
FROM asked AS a
CROSS JOIN LATERAL (
    SELECT count(*) AS orders, count(*) FILTER (WHERE r.state = 'unattributed') AS missed
    FROM conversions AS c
    JOIN credit_rows AS r ON r.tenant_id = c.tenant_id AND r.conversion_id = c.conversion_id
    WHERE c.tenant_id = a.tenant_id
      AND c.converted_at > at - a.span
      AND c.converted_at <= at
      AND r.state IN ('ready', 'unattributed')
      AND attributary_is_told(c.gross, c.folded)
) AS found
WHERE a.metric = 'unattributed_share'
UNION ALL
SELECT
    a.tenant_id,
    a.config_id,
    '',
    round((now.n - usual.median) / greatest(1.4826 * spread.mad, sqrt(greatest(usual.median, 1))), 4),
    usual.weeks
FROM asked AS a
CROSS JOIN LATERAL (
    SELECT min(c.converted_at) AS since FROM conversions AS c WHERE c.tenant_id = a.tenant_id
) AS first
CROSS JOIN LATERAL (
    SELECT array_agg(counted.n ORDER BY week.age) AS counts
    FROM generate_series(0, 8) AS week (age)
    CROSS JOIN LATERAL (
        SELECT count(*) AS n
        FROM conversions AS c
        WHERE c.tenant_id = a.tenant_id
          AND c.converted_at > at - week.age * interval '7 days' - a.span
          AND c.converted_at <= at - week.age * interval '7 days'
          AND attributary_is_told(c.gross, c.folded)
    ) AS counted
    WHERE week.age = 0 OR at - week.age * interval '7 days' - a.span >= first.since
) AS seen
CROSS JOIN LATERAL (SELECT seen.counts[1]::numeric AS n) AS now
CROSS JOIN LATERAL (
    SELECT count(*) AS weeks,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY past.n)::numeric AS median
    FROM unnest(seen.counts[2:]) AS past (n)
) AS usual
CROSS JOIN LATERAL (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(past.n - usual.median))::numeric AS mad
    FROM unnest(seen.counts[2:]) AS past (n)
) AS spread
WHERE a.metric = 'order_volume_anomaly' AND usual.weeks > 0
$$;
COMMENT ON FUNCTION attributary_order_readings(timestamptz, text) IS 'Readings of the alerts on unattributed_share (of the window''s orders whose credit is computed) and order_volume_anomaly: how many robust deviations (MAD, at least the root of the median) the window''s orders are from the median of the same window of the eight weeks before; cases are the weeks that there were.';
REVOKE ALL ON FUNCTION attributary_order_readings(timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_order_readings(timestamptz, text) TO attributary_scheduler;
