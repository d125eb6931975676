CREATE VIEW attribution_ltv WITH (security_invoker = true) AS
SELECT
    sums.tenant_id,
    sums.cohort_month,
    sums.first_channel,
    sums.customers,
    sums.revenue,
    sums.predicted_revenue,
    round((sums.revenue + sums.predicted_revenue) / sums.customers, 4) AS ltv,
    cost.spend * attributary_unit(s.currency) AS acquisition_spend,
    round(cost.spend * attributary_unit(s.currency) / sums.customers, 4) AS cac,
    round((sums.revenue + sums.predicted_revenue)
        / nullif(cost.spend * attributary_unit(s.currency), 0), 4) AS ltv_to_cac,
    sums.guessed_customers,
    s.currency
FROM (
    SELECT
        p.tenant_id,
        date_trunc('month', p.first_order_on::timestamp)::date AS cohort_month,
        coalesce(p.first_channel, 'unattributed') AS first_channel,
        p.currency,
        count(*) AS customers,
        sum(p.revenue) AS revenue,
        sum(p.predicted_revenue) AS predicted_revenue,
        count(*) FILTER (WHERE p.method <> 'bg_nbd_gamma_gamma') AS guessed_customers
    FROM customer_ltv_predictions AS p
    GROUP BY 1, 2, 3, 4
) AS sums
JOIN attribution_settings AS s ON s.tenant_id = sums.tenant_id AND s.currency = sums.currency
LEFT JOIN LATERAL (
    SELECT sum(f.spend) AS spend
    FROM attribution_spend_facts AS f
    WHERE f.tenant_id = sums.tenant_id AND f.channel = sums.first_channel
        AND f.date >= sums.cohort_month
        AND f.date < (sums.cohort_month + interval '1 month')::date
) AS cost ON true;
COMMENT ON VIEW attribution_ltv IS 'What channels'' customers are worth: those of a month whose first order came through a channel, with what they brought, what they are expected to bring within the horizon, and what the channel cost in that month. attribution_cohorts has what they brought month by month. All predictions of the tenant are passed over once. Example: SELECT first_channel, sum(customers) AS customers, round(sum(revenue + predicted_revenue) / sum(customers), 2) AS ltv, round(sum(revenue + predicted_revenue) / nullif(sum(acquisition_spend), 0), 2) AS ltv_to_cac FROM attribution_ltv WHERE tenant_id = ''demo'' AND cohort_month >= date_trunc(''month'', CURRENT_DATE - 365)::date GROUP BY first_channel ORDER BY 3 DESC;';
COMMENT ON COLUMN attribution_ltv.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_ltv.cohort_month IS 'First day of the month of their first order, in the tenant''s time zone.';
COMMENT ON COLUMN attribution_ltv.first_channel IS 'Channel of the first touch that led to it; unattributed without one.';
COMMENT ON COLUMN attribution_ltv.customers IS 'Customers who have a prediction.';
COMMENT ON COLUMN attribution_ltv.revenue IS 'Net revenue so far in the reporting currency.';
COMMENT ON COLUMN attribution_ltv.predicted_revenue IS 'Net revenue to come within the horizon.';
COMMENT ON COLUMN attribution_ltv.ltv IS 'Both together per customer.';
COMMENT ON COLUMN attribution_ltv.acquisition_spend IS 'Spend of the channel in the month; null where there is none.';
COMMENT ON COLUMN attribution_ltv.cac IS 'acquisition_spend per customer.';
COMMENT ON COLUMN attribution_ltv.ltv_to_cac IS 'What they bring, per unit of acquisition_spend.';
COMMENT ON COLUMN attribution_ltv.guessed_customers IS 'Those whose prediction is a guess for want of customers (shrunk_rate).';
COMMENT ON COLUMN attribution_ltv.currency IS 'Reporting currency.';
GRANT SELECT ON attribution_ltv TO attributary_analyst, attributary_processor;
