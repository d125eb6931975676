CREATE VIEW attribution_overview WITH (security_invoker = true) AS
SELECT
    g.tenant_id,
    g.date,
    g.model,
    g.attribution_window,
    g.revenue * attributary_unit(g.currency) AS revenue,
    (g.revenue - g.unattributed_revenue) * attributary_unit(g.currency) AS attributed_revenue,
    g.unattributed_revenue * attributary_unit(g.currency) AS unattributed_revenue,
    g.conversions * 0.000000001 AS conversions,
    (g.conversions - g.unattributed_conversions) * 0.000000001 AS attributed_conversions,
    g.spend * attributary_unit(g.currency) AS spend,
    attributary_return(g.revenue - g.unattributed_revenue, g.spend)::numeric(10, 4) AS roas,
    attributary_return(g.revenue, g.spend)::numeric(10, 4) AS mer,
    round(g.spend * attributary_unit(g.currency)
        / nullif((g.conversions - g.unattributed_conversions) * 0.000000001, 0), 4) AS cpa,
    round(g.revenue * attributary_unit(g.currency)
        / nullif(g.conversions * 0.000000001, 0), 4) AS aov,
    coalesce(bought.new_orders, 0) AS new_orders,
    coalesce(bought.returning_orders, 0) AS returning_orders,
    g.currency
FROM (
    SELECT
        f.tenant_id,
        f.date,
        f.model,
        f.attribution_window,
        f.currency,
        sum(f.revenue) AS revenue,
        coalesce(sum(f.revenue) FILTER (WHERE f.channel = 'unattributed'), 0) AS unattributed_revenue,
        sum(f.conversions) AS conversions,
        coalesce(sum(f.conversions) FILTER (WHERE f.channel = 'unattributed'), 0) AS unattributed_conversions,
        sum(f.spend) AS spend
    FROM attribution_figures AS f
    WHERE f.basis = 'cash'
    GROUP BY f.tenant_id, f.date, f.model, f.attribution_window, f.currency
) AS g
-- Nothing of it is read by who does not ask for its columns.
LEFT JOIN (
    SELECT
        o.tenant_id,
        o.date,
        sum(o.orders) FILTER (WHERE o.segment = 'new')::bigint AS new_orders,
        sum(o.orders) FILTER (WHERE o.segment = 'returning')::bigint AS returning_orders
    FROM attribution_customer_orders AS o
    GROUP BY o.tenant_id, o.date
) AS bought ON bought.tenant_id = g.tenant_id AND bought.date = g.date
-- A cell that has come back to nothing says the same as none.
WHERE (g.conversions, g.revenue) <> (0, 0) OR g.spend IS NOT NULL;
COMMENT ON VIEW attribution_overview IS 'The figures of the shop a day, dated by the order, so that over any range of dates revenue is the shop''s net revenue. For a range, add up revenue, conversions and spend, and divide the sums. new_orders and returning_orders look at every order of the days asked for; leave them out where they are not needed. Example: SELECT sum(revenue) AS revenue, sum(conversions) AS conversions, sum(spend) AS spend, round(sum(attributed_revenue) / nullif(sum(spend), 0), 4) AS roas, round(sum(revenue) / nullif(sum(spend), 0), 4) AS mer FROM attribution_overview WHERE tenant_id = ''demo'' AND model = ''linear'' AND attribution_window = ''30d'' AND date >= CURRENT_DATE - 30;';
COMMENT ON COLUMN attribution_overview.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_overview.date IS 'The order''s date in the tenant''s time zone; of spend, the ad account''s.';
COMMENT ON COLUMN attribution_overview.model IS 'One of the tenant''s enabled models.';
COMMENT ON COLUMN attribution_overview.attribution_window IS 'One of the tenant''s enabled windows: 1d, 3d, 7d, 14d, 28d, 30d, 90d or ltv (365 days).';
COMMENT ON COLUMN attribution_overview.revenue IS 'Net revenue in the reporting currency, unattributed included: the same in every model and window.';
COMMENT ON COLUMN attribution_overview.attributed_revenue IS 'What touches earned of it.';
COMMENT ON COLUMN attribution_overview.unattributed_revenue IS 'What no touch in the window earned.';
COMMENT ON COLUMN attribution_overview.conversions IS 'Orders that count: the same in every model and window.';
COMMENT ON COLUMN attribution_overview.attributed_conversions IS 'Those that a touch in the window led to.';
COMMENT ON COLUMN attribution_overview.spend IS 'Spend in the reporting currency, null where there is none; the same on every model and window, so never add it up over them.';
COMMENT ON COLUMN attribution_overview.roas IS 'attributed_revenue per unit of spend; null without spend.';
COMMENT ON COLUMN attribution_overview.mer IS 'Marketing efficiency ratio: all revenue per unit of spend of all channels; null without spend.';
COMMENT ON COLUMN attribution_overview.cpa IS 'Spend per attributed conversion; null without either.';
COMMENT ON COLUMN attribution_overview.aov IS 'Revenue per order; null without orders.';
COMMENT ON COLUMN attribution_overview.new_orders IS 'Orders that are their person''s first; null on a day without orders and spend.';
COMMENT ON COLUMN attribution_overview.returning_orders IS 'Orders of people who had bought before; null as new_orders.';
COMMENT ON COLUMN attribution_overview.currency IS 'The tenant''s reporting currency.';
GRANT SELECT ON attribution_overview TO attributary_analyst, attributary_processor;
