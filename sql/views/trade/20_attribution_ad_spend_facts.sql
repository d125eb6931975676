CREATE VIEW attribution_ad_spend_facts WITH (security_invoker = true) AS
SELECT
    d.tenant_id,
    d.source,
    d.account_id,
    d.date,
    d.platform,
    d.ad_id,
    d.channel,
    d.campaign_id,
    d.campaign,
    d.ad_group,
    d.ad,
    d.creative_id,
    CASE WHEN d.currency = s.currency THEN d.amount
        ELSE attributary_half_even(d.amount * rate.factor) END AS spend,
    d.impressions,
    d.clicks,
    d.video_views,
    coalesce(d.conversions, d.view_conversions + d.click_conversions, d.view_conversions,
        d.click_conversions) AS claimed_conversions,
    CASE WHEN d.currency = s.currency THEN told.value
        ELSE attributary_half_even(told.value * rate.factor) END AS claimed_revenue
FROM daily_ad_spend AS d
JOIN attribution_settings AS s ON s.tenant_id = d.tenant_id
CROSS JOIN LATERAL (
    SELECT coalesce(d.conversion_value, d.view_value + d.click_value, d.view_value, d.click_value) AS value
) AS told
LEFT JOIN LATERAL (
    SELECT attributary_unit(d.currency) * f.rate / attributary_unit(s.currency) AS factor
    FROM fx_rates AS f
    WHERE f.tenant_id = d.tenant_id AND f.currency = d.currency AND f.reporting = s.currency
        AND f.date <= d.date
    ORDER BY f.date DESC
    LIMIT 1
) AS rate ON true;
COMMENT ON VIEW attribution_ad_spend_facts IS 'What ad accounts report of single ads, a row for each account, date and ad, in the reporting currency. It is never added to attribution_spend_facts: some campaigns have no ads to tell. Example: SELECT date, ad, impressions, clicks FROM attribution_ad_spend_facts WHERE tenant_id = ''demo'' AND platform = ''meta'' ORDER BY date;';
COMMENT ON COLUMN attribution_ad_spend_facts.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_ad_spend_facts.source IS 'Where the figure comes from.';
COMMENT ON COLUMN attribution_ad_spend_facts.account_id IS 'Ad account.';
COMMENT ON COLUMN attribution_ad_spend_facts.date IS 'The ad account''s date.';
COMMENT ON COLUMN attribution_ad_spend_facts.platform IS 'Traffic platform.';
COMMENT ON COLUMN attribution_ad_spend_facts.ad_id IS 'The vendor''s id of the ad.';
COMMENT ON COLUMN attribution_ad_spend_facts.channel IS 'Channel.';
COMMENT ON COLUMN attribution_ad_spend_facts.campaign_id IS 'The vendor''s id of the campaign, if told.';
COMMENT ON COLUMN attribution_ad_spend_facts.campaign IS 'What its campaign is called, else the campaign''s id.';
COMMENT ON COLUMN attribution_ad_spend_facts.ad_group IS 'What its ad group, ad set or squad is called.';
COMMENT ON COLUMN attribution_ad_spend_facts.ad IS 'What the ad is called.';
COMMENT ON COLUMN attribution_ad_spend_facts.creative_id IS 'The vendor''s id of what it shows, if told.';
COMMENT ON COLUMN attribution_ad_spend_facts.spend IS 'Minor units of the reporting currency, at the rate of the day; null until a rate is known.';
COMMENT ON COLUMN attribution_ad_spend_facts.impressions IS 'Impressions; null when the platform did not tell, and so are the columns that follow.';
COMMENT ON COLUMN attribution_ad_spend_facts.clicks IS 'Clicks.';
COMMENT ON COLUMN attribution_ad_spend_facts.video_views IS 'Views of videos, as the vendor counts them.';
COMMENT ON COLUMN attribution_ad_spend_facts.claimed_conversions IS 'Purchases that the platform claims.';
COMMENT ON COLUMN attribution_ad_spend_facts.claimed_revenue IS 'What it says they were worth, minor units of the reporting currency; null until a rate is known.';
GRANT SELECT ON attribution_ad_spend_facts TO attributary_analyst, attributary_processor;
