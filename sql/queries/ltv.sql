-- latest_model --
SELECT fitted_on, method, horizon_days, step_days, currency, r::float8, alpha::float8, a::float8,
    b::float8, p::float8, q::float8, (v / attributary_unit(currency))::float8 AS v, rate::float8,
    weight::float8, (value / attributary_unit(currency))::float8 AS value
FROM customer_ltv_models
WHERE tenant_id = $1
ORDER BY fitted_on DESC
LIMIT 1

-- span --
-- The tenant's first day with orders, its last day that is over, its currency, and how many orders
-- it has, counted no further than asked for.
SELECT
    s.currency,
    (oldest.at AT TIME ZONE s.time_zone)::date AS first_day,
    ((timestamptz 'epoch' + $2::bigint * interval '1 millisecond') AT TIME ZONE s.time_zone)::date - 1
        AS last_day,
    (
        SELECT count(*) FROM (
            SELECT FROM conversions AS c
            WHERE c.tenant_id = $1 AND c.person_id > ''
            LIMIT $3
        ) AS counted
    ) AS orders
FROM attribution_settings AS s
CROSS JOIN (SELECT min(converted_at) AS at FROM conversions WHERE tenant_id = $1) AS oldest
WHERE s.tenant_id = $1

-- chunk_end --
-- The last person of the next so many orders; null after the last.
SELECT max(person_id) FROM (
    SELECT person_id FROM conversions
    WHERE tenant_id = $1 AND person_id > $2
    ORDER BY person_id
    LIMIT $3
) AS chunk

-- cells --
-- What models are fitted to, of the people of a chunk: cells of equal history now and before the
-- hold-out, and how much is spent by how often, in classes of 2 %.
WITH now AS MATERIALIZED (
    SELECT * FROM attributary_customers($1, $2, $3, $4::date)
), held AS MATERIALIZED (
    SELECT was.frequency, was.recency_days, was.age_days, was.value, was.revenue,
        n.frequency - was.frequency AS came, n.revenue - was.revenue AS spent
    FROM attributary_customers($1, $2, $3, $5::date) AS was
    JOIN now AS n ON n.person_id = was.person_id
)
SELECT 'now' AS kind, frequency, recency_days / $6::integer AS recency,
    age_days / $6::integer AS age, 0 AS came, count(*) AS customers,
    sum(coalesce(value, 0))::float8 AS value, sum(revenue)::float8 AS revenue, 0::float8 AS spent
FROM now
GROUP BY frequency, recency, age
UNION ALL
SELECT 'held', frequency, recency_days / $6::integer, age_days / $6::integer, came, count(*),
    sum(coalesce(value, 0))::float8, sum(revenue)::float8, sum(spent)::float8
FROM held
GROUP BY 2, 3, 4, 5
UNION ALL
SELECT 'now_value', frequency, round(50 * ln(value))::integer, 0, 0, count(*), sum(value)::float8,
    0, 0
FROM now
WHERE frequency > 0
GROUP BY 2, 3
UNION ALL
SELECT 'held_value', frequency, round(50 * ln(value))::integer, 0, 0, count(*), sum(value)::float8,
    0, 0
FROM held
WHERE frequency > 0
GROUP BY 2, 3

-- put_model --
INSERT INTO customer_ltv_models (
    tenant_id, fitted_on, method, reason, horizon_days, step_days, currency, customers,
    repeat_customers, r, alpha, a, b, p, q, v, log_likelihood, spend_correlation, rate, weight,
    value, holdout_days, holdout_customers, holdout_purchases, holdout_expected, holdout_error,
    holdout_naive_error, holdout_coverage, holdout_revenue, holdout_revenue_expected, fitted_at
)
SELECT
    tenant_id, fitted_on, method, reason, horizon_days, step_days, currency, customers,
    repeat_customers, r, alpha, a, b, p, q, v * unit, log_likelihood, spend_correlation, rate,
    weight, value * unit, holdout_days, holdout_customers, holdout_purchases,
    round(holdout_expected, 2), round(holdout_error, 6), round(holdout_naive_error, 6),
    round(holdout_coverage, 4), round(holdout_revenue * unit, 2),
    round(holdout_revenue_expected * unit, 2),
    timestamptz 'epoch' + $2::bigint * interval '1 millisecond'
FROM jsonb_populate_record(NULL::customer_ltv_models, $1::jsonb) AS m
CROSS JOIN LATERAL (SELECT attributary_unit(m.currency) AS unit) AS of_currency
ON CONFLICT (tenant_id, fitted_on) DO UPDATE
SET method = excluded.method, reason = excluded.reason, horizon_days = excluded.horizon_days,
    step_days = excluded.step_days, currency = excluded.currency, customers = excluded.customers,
    repeat_customers = excluded.repeat_customers, r = excluded.r, alpha = excluded.alpha,
    a = excluded.a, b = excluded.b, p = excluded.p, q = excluded.q, v = excluded.v,
    log_likelihood = excluded.log_likelihood, spend_correlation = excluded.spend_correlation,
    rate = excluded.rate, weight = excluded.weight, value = excluded.value,
    holdout_days = excluded.holdout_days, holdout_customers = excluded.holdout_customers,
    holdout_purchases = excluded.holdout_purchases, holdout_expected = excluded.holdout_expected,
    holdout_error = excluded.holdout_error, holdout_naive_error = excluded.holdout_naive_error,
    holdout_coverage = excluded.holdout_coverage, holdout_revenue = excluded.holdout_revenue,
    holdout_revenue_expected = excluded.holdout_revenue_expected, fitted_at = excluded.fitted_at

