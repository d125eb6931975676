CREATE VIEW attribution_platform_comparison WITH (security_invoker = true) AS
SELECT
    g.tenant_id,
    g.date,
    g.platform,
    g.model,
    g.attribution_window,
    g.impressions,
    g.clicks,
    round(g.clicks / nullif(g.impressions, 0), 6) AS ctr,
    round(g.spend * attributary_unit(g.currency) / nullif(g.clicks, 0), 4) AS cpc,
    g.spend * attributary_unit(g.currency) AS spend,
    g.touchpoints::bigint AS touchpoints,
    g.conversions * 0.000000001 AS conversions,
    g.revenue * attributary_unit(g.currency) AS revenue,
    attributary_return(g.revenue, g.spend)::numeric(10, 4) AS roas,
    round(g.spend * attributary_unit(g.currency) / nullif(g.conversions * 0.000000001, 0), 4) AS cpa,
    g.claimed_conversions,
    g.claimed_revenue * attributary_unit(g.currency) AS claimed_revenue,
    attributary_return(g.claimed_revenue, g.spend)::numeric(10, 4) AS claimed_roas,
    round(g.claimed_conversions / nullif(g.conversions * 0.000000001, 0), 4) AS claimed_ratio
FROM (
    SELECT
        f.tenant_id, f.date, f.platform, f.model, f.attribution_window, f.currency,
        sum(f.impressions) AS impressions, sum(f.clicks) AS clicks, sum(f.spend) AS spend,
        sum(f.touchpoints) AS touchpoints, sum(f.conversions) AS conversions,
        sum(f.revenue) AS revenue, sum(f.claimed_conversions) AS claimed_conversions,
        sum(f.claimed_revenue) AS claimed_revenue
    FROM attribution_figures AS f
    WHERE f.basis = 'accrual'
    GROUP BY f.tenant_id, f.date, f.platform, f.model, f.attribution_window, f.currency
) AS g
-- A cell that has come back to nothing says the same as none.
WHERE (g.touchpoints, g.conversions, g.revenue) <> (0, 0, 0)
    OR coalesce(g.spend, g.impressions, g.clicks, g.claimed_conversions, g.claimed_revenue) IS NOT NULL;
COMMENT ON VIEW attribution_platform_comparison IS 'Platforms side by side, dated by the touch: what each cost, what we credit it with, and what it claims for itself. Platforms tell totals only and several may claim one order, so their claims add up to more than the shop sold. Example: SELECT platform, sum(spend), sum(revenue), sum(claimed_revenue) FROM attribution_platform_comparison WHERE tenant_id = ''demo'' AND platform IN (''meta'', ''google'', ''tiktok'') AND model = ''linear'' AND attribution_window = ''7d'' GROUP BY platform;';
COMMENT ON COLUMN attribution_platform_comparison.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_platform_comparison.date IS 'The touch''s date in the tenant''s time zone; of what the platform tells, the ad account''s.';
COMMENT ON COLUMN attribution_platform_comparison.platform IS 'Traffic platform; none is revenue that no platform earned.';
COMMENT ON COLUMN attribution_platform_comparison.model IS 'One of the tenant''s enabled models.';
COMMENT ON COLUMN attribution_platform_comparison.attribution_window IS 'One of the tenant''s enabled windows: 1d, 3d, 7d, 14d, 28d, 30d, 90d or ltv (365 days).';
COMMENT ON COLUMN attribution_platform_comparison.impressions IS 'Impressions that its accounts report; null where none does. It and all that the platform tells is the same on every model and window: never add it up over them.';
COMMENT ON COLUMN attribution_platform_comparison.clicks IS 'Clicks that its accounts report.';
COMMENT ON COLUMN attribution_platform_comparison.ctr IS 'Clicks per impression.';
COMMENT ON COLUMN attribution_platform_comparison.cpc IS 'Spend per click.';
COMMENT ON COLUMN attribution_platform_comparison.spend IS 'Spend in the reporting currency, null where there is none; the same on every model and window, so never add it up over them.';
COMMENT ON COLUMN attribution_platform_comparison.touchpoints IS 'Pairs of touch and conversion.';
COMMENT ON COLUMN attribution_platform_comparison.conversions IS 'Sum of credit.';
COMMENT ON COLUMN attribution_platform_comparison.revenue IS 'Attributed net revenue in the reporting currency.';
COMMENT ON COLUMN attribution_platform_comparison.roas IS 'Revenue per unit of spend, 999999.9999 at most; null without spend.';
COMMENT ON COLUMN attribution_platform_comparison.cpa IS 'Spend per conversion; null without conversions or without spend.';
COMMENT ON COLUMN attribution_platform_comparison.claimed_conversions IS 'Purchases that it claims, for views and clicks by its own windows; null where it tells none.';
COMMENT ON COLUMN attribution_platform_comparison.claimed_revenue IS 'What it says they were worth, in the reporting currency.';
COMMENT ON COLUMN attribution_platform_comparison.claimed_roas IS 'claimed_revenue per unit of spend.';
COMMENT ON COLUMN attribution_platform_comparison.claimed_ratio IS 'Conversions that it claims for each that we credit it with.';
GRANT SELECT ON attribution_platform_comparison TO attributary_analyst, attributary_processor;
