SELECT person_id, orders, frequency, first_on, last_on, recency_days, age_days, round(value, 2) AS value,
    revenue, first_id
FROM attributary_customers('acme', '', 'customer:cz', '2026-02-28')
