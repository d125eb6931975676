CREATE VIEW customer_ltv WITH (security_invoker = true) AS
SELECT
    p.tenant_id,
    p.person_id,
    p.first_channel,
    p.first_order_on,
    p.last_order_on,
    p.orders,
    p.revenue,
    p.probability_alive,
    p.expected_purchases,
    p.purchases_low,
    p.purchases_high,
    p.expected_value,
    p.predicted_revenue,
    p.revenue_low,
    p.revenue_high,
    p.revenue + p.predicted_revenue AS ltv,
    p.currency,
    p.as_of,
    p.horizon_days,
    p.method,
    m.holdout_expected / nullif(m.holdout_purchases, 0) - 1 AS holdout_bias,
    m.holdout_error,
    m.holdout_naive_error
FROM customer_ltv_predictions AS p
JOIN customer_ltv_models AS m ON m.tenant_id = p.tenant_id AND m.fitted_on = p.fitted_on;
COMMENT ON VIEW customer_ltv IS 'Customers with what they brought and what they are expected to bring within the horizon, and how far off the same kind of model was when it was tried. Amounts are net revenue in the reporting currency, not discounted. Example: SELECT person_id, ltv, predicted_revenue, revenue_low, revenue_high FROM customer_ltv WHERE tenant_id = ''demo'' ORDER BY predicted_revenue DESC LIMIT 20;';
COMMENT ON COLUMN customer_ltv.tenant_id IS 'Tenant.';
COMMENT ON COLUMN customer_ltv.person_id IS 'Person, across devices and logins.';
COMMENT ON COLUMN customer_ltv.first_channel IS 'Channel of the first touch that led to the first order; unattributed without one.';
COMMENT ON COLUMN customer_ltv.first_order_on IS 'Day of the first order, in the tenant''s time zone.';
COMMENT ON COLUMN customer_ltv.last_order_on IS 'Day of the latest order.';
COMMENT ON COLUMN customer_ltv.orders IS 'Orders so far; cancelled and wholly refunded ones do not count.';
COMMENT ON COLUMN customer_ltv.revenue IS 'Net revenue so far.';
COMMENT ON COLUMN customer_ltv.probability_alive IS 'Chance that the customer buys again ever; 1 for who has bought once, as the model has it. Null with shrunk_rate.';
COMMENT ON COLUMN customer_ltv.expected_purchases IS 'Days with a purchase within the horizon, on average.';
COMMENT ON COLUMN customer_ltv.purchases_low IS 'With purchases_high the interval of 80 %; null where there is none, as with shrunk_rate.';
COMMENT ON COLUMN customer_ltv.purchases_high IS 'Its upper end.';
COMMENT ON COLUMN customer_ltv.expected_value IS 'Value of such a purchase.';
COMMENT ON COLUMN customer_ltv.predicted_revenue IS 'Net revenue to come within the horizon, on average.';
COMMENT ON COLUMN customer_ltv.revenue_low IS 'With revenue_high the interval of 80 % of it.';
COMMENT ON COLUMN customer_ltv.revenue_high IS 'Its upper end, of one customer: never add intervals up.';
COMMENT ON COLUMN customer_ltv.ltv IS 'revenue and predicted_revenue together.';
COMMENT ON COLUMN customer_ltv.currency IS 'Reporting currency.';
COMMENT ON COLUMN customer_ltv.as_of IS 'Last day that the prediction knows.';
COMMENT ON COLUMN customer_ltv.horizon_days IS 'Days that are predicted.';
COMMENT ON COLUMN customer_ltv.method IS 'bg_nbd_gamma_gamma, or shrunk_rate with too few customers for it.';
COMMENT ON COLUMN customer_ltv.holdout_bias IS 'Of all customers: purchases expected in the hold-out per purchase that came, less 1; null without a hold-out or a purchase in it, as the next two.';
COMMENT ON COLUMN customer_ltv.holdout_error IS 'Mean absolute error of purchases per customer in the hold-out.';
COMMENT ON COLUMN customer_ltv.holdout_naive_error IS 'The same of the guess that everybody goes on at its own rate.';
GRANT SELECT ON customer_ltv TO attributary_analyst, attributary_processor;
