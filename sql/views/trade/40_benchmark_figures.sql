DROP FUNCTION IF EXISTS attributary_benchmark_figures(text, date, date);
CREATE FUNCTION attributary_benchmark_figures(of_tenant text, first_day date, last_day date)
RETURNS TABLE (metric text, platform text, currency text, value numeric, days integer)
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
WITH own AS MATERIALIZED (
    SELECT d.series, d.platform, d.date, d.value
    FROM daily_series AS d
    WHERE d.tenant_id = of_tenant AND d.date >= first_day AND d.date <= last_day
        AND d.series IN (
            'orders', 'revenue', 'unattributed_share', 'spend', 'roas', 'deliveries',
            'delivery_success_rate', 'emq_score'
        )
), shop AS (
    SELECT
        o.date,
        coalesce(max(o.value) FILTER (WHERE o.series = 'orders'), 0) AS orders,
        coalesce(max(o.value) FILTER (WHERE o.series = 'revenue'), 0) AS revenue,
        max(o.value) FILTER (WHERE o.series = 'unattributed_share') AS unattributed_share,
        coalesce(sum(o.value) FILTER (WHERE o.series = 'spend'), 0) AS spend
    FROM own AS o
    WHERE o.platform = '' OR o.series = 'spend'
    GROUP BY o.date
), place AS (
    SELECT
        o.platform,
        o.date,
        max(o.value) FILTER (WHERE o.series = 'spend') AS spend,
        max(o.value) FILTER (WHERE o.series = 'roas') AS roas,
        max(o.value) FILTER (WHERE o.series = 'deliveries') AS deliveries,
        max(o.value) FILTER (WHERE o.series = 'delivery_success_rate') AS success_rate,
        max(o.value) FILTER (WHERE o.series = 'emq_score') AS emq_score
    FROM own AS o
    WHERE o.platform <> ''
    GROUP BY o.platform, o.date
), shown AS (
    SELECT a.platform, a.date, sum(a.impressions) AS impressions, sum(a.clicks) AS clicks
    FROM daily_spend AS a
    WHERE a.tenant_id = of_tenant AND a.date >= first_day AND a.date <= last_day
    GROUP BY a.platform, a.date
    HAVING bool_and(a.impressions IS NOT NULL AND a.clicks IS NOT NULL)
), told (metric, platform, is_money, value, days) AS (
    SELECT 'aov', '', true, sum(revenue) / nullif(sum(orders), 0), count(*) FROM shop WHERE orders > 0
    UNION ALL
    SELECT 'cost_per_order', '', true, sum(spend) / nullif(sum(orders), 0),
        count(*) FILTER (WHERE spend > 0)
    FROM shop HAVING sum(spend) > 0
    UNION ALL
    SELECT 'mer', '', false, sum(revenue) / nullif(sum(spend), 0), count(*) FILTER (WHERE spend > 0)
    FROM shop
    UNION ALL
    SELECT 'unattributed_share', '', false, sum(unattributed_share * orders) / nullif(sum(orders), 0),
        count(*)
    FROM shop WHERE unattributed_share IS NOT NULL
    UNION ALL
    SELECT 'roas', platform, false, sum(roas * spend) / nullif(sum(spend), 0), count(*)
    FROM place WHERE roas IS NOT NULL GROUP BY platform
    UNION ALL
    SELECT 'delivery_success_rate', platform, false,
        sum(success_rate * deliveries) / nullif(sum(deliveries), 0), count(*)
    FROM place WHERE success_rate IS NOT NULL GROUP BY platform
    UNION ALL
    SELECT 'emq_score', platform, false, avg(emq_score), count(*)
    FROM place WHERE emq_score IS NOT NULL GROUP BY platform
    UNION ALL
    SELECT 'ctr', platform, false, sum(clicks) / nullif(sum(impressions), 0), count(*)
    FROM shown GROUP BY platform
    UNION ALL
    SELECT cost.metric, s.platform, true, cost.value, cost.days
    FROM (
        SELECT s.platform, sum(p.spend) AS spend, sum(s.clicks) AS clicks,
            sum(s.impressions) AS impressions, count(*) AS days
        FROM shown AS s
        JOIN place AS p ON p.platform = s.platform AND p.date = s.date AND p.spend IS NOT NULL
        GROUP BY s.platform
    ) AS s
    CROSS JOIN LATERAL (VALUES
        ('cpc', s.spend / nullif(s.clicks, 0), s.days),
        ('cpm', 1000 * s.spend / nullif(s.impressions, 0), s.days)
    ) AS cost (metric, value, days)
)
SELECT t.metric, t.platform, CASE WHEN t.is_money THEN s.currency ELSE '' END, round(t.value, 6),
    t.days::integer
FROM told AS t
JOIN attribution_settings AS s ON s.tenant_id = of_tenant
WHERE t.value IS NOT NULL
$$;
COMMENT ON FUNCTION attributary_benchmark_figures(text, date, date) IS 'A tenant''s own figures of a period, as competitor_benchmarks has them of others: out of daily_series, and of what ad accounts say of impressions and clicks; days is how many days each is of. Sums are divided, not ratios averaged.';
GRANT EXECUTE ON FUNCTION attributary_benchmark_figures(text, date, date) TO attributary_scheduler;
