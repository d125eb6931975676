CREATE VIEW attribution_data_quality WITH (security_invoker = true) AS
SELECT
    s.*,
    round(s.coverage_score - lag(s.coverage_score) OVER before, 2) AS coverage_change
FROM attribution_data_quality_snapshots AS s
WINDOW before AS (PARTITION BY s.tenant_id ORDER BY s.snapshot_date);

COMMENT ON VIEW attribution_data_quality IS 'The data quality of each day beside that of the day before. Example: SELECT snapshot_date, coverage_score, coverage_change, session_id_coverage, email_hash_coverage FROM attribution_data_quality WHERE tenant_id = ''demo'' ORDER BY snapshot_date DESC LIMIT 14.';
COMMENT ON COLUMN attribution_data_quality.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_data_quality.snapshot_date IS 'UTC day.';
COMMENT ON COLUMN attribution_data_quality.orders IS 'Orders of the day.';
COMMENT ON COLUMN attribution_data_quality.orders_attributed IS 'Of these the ones that a touch earned.';
COMMENT ON COLUMN attribution_data_quality.orders_unattributed IS 'Of these the ones that no touch earned.';
COMMENT ON COLUMN attribution_data_quality.coverage_score IS '0 to 100: attributed of both.';
COMMENT ON COLUMN attribution_data_quality.records IS 'Touches and events of the day.';
COMMENT ON COLUMN attribution_data_quality.session_id_coverage IS 'Per cent of the records with a session.';
COMMENT ON COLUMN attribution_data_quality.visitor_id_coverage IS 'Per cent of the records with a visitor.';
COMMENT ON COLUMN attribution_data_quality.email_hash_coverage IS 'Per cent of the records with the hash of an email.';
COMMENT ON COLUMN attribution_data_quality.device_fingerprint_coverage IS 'Per cent of the records with a device fingerprint.';
COMMENT ON COLUMN attribution_data_quality.pixel_health IS 'By destination, as pixel_health has it.';
COMMENT ON COLUMN attribution_data_quality.coverage_change IS 'coverage_score less that of the snapshot before.';

GRANT SELECT ON attribution_data_quality TO attributary_analyst, attributary_processor;
