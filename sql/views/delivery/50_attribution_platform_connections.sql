CREATE VIEW attribution_platform_connections WITH (security_invoker = true) AS
SELECT tenant_id, platform, account_id, enabled FROM platform_connections;

COMMENT ON VIEW attribution_platform_connections IS 'The platforms that a tenant is connected to, without their secrets. Example: SELECT platform, account_id FROM attribution_platform_connections WHERE tenant_id = ''demo'' AND enabled.';
COMMENT ON COLUMN attribution_platform_connections.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_platform_connections.platform IS 'Destination, or where reports come from.';
COMMENT ON COLUMN attribution_platform_connections.account_id IS 'Pixel, dataset or measurement id.';
COMMENT ON COLUMN attribution_platform_connections.enabled IS 'Off: nothing new is routed there.';

GRANT SELECT ON attribution_platform_connections TO attributary_analyst, attributary_processor;
