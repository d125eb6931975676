CREATE VIEW meta_ad_connections WITH (security_invoker = true) AS
SELECT tenant_id, account_id AS pixel_id, enabled FROM platform_connections WHERE platform = 'meta';

COMMENT ON VIEW meta_ad_connections IS 'Which pixel of Meta is a tenant''s, without its token. Example: SELECT pixel_id FROM meta_ad_connections WHERE tenant_id = ''demo''.';
COMMENT ON COLUMN meta_ad_connections.tenant_id IS 'Tenant.';
COMMENT ON COLUMN meta_ad_connections.pixel_id IS 'Pixel or dataset id.';
COMMENT ON COLUMN meta_ad_connections.enabled IS 'Off: nothing new is routed there.';

GRANT SELECT ON meta_ad_connections TO attributary_analyst, attributary_processor;
