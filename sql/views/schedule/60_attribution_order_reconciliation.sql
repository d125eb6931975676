CREATE VIEW attribution_order_reconciliation WITH (security_invoker = true) AS
SELECT
    tenant_id, run_at, since, dry_run, orders_in_shop, found, missing, differing, repaired,
    unattributed, state, error,
    row_number() OVER (PARTITION BY tenant_id ORDER BY run_at DESC) = 1 AS is_latest
FROM order_reconciliation;

COMMENT ON VIEW attribution_order_reconciliation IS 'The shop''s own list of orders beside our conversions. Example: SELECT orders_in_shop, missing, differing, repaired, state FROM attribution_order_reconciliation WHERE is_latest.';
COMMENT ON COLUMN attribution_order_reconciliation.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_order_reconciliation.run_at IS 'When the run began.';
COMMENT ON COLUMN attribution_order_reconciliation.since IS 'Orders changed since then were compared.';
COMMENT ON COLUMN attribution_order_reconciliation.dry_run IS 'Nothing was repaired.';
COMMENT ON COLUMN attribution_order_reconciliation.orders_in_shop IS 'Orders that the shop listed, test orders not counted.';
COMMENT ON COLUMN attribution_order_reconciliation.found IS 'Those of which we have a conversion.';
COMMENT ON COLUMN attribution_order_reconciliation.missing IS 'Those of which we have none.';
COMMENT ON COLUMN attribution_order_reconciliation.differing IS 'Those whose gross, refunds or status are others with us.';
COMMENT ON COLUMN attribution_order_reconciliation.repaired IS 'Missing or differing ones that the gateway took again.';
COMMENT ON COLUMN attribution_order_reconciliation.unattributed IS 'Those found that no touch earned.';
COMMENT ON COLUMN attribution_order_reconciliation.state IS 'clean, repaired, unrepaired (a dry run, or the gateway refused some), failed (the shop''s list is incomplete).';
COMMENT ON COLUMN attribution_order_reconciliation.error IS 'What stopped it.';
COMMENT ON COLUMN attribution_order_reconciliation.is_latest IS 'The tenant''s latest run.';

GRANT SELECT ON attribution_order_reconciliation TO attributary_analyst;
