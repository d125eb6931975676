-- What alerts read, one function a kind of metric, for every alert of every tenant at once. They are
-- the owner's, so that the scheduler gets figures and may read none of the rows beneath.
-- Dropped first: what a function returns cannot be replaced.
DROP FUNCTION IF EXISTS attributary_delivery_readings(timestamptz, text);
CREATE FUNCTION attributary_delivery_readings(at timestamptz, of_tenant text)
RETURNS TABLE (tenant_id text, config_id text, platform text, value numeric, cases bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
WITH asked AS MATERIALIZED (
    SELECT c.* FROM pixel_alert_configs AS c
    WHERE c.metric IN ('delivery_success_rate', 'p95_latency_ms', 'pixel_failure_rate', 'retry_rate')
      AND (of_tenant IS NULL OR c.tenant_id = of_tenant)
),
windows AS (
    SELECT DISTINCT a.tenant_id, a.window_minutes FROM asked AS a
),
told AS MATERIALIZED (
    SELECT w.*, found.*
    FROM windows AS w
    CROSS JOIN LATERAL (
        SELECT
            tried.platform,
            count(*) AS deliveries,
            count(*) FILTER (WHERE tried.sent) AS sent,
            count(*) FILTER (WHERE tried.retried) AS retried,
            percentile_disc(0.95) WITHIN GROUP (ORDER BY tried.latency_ms) AS p95_latency_ms,
            count(*) FILTER (WHERE d.source_event_id IS NOT NULL) AS of_events,
            count(*) FILTER (
                WHERE d.source_event_id IS NOT NULL AND d.state NOT IN ('sent', 'filtered')
            ) AS failed
        FROM (
            -- As in delivery_health, for a window in place of a day.
            SELECT
                l.platform,
                l.event_id,
                l.kind,
                bool_or(l.attempt > 1) AS retried,
                coalesce(
                    max(l.created_at) FILTER (WHERE l.status = 'sent') >= coalesce(
                        max(l.created_at) FILTER (WHERE l.request_digest = ''), '-infinity'
                    ),
                    false
                ) AS sent,
                coalesce(
                    min(l.latency_ms) FILTER (WHERE l.status = 'sent'),
                    max(l.latency_ms) FILTER (WHERE l.request_digest <> '')
                ) AS latency_ms
            FROM capi_delivery_log AS l
            WHERE l.tenant_id = w.tenant_id
              AND l.created_at > at - w.window_minutes * interval '1 minute'
              AND l.created_at <= at
              AND l.status <> 'unwanted'
            GROUP BY l.platform, l.event_id, l.kind
        ) AS tried
        LEFT JOIN deliveries AS d
            ON d.tenant_id = w.tenant_id AND d.platform = tried.platform
            AND d.event_id = tried.event_id AND d.kind = tried.kind
        GROUP BY tried.platform
    ) AS found
)
SELECT
    a.tenant_id,
    a.config_id,
    t.platform,
    CASE a.metric
        WHEN 'delivery_success_rate' THEN t.sent::numeric / t.deliveries
        WHEN 'retry_rate' THEN t.retried::numeric / t.deliveries
        WHEN 'p95_latency_ms' THEN t.p95_latency_ms::numeric
        ELSE t.failed::numeric / nullif(t.of_events, 0)
    END,
    CASE a.metric WHEN 'pixel_failure_rate' THEN t.of_events ELSE t.deliveries END
FROM asked AS a
JOIN told AS t
    ON t.tenant_id = a.tenant_id AND t.window_minutes = a.window_minutes
    AND a.platform IN ('', t.platform)
$$;
COMMENT ON FUNCTION attributary_delivery_readings(timestamptz, text) IS 'Readings of the alerts on delivery_success_rate, retry_rate, p95_latency_ms (as in delivery_health, of the deliveries tried in the window) and pixel_failure_rate: of those that tell of an event of the pixel or a server the share that is neither accepted nor filtered.';
REVOKE ALL ON FUNCTION attributary_delivery_readings(timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_delivery_readings(timestamptz, text) TO attributary_scheduler;
