CREATE VIEW attribution_roas_index WITH (security_invoker = true) AS
SELECT
    g.tenant_id,
    g.date,
    g.channel,
    g.platform,
    g.model,
    g.attribution_window,
    g.revenue * attributary_unit(g.currency) AS revenue,
    g.spend * attributary_unit(g.currency) AS spend,
    attributary_return(g.revenue, g.spend)::numeric(10, 4) AS roas,
    sum(g.revenue) OVER paid * attributary_unit(g.currency) AS blended_revenue,
    sum(g.spend) OVER paid * attributary_unit(g.currency) AS blended_spend,
    attributary_return(sum(g.revenue) OVER paid, sum(g.spend) OVER paid)::numeric(10, 4) AS blended_roas,
    round(100 * g.revenue * sum(g.spend) OVER paid
        / nullif(g.spend * sum(g.revenue) OVER paid, 0), 2) AS roas_index
FROM (
    SELECT
        f.tenant_id, f.date, f.channel, f.platform, f.model, f.attribution_window, f.currency,
        sum(f.revenue) AS revenue, sum(f.spend) AS spend
    FROM attribution_figures AS f
    WHERE f.basis = 'accrual'
    GROUP BY f.tenant_id, f.date, f.channel, f.platform, f.model, f.attribution_window, f.currency
) AS g
WHERE g.spend > 0
WINDOW paid AS (PARTITION BY g.tenant_id, g.date, g.model, g.attribution_window);
COMMENT ON VIEW attribution_roas_index IS 'How well each channel and platform with spend does beside all of them together: 100 is their common ROAS, 200 twice as good. Dated by the touch, since that is the day whose spend brought it. The index of a longer period is in attributary_summary_by, since a mean of days would not be it. Example: SELECT date, channel, platform, roas, roas_index FROM attribution_roas_index WHERE tenant_id = ''demo'' AND model = ''linear'' AND attribution_window = ''30d'' AND date >= CURRENT_DATE - 30 ORDER BY date, roas_index DESC;';
COMMENT ON COLUMN attribution_roas_index.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_roas_index.date IS 'The touch''s date in the tenant''s time zone; of spend, the ad account''s.';
COMMENT ON COLUMN attribution_roas_index.channel IS 'Channel with spend on that day.';
COMMENT ON COLUMN attribution_roas_index.platform IS 'Traffic platform.';
COMMENT ON COLUMN attribution_roas_index.model IS 'One of the tenant''s enabled models.';
COMMENT ON COLUMN attribution_roas_index.attribution_window IS 'One of the tenant''s enabled windows: 1d, 3d, 7d, 14d, 28d, 30d, 90d or ltv (365 days).';
COMMENT ON COLUMN attribution_roas_index.revenue IS 'Attributed net revenue in the reporting currency.';
COMMENT ON COLUMN attribution_roas_index.spend IS 'Spend in the reporting currency.';
COMMENT ON COLUMN attribution_roas_index.roas IS 'Revenue per unit of spend.';
COMMENT ON COLUMN attribution_roas_index.blended_revenue IS 'Revenue of all channels and platforms with spend on that day.';
COMMENT ON COLUMN attribution_roas_index.blended_spend IS 'Their spend.';
COMMENT ON COLUMN attribution_roas_index.blended_roas IS 'Their revenue per unit of spend.';
COMMENT ON COLUMN attribution_roas_index.roas_index IS '100 times roas by blended_roas; null where none of them earned anything.';
GRANT SELECT ON attribution_roas_index TO attributary_analyst, attributary_processor;
