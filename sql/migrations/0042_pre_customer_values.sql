-- What customers are still worth, by what models, and what shops of the same industry reach.
CREATE TABLE customer_ltv_models (
    tenant_id text COLLATE "C" NOT NULL,
    fitted_on date NOT NULL,
    method text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL DEFAULT '',
    horizon_days integer NOT NULL,
    step_days integer NOT NULL,
    currency text COLLATE "C" NOT NULL,
    customers bigint NOT NULL,
    repeat_customers bigint NOT NULL,
    r numeric,
    alpha numeric,
    a numeric,
    b numeric,
    p numeric,
    q numeric,
    v numeric,
    log_likelihood numeric,
    spend_correlation numeric,
    rate numeric NOT NULL,
    weight numeric NOT NULL,
    value numeric NOT NULL,
    holdout_days integer,
    holdout_customers bigint,
    holdout_purchases bigint,
    holdout_expected numeric,
    holdout_error numeric,
    holdout_naive_error numeric,
    holdout_coverage numeric,
    holdout_revenue numeric,
    holdout_revenue_expected numeric,
    fitted_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, fitted_on),
    CHECK (method IN ('bg_nbd_gamma_gamma', 'shrunk_rate'))
);
COMMENT ON TABLE customer_ltv_models IS 'The models that customer_ltv_predictions are made by, each with how far off the same kind of model was on a hold-out: fitted without the last holdout_days days of what it knows, then compared with them. Bookkeeping. Writer: ltv.';
COMMENT ON COLUMN customer_ltv_models.tenant_id IS 'Tenant.';
COMMENT ON COLUMN customer_ltv_models.fitted_on IS 'Last day that it knows, in the tenant''s time zone.';
COMMENT ON COLUMN customer_ltv_models.method IS 'bg_nbd_gamma_gamma: how often by BG/NBD (Fader, Hardie and Lee 2005), how much by gamma-gamma (Fader and Hardie 2013), by maximum likelihood; or shrunk_rate, for want of customers: each goes on at the rate of all, moved towards its own, and nobody leaves, so it promises too much.';
COMMENT ON COLUMN customer_ltv_models.reason IS 'Why it is shrunk_rate: too_few_customers (fewer than 200, or than 50 who came again) or not_converged; else empty.';
COMMENT ON COLUMN customer_ltv_models.horizon_days IS 'Predictions are of so many days.';
COMMENT ON COLUMN customer_ltv_models.step_days IS 'Days to which times were rounded: 1, or 7 for a tenant with many orders.';
COMMENT ON COLUMN customer_ltv_models.currency IS 'Reporting currency of v, value and the revenues.';
COMMENT ON COLUMN customer_ltv_models.customers IS 'People whom it knows.';
COMMENT ON COLUMN customer_ltv_models.repeat_customers IS 'Those who bought on two days at least.';
COMMENT ON COLUMN customer_ltv_models.r IS 'BG/NBD: shape of the rates of purchases over customers; null with shrunk_rate, and so are the parameters that follow.';
COMMENT ON COLUMN customer_ltv_models.alpha IS 'BG/NBD: their scale, days.';
COMMENT ON COLUMN customer_ltv_models.a IS 'BG/NBD: with b the distribution over customers of the chance to leave after a purchase, a / (a + b) on average.';
COMMENT ON COLUMN customer_ltv_models.b IS 'BG/NBD: see a.';
COMMENT ON COLUMN customer_ltv_models.p IS 'Gamma-gamma: shape of a customer''s purchases about its mean.';
COMMENT ON COLUMN customer_ltv_models.q IS 'Gamma-gamma: shape of the scale over customers, above 1.';
COMMENT ON COLUMN customer_ltv_models.v IS 'Gamma-gamma: its scale; p * v / (q - 1) is the value of a purchase of a customer of whom nothing is known. In currency.';
COMMENT ON COLUMN customer_ltv_models.log_likelihood IS 'Of BG/NBD.';
COMMENT ON COLUMN customer_ltv_models.spend_correlation IS 'Of how often and how much over customers who came again; gamma-gamma takes it for 0, so far from it amounts are less to be trusted.';
COMMENT ON COLUMN customer_ltv_models.rate IS 'Purchases after the first per customer and day, of all.';
COMMENT ON COLUMN customer_ltv_models.weight IS 'Mean time since the first purchase, days: with shrunk_rate the weight of all against a customer''s own time.';
COMMENT ON COLUMN customer_ltv_models.value IS 'Mean value of a purchase, first ones included, in currency.';
COMMENT ON COLUMN customer_ltv_models.holdout_days IS 'Days of the hold-out; null with less than six weeks of history, or where too little was known before it for the same method, and so are the columns that follow.';
COMMENT ON COLUMN customer_ltv_models.holdout_customers IS 'Customers who had bought before it.';
COMMENT ON COLUMN customer_ltv_models.holdout_purchases IS 'How often they bought in it.';
COMMENT ON COLUMN customer_ltv_models.holdout_expected IS 'How often the model had them buy.';
COMMENT ON COLUMN customer_ltv_models.holdout_error IS 'Mean absolute error of purchases per customer.';
COMMENT ON COLUMN customer_ltv_models.holdout_naive_error IS 'The same of the guess that everybody goes on at its own rate.';
COMMENT ON COLUMN customer_ltv_models.holdout_coverage IS 'Share of customers whose purchases lay in the interval of 80 %; since purchases are whole numbers, more than 0.8 is to be expected. Null with shrunk_rate.';
COMMENT ON COLUMN customer_ltv_models.holdout_revenue IS 'What they spent in it, in currency.';
COMMENT ON COLUMN customer_ltv_models.holdout_revenue_expected IS 'What the model had them spend.';
COMMENT ON COLUMN customer_ltv_models.fitted_at IS 'When it was fitted.';

