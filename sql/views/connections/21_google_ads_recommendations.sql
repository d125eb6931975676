CREATE VIEW google_ads_recommendations WITH (security_invoker = true) AS
SELECT
    tenant_id, account_id, recommendation_id, kind, campaign_id, dismissed, weekly, potential,
    first_seen_at, last_seen_at, gone_at
FROM ad_recommendations
WHERE platform = 'google_ads';

COMMENT ON VIEW google_ads_recommendations IS 'What Google advises for Google Ads accounts, as of the latest reading; nothing is applied. Example: SELECT kind, campaign_id, potential -> ''conversions'' AS conversions FROM google_ads_recommendations WHERE tenant_id = ''demo'' AND gone_at IS NULL AND NOT dismissed.';
COMMENT ON COLUMN google_ads_recommendations.tenant_id IS 'Tenant.';
COMMENT ON COLUMN google_ads_recommendations.account_id IS 'Customer, ten digits.';
COMMENT ON COLUMN google_ads_recommendations.recommendation_id IS 'Google''s id, which may end when it thinks anew.';
COMMENT ON COLUMN google_ads_recommendations.kind IS 'CAMPAIGN_BUDGET, KEYWORD and so on.';
COMMENT ON COLUMN google_ads_recommendations.campaign_id IS 'Campaign that it is about; null for the account.';
COMMENT ON COLUMN google_ads_recommendations.dismissed IS 'Somebody has dismissed it at Google.';
COMMENT ON COLUMN google_ads_recommendations.weekly IS 'Figures of a week as it is: impressions, clicks, cost, conversions, conversion_value, video_views, those that Google tells; money in units of the account''s currency.';
COMMENT ON COLUMN google_ads_recommendations.potential IS 'The same, if the advice were followed, as Google estimates it.';
COMMENT ON COLUMN google_ads_recommendations.first_seen_at IS 'When it was first read.';
COMMENT ON COLUMN google_ads_recommendations.last_seen_at IS 'When it was read last.';
COMMENT ON COLUMN google_ads_recommendations.gone_at IS 'The first reading without it; null while it stands.';

GRANT SELECT ON google_ads_recommendations TO attributary_analyst, attributary_processor;
