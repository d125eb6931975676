-- The orders of a day by whether they are their person's first: the one definition, of what is kept
-- and of what is not. A plain SELECT: the planner puts it into the query.
DROP FUNCTION IF EXISTS attributary_customers_on(text, date);
CREATE FUNCTION attributary_customers_on(of_tenant text, of_day date)
RETURNS TABLE (segment text, orders bigint, revenue numeric)
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
SELECT
    CASE
        WHEN c.is_first_purchase THEN 'new' WHEN NOT c.is_first_purchase THEN 'returning' ELSE 'unknown'
    END,
    count(*),
    coalesce(sum(j.revenue), 0)
FROM journeys AS j
JOIN attribution_conversions AS c
    ON c.tenant_id = j.tenant_id AND c.conversion_id = j.conversion_id
WHERE j.tenant_id = of_tenant COLLATE "C" AND j.date = of_day AND j.counts
GROUP BY c.is_first_purchase
$$;
COMMENT ON FUNCTION attributary_customers_on(text, date) IS 'New and returning customers'' orders of a day, from the orders.';

CREATE VIEW attribution_customer_orders WITH (security_invoker = true) AS
SELECT k.tenant_id, k.date, k.segment, k.orders, k.revenue
FROM customer_days AS k
WHERE NOT EXISTS (
    SELECT FROM customer_days_open AS o WHERE o.tenant_id = k.tenant_id AND o.date = k.date
)
UNION ALL
SELECT o.tenant_id, o.date, live.segment COLLATE "C", live.orders, live.revenue
FROM customer_days_open AS o
CROSS JOIN LATERAL attributary_customers_on(o.tenant_id, o.date) AS live;
GRANT SELECT ON attribution_customer_orders TO attributary_analyst, attributary_processor;

COMMENT ON VIEW attribution_customer_orders IS 'Orders of each day by whether they are their person''s first; a day that has changed since it was last counted is counted as it is read. Example: SELECT segment, sum(orders) FROM attribution_customer_orders WHERE tenant_id = ''acme'' AND date >= current_date - 30 GROUP BY segment';
COMMENT ON COLUMN attribution_customer_orders.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_customer_orders.date IS 'The orders'' date in the tenant''s time zone.';
COMMENT ON COLUMN attribution_customer_orders.segment IS 'new: the person''s first order; returning; unknown: nobody can be told.';
COMMENT ON COLUMN attribution_customer_orders.orders IS 'Orders that add to the summary.';
COMMENT ON COLUMN attribution_customer_orders.revenue IS 'Their net, minor units of the reporting currency.';
