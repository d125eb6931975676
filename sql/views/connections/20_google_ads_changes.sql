CREATE VIEW google_ads_changes WITH (security_invoker = true) AS
SELECT
    tenant_id, account_id, change_id, changed_at, resource_type, resource_name, operation,
    client_type, changed_by_sha256, campaign_id, ad_group_id, changed_fields, old_values, new_values
FROM ad_changes
WHERE platform = 'google_ads';

COMMENT ON VIEW google_ads_changes IS 'What was changed in Google Ads accounts, as Google''s history tells it, minutes after it was made. Example: SELECT changed_at, resource_type, operation, changed_fields FROM google_ads_changes WHERE tenant_id = ''demo'' AND campaign_id = ''7'' ORDER BY changed_at DESC.';
COMMENT ON COLUMN google_ads_changes.tenant_id IS 'Tenant.';
COMMENT ON COLUMN google_ads_changes.account_id IS 'Customer, ten digits.';
COMMENT ON COLUMN google_ads_changes.change_id IS 'Google''s id: microseconds of its time, and two numbers.';
COMMENT ON COLUMN google_ads_changes.changed_at IS 'When it was made.';
COMMENT ON COLUMN google_ads_changes.resource_type IS 'CAMPAIGN, CAMPAIGN_BUDGET, AD_GROUP, AD and so on.';
COMMENT ON COLUMN google_ads_changes.resource_name IS 'What was changed: customers/1234567890/campaigns/7.';
COMMENT ON COLUMN google_ads_changes.operation IS 'CREATE, UPDATE or REMOVE.';
COMMENT ON COLUMN google_ads_changes.client_type IS 'GOOGLE_ADS_WEB_CLIENT, GOOGLE_ADS_API and so on; null where it is not told.';
COMMENT ON COLUMN google_ads_changes.changed_by_sha256 IS 'SHA-256 of the email of who did it, in lower case; null where nobody is told.';
COMMENT ON COLUMN google_ads_changes.campaign_id IS 'Campaign that it touches; null for none.';
COMMENT ON COLUMN google_ads_changes.ad_group_id IS 'Ad group that it touches; null for none.';
COMMENT ON COLUMN google_ads_changes.changed_fields IS 'Names of the changed fields.';
COMMENT ON COLUMN google_ads_changes.old_values IS 'Changed fields before it.';
COMMENT ON COLUMN google_ads_changes.new_values IS 'Changed fields after it.';

GRANT SELECT ON google_ads_changes TO attributary_analyst, attributary_processor;
