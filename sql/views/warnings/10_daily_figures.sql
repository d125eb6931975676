-- The days of one tenant that are over, for daily_series. The owner's, as the readings are.
DROP FUNCTION IF EXISTS attributary_daily_figures(text, timestamptz, integer);
CREATE FUNCTION attributary_daily_figures(of_tenant text, at timestamptz, days integer)
RETURNS TABLE (series text, platform text, date date, value numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
WITH chosen AS MATERIALIZED (
    SELECT
        s.currency,
        attributary_unit(s.currency) AS unit,
        (at AT TIME ZONE s.time_zone)::date AS local_today,
        (at AT TIME ZONE 'UTC')::date AS today,
        (at AT TIME ZONE 'UTC')::date - days AS since
    FROM attribution_settings AS s
    WHERE s.tenant_id = of_tenant
),
bought AS MATERIALIZED (
    SELECT
        coalesce(r.date, (c.converted_at AT TIME ZONE 'UTC')::date) AS date,
        count(*) AS orders,
        sum(r.revenue_reporting) * min(o.unit) AS revenue,
        count(*) FILTER (WHERE r.state = 'unattributed') AS missed,
        count(*) FILTER (WHERE r.state IN ('ready', 'unattributed')) AS known
    FROM chosen AS o
    JOIN conversions AS c
        ON c.tenant_id = of_tenant
        AND c.converted_at >= (o.since - 1)::timestamp AT TIME ZONE 'UTC'
        AND c.converted_at <= at
    LEFT JOIN credit_rows AS r ON r.tenant_id = c.tenant_id AND r.conversion_id = c.conversion_id
    WHERE attributary_is_told(c.gross, c.folded)
    GROUP BY 1
),
spent AS MATERIALIZED (
    SELECT f.platform, f.date, sum(f.spend) * min(o.unit) AS spend
    FROM chosen AS o
    JOIN attribution_spend_facts AS f ON f.tenant_id = of_tenant AND f.date >= o.since
    GROUP BY f.platform, f.date
),
earned AS MATERIALIZED (
    SELECT
        k.platform,
        k.date,
        sum(k.revenue[
            (array_position(attributary_models(), 'last_touch') - 1) * 8
            + array_position(attributary_windows(), '7d')
        ]) * min(o.unit) AS revenue
    FROM chosen AS o
    JOIN summary_cells AS k
        ON k.tenant_id = of_tenant AND k.basis = 'cash' AND k.date >= o.since
    GROUP BY k.platform, k.date
),
delivered AS MATERIALIZED (
    SELECT h.platform, h.date, h.deliveries, h.success_rate, h.retry_rate, h.p95_latency_ms
    FROM delivery_health AS h
    WHERE h.tenant_id = of_tenant AND h.date >= (SELECT o.since FROM chosen AS o)
),
told AS (
    SELECT 'orders' AS series, '' AS platform, b.date, b.orders::numeric AS value FROM bought AS b
    UNION ALL
    SELECT 'revenue', '', b.date, b.revenue FROM bought AS b
    UNION ALL
    SELECT 'unattributed_share', '', b.date, round(b.missed::numeric / nullif(b.known, 0), 6)
    FROM bought AS b
    UNION ALL
    SELECT 'spend', s.platform, s.date, s.spend FROM spent AS s
    UNION ALL
    SELECT 'roas', s.platform, s.date, round(coalesce(e.revenue, 0) / nullif(s.spend, 0), 6)
    FROM spent AS s LEFT JOIN earned AS e ON e.platform = s.platform AND e.date = s.date
    UNION ALL
    SELECT 'mer', '', s.date, round(coalesce(min(b.revenue), 0) / nullif(sum(s.spend), 0), 6)
    FROM spent AS s LEFT JOIN bought AS b ON b.date = s.date
    GROUP BY s.date
    UNION ALL
    SELECT figure.series, d.platform, d.date, figure.value
    FROM delivered AS d
    CROSS JOIN LATERAL (VALUES
        ('deliveries', d.deliveries::numeric),
        ('delivery_success_rate', d.success_rate),
        ('retry_rate', d.retry_rate),
        ('p95_latency_ms', d.p95_latency_ms::numeric)
    ) AS figure (series, value)
    UNION ALL
    -- Of the account with the most events, as in fact_signal_health_daily.
    SELECT 'emq_score', m.platform, m.measurement_date, m.overall_score
    FROM (
        SELECT DISTINCT ON (e.platform, e.measurement_date)
            e.platform, e.measurement_date, e.overall_score
        FROM chosen AS o
        JOIN emq_measurements AS e ON e.tenant_id = of_tenant AND e.measurement_date >= o.since
        ORDER BY e.platform, e.measurement_date, e.events_received DESC, e.pixel_id
    ) AS m
    UNION ALL
    SELECT 'pixel_events', '', day.date, seen.n
    FROM chosen AS o
    CROSS JOIN LATERAL attributary_days(o.since::timestamp AT TIME ZONE 'UTC', at) AS day
    CROSS JOIN LATERAL (
        SELECT count(*)::numeric AS n FROM pixel_events AS e
        WHERE e.tenant_id = of_tenant
          AND e.occurred_at >= day.starts_at
          AND e.occurred_at < day.ends_at
          AND e.source IN ('events', 'checkout')
          AND NOT e.is_bot
    ) AS seen
    WHERE seen.n > 0
)
SELECT t.series, t.platform, t.date, t.value
FROM told AS t CROSS JOIN chosen AS o
WHERE t.value IS NOT NULL
  AND t.date >= o.since
  AND t.date < CASE
      WHEN t.series IN ('orders', 'revenue', 'unattributed_share', 'mer', 'roas') THEN o.local_today
      ELSE o.today
  END
UNION ALL
SELECT 'platform_match_quality', q.platform, (q.last_emq_check_at AT TIME ZONE 'UTC')::date,
    q.emq_score
FROM platform_match_quality AS q
WHERE q.tenant_id = of_tenant AND q.emq_score IS NOT NULL
$$;
COMMENT ON FUNCTION attributary_daily_figures(text, timestamptz, integer) IS 'Figures of the last so many days of a tenant that were over at that time, as daily_series keeps them.';
REVOKE ALL ON FUNCTION attributary_daily_figures(text, timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_daily_figures(text, timestamptz, integer) TO attributary_scheduler;
