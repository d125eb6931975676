CREATE VIEW platform_daily_spend WITH (security_invoker = true) AS
SELECT
    f.tenant_id,
    f.platform,
    f.source,
    f.account_id,
    f.date,
    f.campaign_id,
    f.campaign AS campaign_name,
    f.campaign_type,
    f.channel,
    f.amount * attributary_unit(f.currency) AS spend,
    f.currency,
    f.spend * attributary_unit(s.currency) AS spend_reporting,
    f.impressions,
    f.clicks,
    f.video_views,
    f.conversions,
    f.conversion_value * attributary_unit(s.currency) AS conversion_value,
    timestamptz 'epoch' + f.reported_at * interval '1 millisecond' AS reported_at
FROM attribution_spend_facts f
JOIN attribution_settings s ON s.tenant_id = f.tenant_id;
COMMENT ON VIEW platform_daily_spend IS 'What campaigns cost, a row for each ad account, day and campaign of every platform, as the platforms tell it last. Example: SELECT date, platform, campaign_name, spend, currency FROM platform_daily_spend WHERE tenant_id = ''demo'' AND date >= current_date - 7 ORDER BY date, platform;';
COMMENT ON COLUMN platform_daily_spend.tenant_id IS 'Tenant.';
COMMENT ON COLUMN platform_daily_spend.platform IS 'Traffic platform.';
COMMENT ON COLUMN platform_daily_spend.source IS 'Where the figure comes from.';
COMMENT ON COLUMN platform_daily_spend.account_id IS 'Ad account.';
COMMENT ON COLUMN platform_daily_spend.date IS 'The ad account''s date.';
COMMENT ON COLUMN platform_daily_spend.campaign_id IS 'The vendor''s id of the campaign; null for the account as a whole, or when only a name was told.';
COMMENT ON COLUMN platform_daily_spend.campaign_name IS 'What the campaign is called now; empty for the account as a whole.';
COMMENT ON COLUMN platform_daily_spend.campaign_type IS 'Type of the campaign, as the vendor calls it.';
COMMENT ON COLUMN platform_daily_spend.channel IS 'Channel that the spend counts for.';
COMMENT ON COLUMN platform_daily_spend.spend IS 'Spend in the ad account''s currency.';
COMMENT ON COLUMN platform_daily_spend.currency IS 'The ad account''s currency.';
COMMENT ON COLUMN platform_daily_spend.spend_reporting IS 'Spend in the reporting currency, at the rate of the day; null until a rate is known.';
COMMENT ON COLUMN platform_daily_spend.impressions IS 'Impressions; null when the platform did not tell, and so are the columns that follow.';
COMMENT ON COLUMN platform_daily_spend.clicks IS 'Clicks.';
COMMENT ON COLUMN platform_daily_spend.video_views IS 'Views of videos, as the vendor counts them.';
COMMENT ON COLUMN platform_daily_spend.conversions IS 'Conversions that the platform claims, of all its windows together; never added to ours.';
COMMENT ON COLUMN platform_daily_spend.conversion_value IS 'What it says they were worth, in the reporting currency; null until a rate is known.';
COMMENT ON COLUMN platform_daily_spend.reported_at IS 'When the vendor said so.';
GRANT SELECT ON platform_daily_spend TO attributary_analyst, attributary_processor;
