CREATE VIEW attribution_spend_facts WITH (security_invoker = true) AS
SELECT
    d.tenant_id,
    d.source,
    d.account_id,
    d.date,
    d.platform,
    d.subject,
    d.channel,
    d.campaign,
    d.campaign_id,
    CASE WHEN d.currency = s.currency THEN d.amount
        ELSE attributary_half_even(d.amount * rate.factor) END AS spend,
    d.impressions,
    d.clicks,
    d.reach,
    d.frequency,
    d.view_conversions,
    d.click_conversions,
    CASE WHEN d.currency = s.currency THEN d.view_value
        ELSE attributary_half_even(d.view_value * rate.factor) END AS view_value,
    CASE WHEN d.currency = s.currency THEN d.click_value
        ELSE attributary_half_even(d.click_value * rate.factor) END AS click_value,
    d.video_views,
    d.conversions,
    CASE WHEN d.currency = s.currency THEN d.conversion_value
        ELSE attributary_half_even(d.conversion_value * rate.factor) END AS conversion_value,
    d.campaign_type,
    d.currency,
    d.amount,
    d.reported_at
FROM daily_spend d
JOIN attribution_settings s ON s.tenant_id = d.tenant_id
LEFT JOIN LATERAL (
    SELECT attributary_unit(d.currency) * f.rate / attributary_unit(s.currency) AS factor
    FROM fx_rates f
    WHERE f.tenant_id = d.tenant_id AND f.currency = d.currency AND f.reporting = s.currency
        AND f.date <= d.date
    ORDER BY f.date DESC
    LIMIT 1
) rate ON true;
COMMENT ON VIEW attribution_spend_facts IS 'What ad accounts report, a row for each account, date and campaign: totals that the platform tells, never who saw an ad. Example: SELECT date, campaign, impressions, reach, view_conversions FROM attribution_spend_facts WHERE tenant_id = ''demo'' AND platform = ''meta'' ORDER BY date;';
COMMENT ON COLUMN attribution_spend_facts.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_spend_facts.source IS 'Where the figure comes from.';
COMMENT ON COLUMN attribution_spend_facts.account_id IS 'Ad account.';
COMMENT ON COLUMN attribution_spend_facts.date IS 'The ad account''s date.';
COMMENT ON COLUMN attribution_spend_facts.subject IS 'What the figure is of: id: and a campaign''s id; without one, name: and its name; without both, channel: and the channel, for the account as a whole.';
COMMENT ON COLUMN attribution_spend_facts.channel IS 'Channel.';
COMMENT ON COLUMN attribution_spend_facts.platform IS 'Traffic platform.';
COMMENT ON COLUMN attribution_spend_facts.campaign IS 'What the campaign is called now, else its id; empty for the account as a whole.';
COMMENT ON COLUMN attribution_spend_facts.campaign_id IS 'The vendor''s id of the campaign; null when it was not told.';
COMMENT ON COLUMN attribution_spend_facts.spend IS 'Minor units of the reporting currency, at the rate of the day; null until a rate is known.';
COMMENT ON COLUMN attribution_spend_facts.impressions IS 'Impressions; null when the platform did not tell, and so are the columns that follow.';
COMMENT ON COLUMN attribution_spend_facts.clicks IS 'Clicks.';
COMMENT ON COLUMN attribution_spend_facts.reach IS 'How many people saw the ads. Never add it up: a person of two days or campaigns counts in both.';
COMMENT ON COLUMN attribution_spend_facts.frequency IS 'Impressions per person reached.';
COMMENT ON COLUMN attribution_spend_facts.view_conversions IS 'Purchases that the platform claims for views without a click (Meta: within 1 day).';
COMMENT ON COLUMN attribution_spend_facts.click_conversions IS 'Purchases that the platform claims for clicks (Meta: within 7 days).';
COMMENT ON COLUMN attribution_spend_facts.view_value IS 'Value of view_conversions, minor units of the reporting currency; null until a rate is known.';
COMMENT ON COLUMN attribution_spend_facts.click_value IS 'Value of click_conversions, minor units of the reporting currency; null until a rate is known.';
COMMENT ON COLUMN attribution_spend_facts.video_views IS 'Views of videos, as the vendor counts them.';
COMMENT ON COLUMN attribution_spend_facts.conversions IS 'Conversions that the platform claims, of all its windows together; they may be fractions.';
COMMENT ON COLUMN attribution_spend_facts.conversion_value IS 'Value of conversions, minor units of the reporting currency; null until a rate is known.';
COMMENT ON COLUMN attribution_spend_facts.campaign_type IS 'Type of the campaign, as the vendor calls it; null when it was not told.';
COMMENT ON COLUMN attribution_spend_facts.currency IS 'The ad account''s currency.';
COMMENT ON COLUMN attribution_spend_facts.amount IS 'Spend in minor units of the ad account''s currency.';
COMMENT ON COLUMN attribution_spend_facts.reported_at IS 'When the vendor said so, epoch milliseconds.';
GRANT SELECT ON attribution_spend_facts TO attributary_analyst, attributary_processor;