CREATE TABLE customer_ltv_predictions (
    tenant_id text COLLATE "C" NOT NULL,
    person_id text COLLATE "C" NOT NULL,
    as_of date NOT NULL,
    fitted_on date NOT NULL,
    method text COLLATE "C" NOT NULL,
    horizon_days integer NOT NULL,
    currency text COLLATE "C" NOT NULL,
    first_channel text COLLATE "C",
    first_order_on date NOT NULL,
    last_order_on date NOT NULL,
    orders integer NOT NULL,
    frequency integer NOT NULL,
    recency_days integer NOT NULL,
    age_days integer NOT NULL,
    monetary_value numeric,
    revenue numeric NOT NULL,
    probability_alive numeric(6, 5),
    expected_purchases numeric NOT NULL,
    purchases_low integer,
    purchases_high integer,
    expected_value numeric NOT NULL,
    predicted_revenue numeric NOT NULL,
    revenue_low numeric,
    revenue_high numeric,
    PRIMARY KEY (tenant_id, person_id)
);
COMMENT ON TABLE customer_ltv_predictions IS 'What each customer is still worth, as of the day before it was last written: all are predicted anew with each model, once a week, and in between those whose orders have changed, daily. Only orders count that are neither cancelled nor wholly refunded and whose revenue is known; those of a day are one purchase. A person who is suppressed has no prediction: no analyst reads it from that moment on, and the next run takes it away. Bookkeeping: made again from the orders. Read it as customer_ltv. Writer: ltv.';
COMMENT ON COLUMN customer_ltv_predictions.tenant_id IS 'Tenant.';
COMMENT ON COLUMN customer_ltv_predictions.person_id IS 'Person, across devices and logins.';
COMMENT ON COLUMN customer_ltv_predictions.as_of IS 'Last day that is known, in the tenant''s time zone; the horizon begins after it.';
COMMENT ON COLUMN customer_ltv_predictions.fitted_on IS 'The model of customer_ltv_models.';
COMMENT ON COLUMN customer_ltv_predictions.method IS 'bg_nbd_gamma_gamma, or shrunk_rate with too few customers for it: a guess without intervals that has nobody leave.';
COMMENT ON COLUMN customer_ltv_predictions.horizon_days IS 'Days that are predicted.';
COMMENT ON COLUMN customer_ltv_predictions.currency IS 'Reporting currency of all amounts.';
COMMENT ON COLUMN customer_ltv_predictions.first_channel IS 'Channel of the first touch that led to the first order, as it was when this was written; unattributed without one, null where credit was not computed yet.';
COMMENT ON COLUMN customer_ltv_predictions.first_order_on IS 'Day of the first order, in the tenant''s time zone.';
COMMENT ON COLUMN customer_ltv_predictions.last_order_on IS 'Day of the latest order.';
COMMENT ON COLUMN customer_ltv_predictions.orders IS 'Orders so far.';
COMMENT ON COLUMN customer_ltv_predictions.frequency IS 'Days with a purchase after the first.';
COMMENT ON COLUMN customer_ltv_predictions.recency_days IS 'From the first order to the latest.';
COMMENT ON COLUMN customer_ltv_predictions.age_days IS 'From the first order to as_of.';
COMMENT ON COLUMN customer_ltv_predictions.monetary_value IS 'Mean of what was spent on each of the days of frequency; null where that is 0.';
COMMENT ON COLUMN customer_ltv_predictions.revenue IS 'Net revenue so far.';
COMMENT ON COLUMN customer_ltv_predictions.probability_alive IS 'Chance that the customer buys again ever, as the model sees it: 1 for who has bought once, since it lets nobody leave but after a purchase that came after the first. Null with shrunk_rate.';
COMMENT ON COLUMN customer_ltv_predictions.expected_purchases IS 'Days with a purchase within the horizon, on average.';
COMMENT ON COLUMN customer_ltv_predictions.purchases_low IS 'With purchases_high the interval in which 80 % of customers of this history will lie; null with shrunk_rate, and where more than 256 purchases are too likely.';
COMMENT ON COLUMN customer_ltv_predictions.purchases_high IS 'Its upper end.';
COMMENT ON COLUMN customer_ltv_predictions.expected_value IS 'Value of such a purchase.';
COMMENT ON COLUMN customer_ltv_predictions.predicted_revenue IS 'Net revenue to come within the horizon, on average: expected_purchases of expected_value. Not discounted.';
COMMENT ON COLUMN customer_ltv_predictions.revenue_low IS 'With revenue_high the interval of 80 % of it; null as purchases_low is.';
COMMENT ON COLUMN customer_ltv_predictions.revenue_high IS 'Its upper end. It is of one customer: never add intervals up.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['customer_ltv_models', 'customer_ltv_predictions']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY processor ON %I FOR SELECT TO attributary_processor USING (true)', name);
        EXECUTE format('CREATE POLICY operator ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY scheduler ON %I TO attributary_scheduler USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT ON %I TO attributary_processor, attributary_analyst', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO attributary_scheduler', name);
    END LOOP;
END
$$;
CREATE POLICY analyst ON customer_ltv_models FOR SELECT TO attributary_analyst
    USING (tenant_id = (SELECT attributary_tenant()));
CREATE POLICY analyst ON customer_ltv_predictions FOR SELECT TO attributary_analyst USING (
    tenant_id = (SELECT attributary_tenant())
    AND person_id NOT IN (
        SELECT n.person_id
        FROM consent_flags AS d
        JOIN identity_nodes AS n ON n.tenant_id = d.tenant_id AND n.node = d.node
        WHERE d.tenant_id = (SELECT attributary_tenant())
            AND d.flag = 'processing' AND d.value = 'denied'
    )
);
CREATE POLICY scheduler ON consent_flags FOR SELECT TO attributary_scheduler USING (true);
GRANT SELECT ON consent_flags TO attributary_scheduler;

-- What others reach, beside which a tenant may see its own figures.
CREATE TABLE competitor_benchmarks (
    tenant_id text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    industry text COLLATE "C" NOT NULL,
    metric text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL DEFAULT '',
    currency text COLLATE "C" NOT NULL DEFAULT '',
    period_start date NOT NULL,
    period_end date NOT NULL,
    p25 numeric,
    p50 numeric NOT NULL,
    p75 numeric,
    tenants integer NOT NULL CHECK (tenants > 0),
    written_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, source, industry, period_start, period_end, metric, platform, currency),
    CHECK (period_start <= period_end),
    CHECK (source <> 'installation' OR tenants >= 5)
);
COMMENT ON TABLE competitor_benchmarks IS 'Quartiles of what others of an industry reach, as each tenant may read them: imported from a publication, or from the tenants of this installation that allow it (setting benchmarks, true; setting industry). Those are of a whole month, of five tenants at least, each quartile the mean of the three figures about it and rounded to two digits, so that it is nobody''s; a month is told once and never again, so that no difference tells whose figure has come or gone. Who does not allow it reads none of them. Control data, which a rebuild carries over. Read it as attribution_benchmarks. Writer: benchmarks.';
COMMENT ON COLUMN competitor_benchmarks.tenant_id IS 'Tenant who may read it.';
COMMENT ON COLUMN competitor_benchmarks.source IS 'installation: of the tenants of this installation; else what the import was called.';
COMMENT ON COLUMN competitor_benchmarks.industry IS 'Industry of those whom it is of.';
COMMENT ON COLUMN competitor_benchmarks.metric IS 'aov (revenue per order), cost_per_order, mer, unattributed_share; by platform: roas (last touch, 7 days), ctr, cpc, cpm (traffic platform), emq_score, delivery_success_rate (destination).';
COMMENT ON COLUMN competitor_benchmarks.platform IS 'Platform; empty for the shop as a whole.';
COMMENT ON COLUMN competitor_benchmarks.currency IS 'Currency of aov, cost_per_order, cpc and cpm; empty for what has none.';
COMMENT ON COLUMN competitor_benchmarks.period_start IS 'First day.';
COMMENT ON COLUMN competitor_benchmarks.period_end IS 'Last day.';
COMMENT ON COLUMN competitor_benchmarks.p25 IS 'A quarter of them is below; null where a publication does not tell.';
COMMENT ON COLUMN competitor_benchmarks.p50 IS 'Median.';
COMMENT ON COLUMN competitor_benchmarks.p75 IS 'A quarter of them is above; null where a publication does not tell.';
COMMENT ON COLUMN competitor_benchmarks.tenants IS 'Of how many shops it is.';
COMMENT ON COLUMN competitor_benchmarks.written_at IS 'When it was computed or imported.';
ALTER TABLE competitor_benchmarks ENABLE ROW LEVEL SECURITY;
ALTER TABLE competitor_benchmarks FORCE ROW LEVEL SECURITY;
CREATE POLICY processor ON competitor_benchmarks FOR SELECT TO attributary_processor USING (true);
CREATE POLICY operator ON competitor_benchmarks TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY analyst ON competitor_benchmarks FOR SELECT TO attributary_analyst
    USING (tenant_id = (SELECT attributary_tenant()));
CREATE POLICY scheduler ON competitor_benchmarks TO attributary_scheduler USING (true) WITH CHECK (true);
GRANT SELECT ON competitor_benchmarks TO attributary_processor, attributary_analyst;
GRANT SELECT, INSERT, DELETE ON competitor_benchmarks TO attributary_scheduler;
