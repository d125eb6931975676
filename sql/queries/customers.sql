-- due --
SELECT DISTINCT date FROM customer_days_due WHERE tenant_id = $1 ORDER BY date

-- due_tenants --
SELECT DISTINCT tenant_id FROM customer_days_due WHERE $1::text IS NULL OR tenant_id = $1 ORDER BY 1

-- unmark --
-- In the snapshot that counts: what is marked later stays.
DELETE FROM customer_days_due WHERE tenant_id = $1 AND date = ANY ($2::date[])

-- forget_customers --
DELETE FROM customer_days WHERE tenant_id = $1 AND date = ANY ($2::date[])

-- count_customers --
INSERT INTO customer_days (tenant_id, date, segment, orders, revenue)
SELECT $1, day.date, own.segment, own.orders, own.revenue
FROM unnest($2::date[]) AS day (date)
CROSS JOIN LATERAL attributary_customers_on($1, day.date) AS own

-- forget_cohorts --
DELETE FROM cohort_days WHERE tenant_id = $1 AND date = ANY ($2::date[])

-- count_cohorts --
INSERT INTO cohort_days (
    tenant_id, date, cohort_month, first_channel, orders, active_customers, revenue
)
SELECT
    $1, day.date, own.cohort_month, own.first_channel, own.orders, own.active_customers, own.revenue
FROM unnest($2::date[]) AS day (date)
CROSS JOIN LATERAL attributary_cohorts_on($1, day.date) AS own
