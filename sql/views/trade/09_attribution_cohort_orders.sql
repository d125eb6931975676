-- The orders of a day by their person's cohort: the one definition, of what is kept and of what is not.
DROP FUNCTION IF EXISTS attributary_cohorts_on(text, date);
CREATE FUNCTION attributary_cohorts_on(of_tenant text, of_day date)
RETURNS TABLE (
    cohort_month date, first_channel text, orders bigint, active_customers bigint, revenue numeric
)
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
SELECT
    bought.cohort_month,
    bought.first_channel,
    count(*),
    count(*) FILTER (WHERE bought.month IS DISTINCT FROM bought.month_before),
    coalesce(sum(bought.revenue), 0)
FROM (
    SELECT
        date_trunc('month', first.converted_at AT TIME ZONE z.time_zone)::date AS cohort_month,
        coalesce(nullif(split_part(begun.path, ' > ', 1), ''), 'unattributed') AS first_channel,
        date_trunc('month', own.converted_at AT TIME ZONE z.time_zone) AS month,
        date_trunc('month', before.converted_at AT TIME ZONE z.time_zone) AS month_before,
        CASE
            WHEN own.currency = z.currency THEN own.net
            ELSE (
                SELECT j.revenue FROM journeys AS j
                WHERE j.tenant_id = own.tenant_id AND j.conversion_id = own.conversion_id
            )
        END AS revenue
    FROM attribution_settings AS z
    JOIN conversions AS own ON own.tenant_id = z.tenant_id
    CROSS JOIN LATERAL (
        SELECT f.conversion_id, f.converted_at
        FROM conversions AS f
        WHERE f.tenant_id = own.tenant_id AND f.person_id = own.person_id
            AND attributary_counts_as_order(f.state, f.status)
        ORDER BY f.converted_at, f.conversion_id
        LIMIT 1
    ) AS first
    JOIN journeys AS begun
        ON begun.tenant_id = own.tenant_id AND begun.conversion_id = first.conversion_id
    LEFT JOIN LATERAL (
        SELECT b.converted_at
        FROM conversions AS b
        WHERE b.tenant_id = own.tenant_id AND b.person_id = own.person_id
            AND (b.converted_at, b.conversion_id) < (own.converted_at, own.conversion_id)
            AND attributary_counts_as_order(b.state, b.status)
        ORDER BY b.converted_at DESC, b.conversion_id DESC
        LIMIT 1
    ) AS before ON true
    WHERE z.tenant_id = of_tenant COLLATE "C"
        -- Clocks are put back and forward at midnight in places.
        AND own.converted_at >= (of_day::timestamp AT TIME ZONE z.time_zone) - interval '2 hours'
        AND own.converted_at < ((of_day + 1)::timestamp AT TIME ZONE z.time_zone) + interval '2 hours'
        AND (own.converted_at AT TIME ZONE z.time_zone)::date = of_day
        AND attributary_counts_as_order(own.state, own.status)
) AS bought
GROUP BY bought.cohort_month, bought.first_channel
$$;
COMMENT ON FUNCTION attributary_cohorts_on(text, date) IS 'The orders of a day by the cohort of their person, from the orders.';

CREATE VIEW attribution_cohort_orders WITH (security_invoker = true) AS
SELECT
    k.tenant_id, k.date, k.cohort_month, k.first_channel, k.orders, k.active_customers, k.revenue
FROM cohort_days AS k
WHERE NOT EXISTS (
    SELECT FROM customer_days_open AS o WHERE o.tenant_id = k.tenant_id AND o.date = k.date
)
UNION ALL
SELECT
    o.tenant_id, o.date, live.cohort_month, live.first_channel COLLATE "C", live.orders,
    live.active_customers, live.revenue
FROM customer_days_open AS o
CROSS JOIN LATERAL attributary_cohorts_on(o.tenant_id, o.date) AS live;
GRANT SELECT ON attribution_cohort_orders TO attributary_analyst, attributary_processor;

COMMENT ON VIEW attribution_cohort_orders IS 'Orders of each day by the cohort of their person; a day that has changed since it was last counted is counted as it is read. Example: SELECT cohort_month, sum(orders) FROM attribution_cohort_orders WHERE tenant_id = ''acme'' GROUP BY cohort_month';
COMMENT ON COLUMN attribution_cohort_orders.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_cohort_orders.date IS 'The orders'' date in the tenant''s time zone.';
COMMENT ON COLUMN attribution_cohort_orders.cohort_month IS 'First day of the month of the person''s first order.';
COMMENT ON COLUMN attribution_cohort_orders.first_channel IS 'Channel that the way to the first order began with; unattributed without one.';
COMMENT ON COLUMN attribution_cohort_orders.orders IS 'Orders that are not cancelled.';
COMMENT ON COLUMN attribution_cohort_orders.active_customers IS 'Of these the ones that are their person''s first in their month.';
COMMENT ON COLUMN attribution_cohort_orders.revenue IS 'Their net, minor units of the reporting currency.';