-- stale_cells --
-- The histories of people of a chunk whose prediction is of another model, or whose orders have
-- changed since.
SELECT DISTINCT c.frequency, c.recency_days / $5::integer AS recency,
    c.age_days / $5::integer AS age
FROM attributary_customers($1, $2, $3, $4::date) AS c
LEFT JOIN customer_ltv_predictions AS p ON p.tenant_id = $1 AND p.person_id = c.person_id
WHERE (p.fitted_on, p.orders, p.first_order_on, p.last_order_on, p.revenue) IS DISTINCT FROM
    ($6::date, c.orders, c.first_on, c.last_on, c.revenue * attributary_unit($7))

-- put_predictions --
-- Write these people of a chunk, and take away whoever is no customer any more.
WITH people AS MATERIALIZED (
    SELECT * FROM attributary_customers($1, $2, $3, $4::date)
), gone AS (
    DELETE FROM customer_ltv_predictions AS p
    WHERE p.tenant_id = $1 AND p.person_id > $2 AND p.person_id <= $3
        AND NOT EXISTS (SELECT FROM people AS c WHERE c.person_id = p.person_id)
)
INSERT INTO customer_ltv_predictions (
    tenant_id, person_id, as_of, fitted_on, method, horizon_days, currency, first_channel,
    first_order_on, last_order_on, orders, frequency, recency_days, age_days, monetary_value,
    revenue, probability_alive, expected_purchases, purchases_low, purchases_high, expected_value,
    predicted_revenue, revenue_low, revenue_high
)
SELECT
    $1, c.person_id, $4::date, $6::date, $8, $9, $7, (
        SELECT coalesce(nullif(split_part(j.path, ' > ', 1), ''), 'unattributed')
        FROM journeys AS j
        WHERE j.tenant_id = $1 AND j.conversion_id = c.first_id
    ), c.first_on, c.last_on, c.orders, c.frequency, c.recency_days, c.age_days,
    round(c.value * u.unit, 4), c.revenue * u.unit, round(f.alive::numeric, 5),
    round(f.purchases::numeric, 6), f.fewest, f.most, round((f.value * w.base)::numeric, 4),
    round((f.revenue * w.base)::numeric, 4), round((f.least * w.base)::numeric, 4),
    round((f.greatest * w.base)::numeric, 4)
FROM people AS c
JOIN unnest(
    $11::integer[], $12::integer[], $13::integer[], $14::float8[], $15::float8[], $16::integer[],
    $17::integer[], $18::float8[], $19::float8[], $20::float8[], $21::float8[]
) AS f (
    frequency, recency, age, alive, purchases, fewest, most, value, revenue, least, greatest
) ON f.frequency = c.frequency AND f.recency = c.recency_days / $5::integer
    AND f.age = c.age_days / $5::integer
CROSS JOIN (SELECT attributary_unit($7) AS unit) AS u
CROSS JOIN LATERAL (
    SELECT ($10::float8 + c.frequency * coalesce(c.value, 0)::float8) * u.unit::float8 AS base
) AS w
LEFT JOIN customer_ltv_predictions AS p ON p.tenant_id = $1 AND p.person_id = c.person_id
WHERE (p.fitted_on, p.orders, p.first_order_on, p.last_order_on, p.revenue) IS DISTINCT FROM
    ($6::date, c.orders, c.first_on, c.last_on, c.revenue * u.unit)
ON CONFLICT (tenant_id, person_id) DO UPDATE
SET as_of = excluded.as_of, fitted_on = excluded.fitted_on, method = excluded.method,
    horizon_days = excluded.horizon_days, currency = excluded.currency,
    first_channel = excluded.first_channel, first_order_on = excluded.first_order_on,
    last_order_on = excluded.last_order_on, orders = excluded.orders,
    frequency = excluded.frequency, recency_days = excluded.recency_days,
    age_days = excluded.age_days, monetary_value = excluded.monetary_value,
    revenue = excluded.revenue, probability_alive = excluded.probability_alive,
    expected_purchases = excluded.expected_purchases, purchases_low = excluded.purchases_low,
    purchases_high = excluded.purchases_high, expected_value = excluded.expected_value,
    predicted_revenue = excluded.predicted_revenue, revenue_low = excluded.revenue_low,
    revenue_high = excluded.revenue_high

-- drop_rest --
-- Predictions of people after the last one with an order.
DELETE FROM customer_ltv_predictions WHERE tenant_id = $1 AND person_id > $2
