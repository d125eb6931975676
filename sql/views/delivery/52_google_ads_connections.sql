CREATE VIEW google_ads_connections WITH (security_invoker = true) AS
SELECT tenant_id, account_id AS customer_id, enabled
FROM platform_connections WHERE platform = 'google_ads';

COMMENT ON VIEW google_ads_connections IS 'Which Google Ads customer is a tenant''s, without its token. Example: SELECT customer_id FROM google_ads_connections WHERE tenant_id = ''demo''.';
COMMENT ON COLUMN google_ads_connections.tenant_id IS 'Tenant.';
COMMENT ON COLUMN google_ads_connections.customer_id IS 'Account id.';
COMMENT ON COLUMN google_ads_connections.enabled IS 'Off: nothing new is routed there.';

GRANT SELECT ON google_ads_connections TO attributary_analyst, attributary_processor;
