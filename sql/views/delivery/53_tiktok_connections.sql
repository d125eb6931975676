CREATE VIEW tiktok_connections WITH (security_invoker = true) AS
SELECT tenant_id, account_id AS pixel_code, enabled
FROM platform_connections WHERE platform = 'tiktok';

COMMENT ON VIEW tiktok_connections IS 'Which pixel of TikTok is a tenant''s, without its token. Example: SELECT pixel_code FROM tiktok_connections WHERE tenant_id = ''demo''.';
COMMENT ON COLUMN tiktok_connections.tenant_id IS 'Tenant.';
COMMENT ON COLUMN tiktok_connections.pixel_code IS 'Pixel code.';
COMMENT ON COLUMN tiktok_connections.enabled IS 'Off: nothing new is routed there.';

GRANT SELECT ON tiktok_connections TO attributary_analyst, attributary_processor;
