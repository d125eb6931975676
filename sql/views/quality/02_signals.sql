-- Dropped first: what a function returns cannot be replaced.
DROP FUNCTION IF EXISTS attributary_signals(date, timestamptz, text);
CREATE FUNCTION attributary_signals(since date, at timestamptz, of_tenant text)
RETURNS TABLE (
    tenant_id text, date date, platform text, pixel_id text, received bigint, accepted bigint,
    purchases bigint, browsed bigint, seen bigint, latency_hours numeric, freshness_hours numeric,
    earned bigint, unearned bigint, deduplication_quality numeric, share_matched numeric,
    emq_score numeric, anomalies bigint
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
WITH days AS (
    SELECT t.tenant_id, day.*, least(day.ends_at, at) AS until
    FROM tenants AS t
    CROSS JOIN LATERAL attributary_days(since::timestamp AT TIME ZONE 'UTC', at) AS day
    WHERE of_tenant IS NULL OR t.tenant_id = of_tenant
),
tried AS MATERIALIZED (
    SELECT s.tenant_id, s.date, told.*
    FROM days AS s
    CROSS JOIN LATERAL (
        SELECT
            d.platform,
            count(*) AS received,
            count(*) FILTER (WHERE d.state = 'sent') AS accepted,
            count(*) FILTER (WHERE d.state = 'sent' AND d.event_name = 'Purchase') AS purchases,
            count(*) FILTER (WHERE d.payload ->> 'visitor_id' IS NOT NULL) AS browsed,
            -- Each with a limit, so that it is looked up: else all events would be read to be hashed.
            count(*) FILTER (WHERE d.payload ->> 'visitor_id' IS NOT NULL AND coalesce(
                (
                    SELECT true FROM pixel_events AS e
                    WHERE e.tenant_id = d.tenant_id
                      AND e.event_id = d.source_event_id
                      AND e.source IN ('events', 'checkout')
                    LIMIT 1
                ),
                d.event_name = 'Purchase' AND coalesce(
                    (
                        SELECT true FROM pixel_events AS e
                        WHERE e.tenant_id = d.tenant_id
                          AND e.order_id = d.order_id
                          AND coalesce(e.order_source, 'api') = d.order_source
                          AND e.event_type = 'Purchase'
                          AND e.source IN ('events', 'checkout')
                        LIMIT 1
                    ),
                    (
                        SELECT true FROM pixel_events AS e
                        WHERE e.tenant_id = d.tenant_id
                          AND e.checkout_id = d.payload ->> 'checkout_id'
                          AND e.event_type = 'Purchase'
                          AND e.source IN ('events', 'checkout')
                        LIMIT 1
                    )
                )
            )) AS seen,
            round(percentile_disc(0.5) WITHIN GROUP (
                ORDER BY extract(epoch FROM greatest(d.finished_at - d.occurred_at, interval '0'))
            ) FILTER (WHERE d.state = 'sent') / 3600, 4) AS latency_hours
        FROM capi_delivery_log AS l
        JOIN deliveries AS d
            ON d.tenant_id = l.tenant_id AND d.platform = l.platform
            AND d.event_id = l.event_id AND d.kind = l.kind
        WHERE l.tenant_id = s.tenant_id
          AND l.created_at >= s.starts_at
          AND l.created_at < s.ends_at
          AND l.created_at <= at
          AND l.attempt = 1
          AND l.kind = 'event'
          AND l.status <> 'unwanted'
        GROUP BY d.platform
    ) AS told
),
-- Once a day, not once a platform.
shared AS MATERIALIZED (
    SELECT s.tenant_id, s.date, bought.earned, bought.unearned, q.deduplication_quality
    FROM days AS s
    CROSS JOIN LATERAL (
        SELECT
            count(*) FILTER (WHERE r.state = 'ready') AS earned,
            count(*) FILTER (WHERE r.state = 'unattributed') AS unearned
        FROM conversions AS c
        JOIN credit_rows AS r
            ON r.tenant_id = c.tenant_id AND r.conversion_id = c.conversion_id
        WHERE c.tenant_id = s.tenant_id
          AND c.converted_at >= s.starts_at
          AND c.converted_at < s.ends_at
          AND attributary_is_told(c.gross, c.folded)
    ) AS bought
    LEFT JOIN LATERAL (
        SELECT d.deduplication_quality FROM deduplication_quality AS d
        WHERE d.tenant_id = s.tenant_id AND d.date = s.date
    ) AS q ON true
    WHERE (s.tenant_id, s.date) IN (SELECT k.tenant_id, k.date FROM tried AS k)
),
parity AS MATERIALIZED (
    SELECT s.tenant_id, s.date, p.platform, p.share_matched
    FROM shared AS s
    CROSS JOIN LATERAL (
        SELECT d.platform, d.share_matched FROM delivery_parity AS d
        WHERE d.tenant_id = s.tenant_id AND d.date = s.date
    ) AS p
)
SELECT
    s.tenant_id,
    s.date,
    u.platform,
    coalesce(measured.pixel_id, c.account_id, ''),
    coalesce(k.received, 0),
    coalesce(k.accepted, 0),
    coalesce(k.purchases, 0),
    coalesce(k.browsed, 0),
    coalesce(k.seen, 0),
    k.latency_hours,
    round(coalesce(extract(epoch FROM s.until - latest.created_at) / 3600, 168), 2),
    coalesce(h.earned, 0),
    coalesce(h.unearned, 0),
    h.deduplication_quality,
    p.share_matched,
    measured.overall_score,
    (
        SELECT count(*) FROM anomalies AS a
        WHERE a.tenant_id = s.tenant_id AND a.platform = u.platform AND a.date = s.date
          AND a.series IN ('deliveries', 'delivery_success_rate', 'retry_rate', 'p95_latency_ms',
              'platform_match_quality', 'emq_score')
    )
FROM days AS s
CROSS JOIN unnest(ARRAY[
    'meta', 'ga4', 'google_ads', 'tiktok', 'snapchat', 'pinterest', 'linkedin', 'microsoft_ads',
    'klaviyo', 'whatsapp', 'affiliate', 'mntn', 'sgtm'
]) AS u (platform)
LEFT JOIN LATERAL (
    SELECT l.created_at FROM capi_delivery_log AS l
    WHERE l.tenant_id = s.tenant_id
      AND l.platform = u.platform
      AND l.status = 'sent'
      AND l.created_at < s.until
      AND l.created_at >= s.until - interval '7 days'
    ORDER BY l.created_at DESC
    LIMIT 1
) AS latest ON true
LEFT JOIN tried AS k ON k.tenant_id = s.tenant_id AND k.date = s.date AND k.platform = u.platform
LEFT JOIN shared AS h ON h.tenant_id = s.tenant_id AND h.date = s.date
LEFT JOIN parity AS p ON p.tenant_id = s.tenant_id AND p.date = s.date AND p.platform = u.platform
LEFT JOIN platform_connections AS c ON c.tenant_id = s.tenant_id AND c.platform = u.platform
LEFT JOIN LATERAL (
    SELECT m.pixel_id, m.overall_score FROM emq_measurements AS m
    WHERE m.tenant_id = s.tenant_id AND m.measurement_date = s.date AND m.platform = u.platform
    ORDER BY m.events_received DESC, m.pixel_id
    LIMIT 1
) AS measured ON true
WHERE k.platform IS NOT NULL OR latest.created_at IS NOT NULL
ORDER BY s.tenant_id, s.date, u.platform
$$;
COMMENT ON FUNCTION attributary_signals(date, timestamptz, text) IS 'What the drivers of the event match quality and the signal''s health are computed of, by tenant, UTC day of the first attempt and destination: events that were tried, accepted, had a visitor (browsed) and of these were seen by the pixel; hours from event to acceptance (median) and from the last acceptance to the end of the day or until then; orders that touches earned or not; the score measured before.';
REVOKE ALL ON FUNCTION attributary_signals(date, timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_signals(date, timestamptz, text) TO attributary_scheduler;
