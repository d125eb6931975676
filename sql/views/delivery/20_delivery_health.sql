CREATE VIEW delivery_health WITH (security_invoker = true) AS
WITH days AS (
    SELECT t.tenant_id, day.date, day.starts_at, day.ends_at, told.*
    FROM tenants AS t
    CROSS JOIN LATERAL attributary_days(
        (SELECT min(l.created_at) FROM capi_delivery_log AS l WHERE l.tenant_id = t.tenant_id),
        (SELECT max(l.created_at) FROM capi_delivery_log AS l WHERE l.tenant_id = t.tenant_id)
    ) AS day
    CROSS JOIN LATERAL (
        SELECT
            tried.platform,
            count(*) AS deliveries,
            sum(tried.requests)::bigint AS requests,
            count(*) FILTER (WHERE tried.sent) AS sent,
            count(*) FILTER (WHERE tried.rejected AND NOT tried.sent) AS rejected,
            count(*) FILTER (WHERE tried.throttled AND NOT tried.sent) AS throttled,
            count(*) FILTER (WHERE tried.refused AND NOT tried.sent) AS refused,
            count(*) FILTER (WHERE tried.retried) AS retried,
            percentile_disc(0.95) WITHIN GROUP (ORDER BY tried.latency_ms) AS p95_latency_ms
        FROM (
            SELECT
                l.platform,
                count(*) AS requests,
                bool_or(l.attempt > 1) AS retried,
                -- What a platform took it may refuse later, which is a line without a request.
                coalesce(
                    max(l.created_at) FILTER (WHERE l.status = 'sent') >= coalesce(
                        max(l.created_at) FILTER (WHERE l.request_digest = ''), '-infinity'
                    ),
                    false
                ) AS sent,
                bool_or(l.status = 'rejected') AS rejected,
                bool_or(l.status = 'throttled') AS throttled,
                bool_or(l.status = 'reauth') AS refused,
                coalesce(
                    min(l.latency_ms) FILTER (WHERE l.status = 'sent'),
                    max(l.latency_ms) FILTER (WHERE l.request_digest <> '')
                ) AS latency_ms
            FROM capi_delivery_log AS l
            WHERE l.tenant_id = t.tenant_id
              AND l.created_at >= day.starts_at
              AND l.created_at < day.ends_at
              -- That nobody asked for it there was found without a request.
              AND l.status <> 'unwanted'
            GROUP BY l.platform, l.event_id, l.kind
        ) AS tried
        GROUP BY tried.platform
    ) AS told
),
rates AS (
    SELECT
        d.*,
        d.sent::numeric / d.deliveries AS success_rate,
        d.retried::numeric / d.deliveries AS retry_rate,
        coalesce(o.seconds, 0) / 60 AS open_minutes
    FROM days AS d
    CROSS JOIN LATERAL (
        SELECT sum(extract(epoch FROM upper(span) - lower(span))) AS seconds
        FROM (
            -- What the circuits of two replicas were open together counts once.
            SELECT unnest(range_agg(
                tstzrange(c.opened_at, greatest(c.opened_at, least(c.open_until, now())))
                * tstzrange(d.starts_at, d.ends_at)
            )) AS span
            FROM delivery_circuit_openings AS c
            WHERE c.tenant_id = d.tenant_id
              AND c.platform = d.platform
              AND c.opened_at < d.ends_at
              AND c.open_until > d.starts_at
        ) AS open
    ) AS o
)
SELECT
    tenant_id,
    date,
    platform,
    deliveries,
    requests,
    sent,
    rejected,
    round(success_rate, 4) AS success_rate,
    attributary_level(success_rate, 0.99, 0.95) AS success_status,
    retried,
    round(retry_rate, 4) AS retry_rate,
    attributary_level(retry_rate, 0.02, 0.10) AS retry_status,
    retry_rate < 0.05 AS is_retry_below_5_percent,
    p95_latency_ms,
    attributary_level(p95_latency_ms, 500, 2000) AS latency_status,
    round(open_minutes, 2) AS open_minutes,
    CASE WHEN open_minutes = 0 THEN 'target' ELSE attributary_level(open_minutes, 0, 5) END AS open_status,
    array_remove(ARRAY[
        CASE WHEN success_rate < 0.95 THEN 'success_rate' END,
        CASE WHEN open_minutes > 0 THEN 'circuit_open' END,
        CASE WHEN throttled > 0 THEN 'rate_limit' END,
        CASE WHEN refused > 0 THEN 'credentials' END
    ], NULL) AS failures
FROM rates;

COMMENT ON VIEW delivery_health IS 'How deliveries fared, a row for each platform and day of attempts. A delivery that was tried on two days counts on both. Example: SELECT date, platform, deliveries, success_rate, success_status, retry_status, p95_latency_ms, latency_status, open_minutes FROM delivery_health WHERE tenant_id = ''demo'' AND date >= current_date - 6 ORDER BY date DESC, platform.';
COMMENT ON COLUMN delivery_health.tenant_id IS 'Tenant.';
COMMENT ON COLUMN delivery_health.date IS 'UTC day of the attempts.';
COMMENT ON COLUMN delivery_health.platform IS 'Destination.';
COMMENT ON COLUMN delivery_health.deliveries IS 'Deliveries that were tried that day.';
COMMENT ON COLUMN delivery_health.requests IS 'Attempts at them; an event within a batch counts for itself.';
COMMENT ON COLUMN delivery_health.sent IS 'Of the deliveries those that were accepted that day, and not refused later that day.';
COMMENT ON COLUMN delivery_health.rejected IS 'Of the deliveries those that the platform refused for good.';
COMMENT ON COLUMN delivery_health.success_rate IS 'sent / deliveries, 0 to 1: what only waits for its next try is no success yet.';
COMMENT ON COLUMN delivery_health.success_status IS 'target above 99 %, critical below 95 %, else warning.';
COMMENT ON COLUMN delivery_health.retried IS 'Of the deliveries those that needed a request after their first.';
COMMENT ON COLUMN delivery_health.retry_rate IS 'retried / deliveries, 0 to 1.';
COMMENT ON COLUMN delivery_health.retry_status IS 'target below 2 %, critical above 10 %, else warning.';
COMMENT ON COLUMN delivery_health.is_retry_below_5_percent IS 'The other threshold of the retry rate.';
COMMENT ON COLUMN delivery_health.p95_latency_ms IS 'So long, in milliseconds, or less took the request of 95 % of the deliveries: the accepted one, else the slowest.';
COMMENT ON COLUMN delivery_health.latency_status IS 'target below 500 ms, critical above 2000 ms, else warning.';
COMMENT ON COLUMN delivery_health.open_minutes IS 'Minutes of the day, until now, in which a circuit was open.';
COMMENT ON COLUMN delivery_health.open_status IS 'target when it was never open, critical above 5 minutes, else warning.';
COMMENT ON COLUMN delivery_health.failures IS 'Why the platform counts as failed: success_rate (it is critical), circuit_open, rate_limit or credentials (they held up what was not accepted that day); empty when it does not.';

GRANT SELECT ON delivery_health TO attributary_analyst, attributary_processor;
