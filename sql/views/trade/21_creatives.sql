CREATE VIEW creatives WITH (security_invoker = true) AS
SELECT
    tenant_id,
    platform,
    coalesce(shown.account_id, s.account_id) AS account_id,
    ad_id,
    coalesce(s.ad, shown.ad) AS ad,
    coalesce(s.creative_id, shown.creative_id) AS creative_id,
    coalesce(s.campaign_id, shown.campaign_id) AS campaign_id,
    shown.campaign,
    shown.ad_group,
    shown.channel,
    shown.first_date,
    shown.last_date,
    s.type,
    s.title,
    s.body,
    s.thumbnail_url,
    s.landing_page
FROM (
    SELECT
        d.tenant_id,
        d.platform,
        d.account_id,
        d.ad_id,
        (array_agg(d.ad ORDER BY d.date DESC, d.reported_at DESC))[1] AS ad,
        (array_agg(d.creative_id ORDER BY d.date DESC, d.reported_at DESC))[1] AS creative_id,
        (array_agg(d.campaign_id ORDER BY d.date DESC, d.reported_at DESC))[1] AS campaign_id,
        (array_agg(d.campaign ORDER BY d.date DESC, d.reported_at DESC))[1] AS campaign,
        (array_agg(d.ad_group ORDER BY d.date DESC, d.reported_at DESC))[1] AS ad_group,
        (array_agg(d.channel ORDER BY d.date DESC, d.reported_at DESC))[1] AS channel,
        min(d.date) FILTER (WHERE d.impressions > 0 OR d.amount > 0) AS first_date,
        max(d.date) FILTER (WHERE d.impressions > 0 OR d.amount > 0) AS last_date
    FROM daily_ad_spend AS d
    GROUP BY d.tenant_id, d.platform, d.account_id, d.ad_id
) AS shown
FULL JOIN creative_assets AS s USING (tenant_id, platform, ad_id);
COMMENT ON VIEW creatives IS 'Every ad that a platform has told of, as it is called now, with what it shows where the platform tells that (Meta, TikTok, Google). Example: SELECT platform, ad, campaign, last_date FROM creatives WHERE tenant_id = ''demo'' ORDER BY last_date DESC NULLS LAST;';
COMMENT ON COLUMN creatives.tenant_id IS 'Tenant.';
COMMENT ON COLUMN creatives.platform IS 'Traffic platform.';
COMMENT ON COLUMN creatives.account_id IS 'Ad account.';
COMMENT ON COLUMN creatives.ad_id IS 'The vendor''s id of the ad.';
COMMENT ON COLUMN creatives.ad IS 'What it is called.';
COMMENT ON COLUMN creatives.creative_id IS 'The vendor''s id of what it shows, if told.';
COMMENT ON COLUMN creatives.campaign_id IS 'The vendor''s id of its campaign, if told.';
COMMENT ON COLUMN creatives.campaign IS 'What its campaign is called; null, and so are the four columns that follow, of an ad without a figure.';
COMMENT ON COLUMN creatives.ad_group IS 'What its ad group, ad set or squad is called.';
COMMENT ON COLUMN creatives.channel IS 'Channel.';
COMMENT ON COLUMN creatives.first_date IS 'First day with impressions or spend; null without one.';
COMMENT ON COLUMN creatives.last_date IS 'Last day with impressions or spend.';
COMMENT ON COLUMN creatives.type IS 'image, video, carousel, dynamic (the vendor puts it together of several texts and pictures), text or other; null, and so are the columns that follow, where nothing is told.';
COMMENT ON COLUMN creatives.title IS 'Headline; of a dynamic ad, the first of them.';
COMMENT ON COLUMN creatives.body IS 'Text; of a dynamic ad, the first of them.';
COMMENT ON COLUMN creatives.thumbnail_url IS 'A picture of it at the vendor; most are signed and end after hours or days.';
COMMENT ON COLUMN creatives.landing_page IS 'Where a click leads.';
GRANT SELECT ON creatives TO attributary_analyst, attributary_processor;
