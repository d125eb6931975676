CREATE VIEW customer_days_open WITH (security_invoker = true) AS
SELECT DISTINCT d.tenant_id, d.date + beside.days AS date
FROM customer_days_due AS d
CROSS JOIN (VALUES (-1), (0), (1)) AS beside (days);
GRANT SELECT ON customer_days_open TO attributary_analyst, attributary_processor, attributary_scheduler;

COMMENT ON VIEW customer_days_open IS 'Days whose figures of customers are counted from the orders, until the job attribution-customers has counted them again. Example: SELECT * FROM customer_days_open WHERE tenant_id = ''acme'' ORDER BY date';
COMMENT ON COLUMN customer_days_open.tenant_id IS 'Tenant.';
COMMENT ON COLUMN customer_days_open.date IS 'Date of orders in the tenant''s time zone.';
