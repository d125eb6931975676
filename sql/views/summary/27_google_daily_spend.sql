CREATE VIEW google_daily_spend WITH (security_invoker = true) AS
SELECT
    tenant_id,
    source,
    account_id,
    date,
    campaign_id,
    campaign_name,
    campaign_type,
    channel,
    spend,
    currency,
    spend_reporting,
    impressions,
    clicks,
    video_views,
    conversions,
    conversion_value,
    reported_at
FROM platform_daily_spend
WHERE platform = 'google';
COMMENT ON VIEW google_daily_spend IS 'What campaigns at Google cost, a row for each ad account, day and campaign. Example: SELECT date, campaign_id, campaign_name, spend, currency FROM google_daily_spend WHERE tenant_id = ''demo'' ORDER BY date;';
COMMENT ON COLUMN google_daily_spend.tenant_id IS 'Tenant.';
COMMENT ON COLUMN google_daily_spend.source IS 'Where the figure comes from.';
COMMENT ON COLUMN google_daily_spend.account_id IS 'Ad account.';
COMMENT ON COLUMN google_daily_spend.date IS 'The ad account''s date.';
COMMENT ON COLUMN google_daily_spend.campaign_id IS 'The vendor''s id of the campaign; null for the account as a whole, or when only a name was told.';
COMMENT ON COLUMN google_daily_spend.campaign_name IS 'What the campaign is called now; empty for the account as a whole.';
COMMENT ON COLUMN google_daily_spend.campaign_type IS 'Type of the campaign, as the vendor calls it.';
COMMENT ON COLUMN google_daily_spend.channel IS 'Channel that the spend counts for.';
COMMENT ON COLUMN google_daily_spend.spend IS 'Spend in the ad account''s currency.';
COMMENT ON COLUMN google_daily_spend.currency IS 'The ad account''s currency.';
COMMENT ON COLUMN google_daily_spend.spend_reporting IS 'Spend in the reporting currency, at the rate of the day; null until a rate is known.';
COMMENT ON COLUMN google_daily_spend.impressions IS 'Impressions; null when the platform did not tell, and so are the columns that follow.';
COMMENT ON COLUMN google_daily_spend.clicks IS 'Clicks.';
COMMENT ON COLUMN google_daily_spend.video_views IS 'Views of videos, as the vendor counts them.';
COMMENT ON COLUMN google_daily_spend.conversions IS 'Conversions that the platform claims, of all its windows together; never added to ours.';
COMMENT ON COLUMN google_daily_spend.conversion_value IS 'What it says they were worth, in the reporting currency; null until a rate is known.';
COMMENT ON COLUMN google_daily_spend.reported_at IS 'When the vendor said so.';
GRANT SELECT ON google_daily_spend TO attributary_analyst, attributary_processor;
