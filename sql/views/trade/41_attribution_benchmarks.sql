CREATE VIEW attribution_benchmarks WITH (security_invoker = true) AS
SELECT
    b.tenant_id,
    b.source,
    b.industry,
    b.metric,
    b.platform,
    b.currency,
    b.period_start,
    b.period_end,
    own.value AS own_value,
    own.days AS own_days,
    b.p25,
    b.p50,
    b.p75,
    b.tenants,
    way.better,
    CASE
        WHEN own.value IS NULL THEN NULL
        WHEN way.sign * own.value >= way.sign * way.best THEN 'best_quarter'
        WHEN way.sign * own.value >= way.sign * b.p50 THEN 'better_half'
        WHEN way.worst IS NULL OR way.sign * own.value >= way.sign * way.worst THEN 'worse_half'
        ELSE 'worst_quarter'
    END AS standing
FROM competitor_benchmarks AS b
CROSS JOIN LATERAL (
    SELECT
        CASE WHEN costs THEN 'lower' ELSE 'higher' END AS better,
        CASE WHEN costs THEN -1 ELSE 1 END AS sign,
        CASE WHEN costs THEN b.p25 ELSE b.p75 END AS best,
        CASE WHEN costs THEN b.p75 ELSE b.p25 END AS worst
    FROM (
        SELECT b.metric IN ('cost_per_order', 'cpc', 'cpm', 'unattributed_share') AS costs
    ) AS kind
) AS way
LEFT JOIN (
    SELECT p.tenant_id, p.period_start, p.period_end, f.metric, f.platform, f.currency, f.value, f.days
    FROM (
        SELECT tenant_id, period_start, period_end
        FROM competitor_benchmarks
        GROUP BY tenant_id, period_start, period_end
    ) AS p
    CROSS JOIN LATERAL
        attributary_benchmark_figures(p.tenant_id, p.period_start, p.period_end) AS f
) AS own
    ON own.tenant_id = b.tenant_id
    AND own.period_start = b.period_start
    AND own.period_end = b.period_end
    AND own.metric = b.metric
    AND own.platform = b.platform
    AND own.currency = b.currency;
COMMENT ON VIEW attribution_benchmarks IS 'The tenant''s own figures beside what others of an industry reach in the same period. Benchmarks of this installation are of whole months and of those who allow it, as competitor_benchmarks says; others are imported. Example: SELECT metric, platform, own_value, p50, standing, tenants FROM attribution_benchmarks WHERE tenant_id = ''demo'' AND period_start >= CURRENT_DATE - 90 ORDER BY period_start, metric, platform;';
COMMENT ON COLUMN attribution_benchmarks.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_benchmarks.source IS 'installation, or what the import was called.';
COMMENT ON COLUMN attribution_benchmarks.industry IS 'Industry of those whom it is of.';
COMMENT ON COLUMN attribution_benchmarks.metric IS 'aov, cost_per_order, mer, unattributed_share; by platform: roas, ctr, cpc, cpm, emq_score, delivery_success_rate.';
COMMENT ON COLUMN attribution_benchmarks.platform IS 'Platform; empty for the shop as a whole.';
COMMENT ON COLUMN attribution_benchmarks.currency IS 'Currency of amounts; empty for what has none.';
COMMENT ON COLUMN attribution_benchmarks.period_start IS 'First day.';
COMMENT ON COLUMN attribution_benchmarks.period_end IS 'Last day.';
COMMENT ON COLUMN attribution_benchmarks.own_value IS 'The tenant''s own figure of the period; null where it has none, or in another currency.';
COMMENT ON COLUMN attribution_benchmarks.own_days IS 'Days that it is of.';
COMMENT ON COLUMN attribution_benchmarks.p25 IS 'A quarter of the others is below; null where a publication does not tell.';
COMMENT ON COLUMN attribution_benchmarks.p50 IS 'Median.';
COMMENT ON COLUMN attribution_benchmarks.p75 IS 'A quarter of the others is above; null where a publication does not tell.';
COMMENT ON COLUMN attribution_benchmarks.tenants IS 'Of how many shops it is.';
COMMENT ON COLUMN attribution_benchmarks.better IS 'higher, or lower for costs and unattributed_share.';
COMMENT ON COLUMN attribution_benchmarks.standing IS 'best_quarter, better_half, worse_half or worst_quarter; only the halves where no quartiles are told, null without a figure of its own.';
GRANT SELECT ON attribution_benchmarks TO attributary_analyst, attributary_processor;
