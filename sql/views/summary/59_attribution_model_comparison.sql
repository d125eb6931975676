CREATE VIEW attribution_model_comparison WITH (security_invoker = true) AS
SELECT
    g.tenant_id,
    g.date,
    g.channel,
    g.platform,
    g.attribution_window,
    g.model,
    g.touchpoints::bigint AS touchpoints,
    g.conversions * 0.000000001 AS conversions,
    g.revenue * attributary_unit(g.currency) AS revenue,
    g.spend * attributary_unit(g.currency) AS spend,
    attributary_return(g.revenue, g.spend)::numeric(10, 4) AS roas,
    round(g.revenue / nullif(sum(g.revenue) OVER whole, 0), 6) AS revenue_share,
    g.last_touch_revenue * attributary_unit(g.currency) AS last_touch_revenue,
    (g.revenue - g.last_touch_revenue) * attributary_unit(g.currency) AS revenue_difference,
    round((g.revenue - g.last_touch_revenue) / nullif(g.last_touch_revenue, 0), 4) AS relative_difference
FROM (
    SELECT
        f.tenant_id, f.date, f.channel, f.platform, f.attribution_window, f.model, f.currency,
        sum(f.touchpoints) AS touchpoints, sum(f.conversions) AS conversions,
        sum(f.revenue) AS revenue, sum(f.spend) AS spend,
        sum(f.last_touch_revenue) AS last_touch_revenue
    FROM attribution_figures AS f
    WHERE f.basis = 'cash'
    GROUP BY
        f.tenant_id, f.date, f.channel, f.platform, f.attribution_window, f.model, f.currency
) AS g
-- A cell that has come back to nothing says the same as none.
WHERE (g.touchpoints, g.conversions, g.revenue) <> (0, 0, 0) OR g.spend IS NOT NULL
WINDOW whole AS (PARTITION BY g.tenant_id, g.date, g.attribution_window, g.model);
COMMENT ON VIEW attribution_model_comparison IS 'One row a model for each channel and platform, dated by the order, and how far it is from last_touch in the same window. Every model adds up to the same revenue, so the differences of a day add up to 0. For a range add up, then divide. Example: SELECT channel, model, sum(revenue) AS revenue, sum(revenue_difference) AS difference, round(sum(revenue) / nullif(sum(spend), 0), 4) AS roas FROM attribution_model_comparison WHERE tenant_id = ''demo'' AND attribution_window = ''30d'' AND date >= CURRENT_DATE - 30 GROUP BY channel, model ORDER BY channel, model;';
COMMENT ON COLUMN attribution_model_comparison.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_model_comparison.date IS 'The order''s date in the tenant''s time zone; of spend, the ad account''s.';
COMMENT ON COLUMN attribution_model_comparison.channel IS 'Channel; unattributed is revenue that no touch earned.';
COMMENT ON COLUMN attribution_model_comparison.platform IS 'Traffic platform.';
COMMENT ON COLUMN attribution_model_comparison.attribution_window IS 'One of the tenant''s enabled windows: 1d, 3d, 7d, 14d, 28d, 30d, 90d or ltv (365 days).';
COMMENT ON COLUMN attribution_model_comparison.model IS 'One of the tenant''s enabled models.';
COMMENT ON COLUMN attribution_model_comparison.touchpoints IS 'Pairs of touch and conversion.';
COMMENT ON COLUMN attribution_model_comparison.conversions IS 'Sum of credit.';
COMMENT ON COLUMN attribution_model_comparison.revenue IS 'Attributed net revenue in the reporting currency.';
COMMENT ON COLUMN attribution_model_comparison.spend IS 'Spend in the reporting currency, null where there is none; the same on every model and window, so never add it up over them.';
COMMENT ON COLUMN attribution_model_comparison.roas IS 'Revenue per unit of spend, 999999.9999 at most; null without spend.';
COMMENT ON COLUMN attribution_model_comparison.revenue_share IS 'Share of the model''s revenue of the day, unattributed included, 0 to 1.';
COMMENT ON COLUMN attribution_model_comparison.last_touch_revenue IS 'What last_touch gives the channel in the same window, whether it is enabled or not.';
COMMENT ON COLUMN attribution_model_comparison.revenue_difference IS 'revenue less last_touch_revenue.';
COMMENT ON COLUMN attribution_model_comparison.relative_difference IS 'revenue_difference per last_touch_revenue; null where that is 0.';
GRANT SELECT ON attribution_model_comparison TO attributary_analyst, attributary_processor;
