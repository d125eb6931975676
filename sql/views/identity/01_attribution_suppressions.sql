CREATE VIEW attribution_suppressions WITH (security_invoker = true) AS
SELECT tenant_id, node AS id, timestamptz 'epoch' + issued_at * interval '1 millisecond' AS since
FROM consent_flags
WHERE flag = 'processing' AND value = 'denied';

COMMENT ON VIEW attribution_suppressions IS 'Ids whose person is taken out of delivery and credit. Example: SELECT count(*) FROM attribution_suppressions WHERE tenant_id = ''demo''.';
COMMENT ON COLUMN attribution_suppressions.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_suppressions.id IS 'kind:value; an email or a phone as its SHA-256.';
COMMENT ON COLUMN attribution_suppressions.since IS 'When the suppression was commanded.';

GRANT SELECT ON attribution_suppressions TO attributary_analyst, attributary_processor;
