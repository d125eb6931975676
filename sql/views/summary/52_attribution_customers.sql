CREATE VIEW attribution_customers WITH (security_invoker = true) AS
SELECT
    sums.tenant_id,
    sums.date,
    sums.new_orders + sums.returning_orders + sums.unknown_orders AS orders,
    sums.new_orders,
    sums.returning_orders,
    sums.unknown_orders,
    sums.new_revenue * attributary_unit(s.currency) AS new_revenue,
    sums.returning_revenue * attributary_unit(s.currency) AS returning_revenue,
    sums.unknown_revenue * attributary_unit(s.currency) AS unknown_revenue,
    sums.spend * attributary_unit(s.currency) AS spend,
    round(sums.spend * attributary_unit(s.currency) / nullif(sums.new_orders, 0), 4) AS cac
FROM (
    SELECT
        beside.tenant_id,
        beside.date,
        coalesce(sum(beside.orders) FILTER (WHERE beside.segment = 'new'), 0)::bigint AS new_orders,
        coalesce(sum(beside.orders) FILTER (WHERE beside.segment = 'returning'), 0)::bigint AS returning_orders,
        coalesce(sum(beside.orders) FILTER (WHERE beside.segment = 'unknown'), 0)::bigint AS unknown_orders,
        coalesce(sum(beside.revenue) FILTER (WHERE beside.segment = 'new'), 0) AS new_revenue,
        coalesce(sum(beside.revenue) FILTER (WHERE beside.segment = 'returning'), 0) AS returning_revenue,
        coalesce(sum(beside.revenue) FILTER (WHERE beside.segment = 'unknown'), 0) AS unknown_revenue,
        sum(beside.spend) AS spend
    FROM (
        -- A union, since a condition on dates does not reach into the sides of a join.
        SELECT o.tenant_id, o.date, o.segment, o.orders, o.revenue, NULL::numeric AS spend
        FROM attribution_customer_orders AS o
        UNION ALL
        SELECT f.tenant_id, f.date, NULL, 0, 0, f.spend
        FROM attribution_spend_facts AS f
    ) AS beside
    GROUP BY beside.tenant_id, beside.date
) AS sums
JOIN attribution_settings AS s ON s.tenant_id = sums.tenant_id;
COMMENT ON VIEW attribution_customers IS 'Orders of new and of returning customers a day, and what a new one cost. Every order of the days asked for is looked at, so ask for a range of dates. Example: SELECT date, new_orders, returning_orders, cac FROM attribution_customers WHERE tenant_id = ''demo'' AND date >= CURRENT_DATE - 30 ORDER BY date;';
COMMENT ON COLUMN attribution_customers.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_customers.date IS 'The order''s date in the tenant''s time zone; of spend, the ad account''s.';
COMMENT ON COLUMN attribution_customers.orders IS 'Orders that count: neither cancelled nor wholly refunded, their revenue known.';
COMMENT ON COLUMN attribution_customers.new_orders IS 'Those that are their person''s first, as in attribution_conversions.is_first_purchase.';
COMMENT ON COLUMN attribution_customers.returning_orders IS 'Those of people who had bought before.';
COMMENT ON COLUMN attribution_customers.unknown_orders IS 'Those without any id that tells who bought.';
COMMENT ON COLUMN attribution_customers.new_revenue IS 'Net revenue of new_orders in the reporting currency.';
COMMENT ON COLUMN attribution_customers.returning_revenue IS 'Net revenue of returning_orders in the reporting currency.';
COMMENT ON COLUMN attribution_customers.unknown_revenue IS 'Net revenue of unknown_orders in the reporting currency.';
COMMENT ON COLUMN attribution_customers.spend IS 'Spend of all channels in the reporting currency; null where there is none.';
COMMENT ON COLUMN attribution_customers.cac IS 'Spend per new customer; null without one or without spend.';
GRANT SELECT ON attribution_customers TO attributary_analyst, attributary_processor;
