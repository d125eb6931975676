CREATE OR REPLACE FUNCTION attributary_months(since date, until date) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT ((date_part('year', until) - date_part('year', since)) * 12
    + date_part('month', until) - date_part('month', since))::integer
$$;
COMMENT ON FUNCTION attributary_months(date, date) IS 'How many calendar months lie between two dates; 0 within one.';

CREATE VIEW attribution_cohorts WITH (security_invoker = true) AS
SELECT
    cohort.tenant_id,
    cohort.cohort_month,
    cohort.first_channel,
    month.months_since,
    month.customers,
    month.active_customers,
    round(month.active_customers::numeric / month.customers, 4) AS retention,
    month.orders,
    month.revenue * attributary_unit(s.currency) AS revenue,
    month.cumulative_revenue * attributary_unit(s.currency) AS cumulative_revenue,
    round(month.cumulative_revenue * attributary_unit(s.currency) / month.customers, 4) AS ltv,
    cost.spend * attributary_unit(s.currency) AS acquisition_spend,
    round(cost.spend * attributary_unit(s.currency) / month.customers, 4) AS cac
FROM (
    SELECT
        sums.tenant_id,
        sums.cohort_month,
        sums.first_channel,
        max(sums.months_told) AS months_told,
        array_agg(sums.months_since) AS months_since,
        array_agg(sums.active_customers) AS active_customers,
        array_agg(sums.orders) AS orders,
        array_agg(sums.revenue) AS revenue
    FROM (
        SELECT
            o.tenant_id,
            o.cohort_month,
            o.first_channel,
            attributary_months(o.cohort_month, told.last_month) AS months_told,
            attributary_months(o.cohort_month, o.month) AS months_since,
            o.active_customers,
            o.orders,
            o.revenue
        FROM (
            SELECT
                d.tenant_id,
                d.cohort_month,
                d.first_channel,
                date_trunc('month', d.date)::date AS month,
                sum(d.active_customers)::bigint AS active_customers,
                sum(d.orders)::bigint AS orders,
                sum(d.revenue) AS revenue
            FROM attribution_cohort_orders AS d
            GROUP BY d.tenant_id, d.cohort_month, d.first_channel, date_trunc('month', d.date)::date
        ) AS o
        CROSS JOIN LATERAL (
            SELECT max(j.date) AS last_month FROM journeys AS j WHERE j.tenant_id = o.tenant_id
        ) AS told
    ) AS sums
    GROUP BY sums.tenant_id, sums.cohort_month, sums.first_channel
) AS cohort
JOIN attribution_settings AS s ON s.tenant_id = cohort.tenant_id
CROSS JOIN LATERAL (
    SELECT
        every.months_since,
        first_value(own.active_customers) OVER so_far AS customers,
        coalesce(own.active_customers, 0) AS active_customers,
        coalesce(own.orders, 0) AS orders,
        coalesce(own.revenue, 0) AS revenue,
        sum(own.revenue) OVER so_far AS cumulative_revenue
    FROM generate_series(0, cohort.months_told) AS every (months_since)
    LEFT JOIN unnest(cohort.months_since, cohort.active_customers, cohort.orders, cohort.revenue)
        AS own (months_since, active_customers, orders, revenue) USING (months_since)
    WINDOW so_far AS (ORDER BY every.months_since)
) AS month
LEFT JOIN LATERAL (
    SELECT sum(f.spend) AS spend
    FROM attribution_spend_facts AS f
    WHERE f.tenant_id = cohort.tenant_id AND f.channel = cohort.first_channel
        AND f.date >= cohort.cohort_month
        AND f.date < (cohort.cohort_month + interval '1 month')::date
) AS cost ON true;
COMMENT ON VIEW attribution_cohorts IS 'Customers by the month of their first order and by the channel of its first touch, and what they have brought in each month since: retention, revenue, and lifetime value so far beside what it cost to win them. Orders without a person are in no cohort. To put channels or cohorts together, add up customers and cumulative_revenue at one months_since, then divide. All orders of the tenant are passed over once, whatever is asked for. Example: SELECT cohort_month, months_since, sum(customers) AS customers, round(sum(cumulative_revenue) / sum(customers), 2) AS ltv FROM attribution_cohorts WHERE tenant_id = ''demo'' AND cohort_month >= date_trunc(''month'', CURRENT_DATE - 180)::date GROUP BY cohort_month, months_since ORDER BY cohort_month, months_since;';
COMMENT ON COLUMN attribution_cohorts.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_cohorts.cohort_month IS 'First day of the month of their first order, in the tenant''s time zone.';
COMMENT ON COLUMN attribution_cohorts.first_channel IS 'Channel of the first touch that led to it; unattributed without one.';
COMMENT ON COLUMN attribution_cohorts.months_since IS 'Calendar months since then, 0 for the month itself, up to that of the tenant''s newest order.';
COMMENT ON COLUMN attribution_cohorts.customers IS 'People of the cohort.';
COMMENT ON COLUMN attribution_cohorts.active_customers IS 'Those with an order in the month.';
COMMENT ON COLUMN attribution_cohorts.retention IS 'Their share, 0 to 1.';
COMMENT ON COLUMN attribution_cohorts.orders IS 'Orders in the month; cancelled ones do not count.';
COMMENT ON COLUMN attribution_cohorts.revenue IS 'Net revenue of the month in the reporting currency.';
COMMENT ON COLUMN attribution_cohorts.cumulative_revenue IS 'Net revenue since the first order.';
COMMENT ON COLUMN attribution_cohorts.ltv IS 'cumulative_revenue per customer of the cohort.';
COMMENT ON COLUMN attribution_cohorts.acquisition_spend IS 'Spend of the channel in the month of the cohort; null where there is none, and the same on every months_since.';
COMMENT ON COLUMN attribution_cohorts.cac IS 'acquisition_spend per customer.';
GRANT SELECT ON attribution_cohorts TO attributary_analyst, attributary_processor;
