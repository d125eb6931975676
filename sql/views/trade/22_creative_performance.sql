CREATE VIEW creative_performance WITH (security_invoker = true) AS
SELECT
    g.tenant_id,
    g.date,
    g.platform,
    g.ad_id,
    g.ad,
    g.creative_id,
    g.campaign,
    g.ad_group,
    g.model,
    g.attribution_window,
    g.impressions,
    g.clicks,
    round(g.clicks / nullif(g.impressions, 0), 6) AS ctr,
    round(g.spend * attributary_unit(g.currency) / nullif(g.clicks, 0), 4) AS cpc,
    round(1000 * g.spend * attributary_unit(g.currency) / nullif(g.impressions, 0), 4) AS cpm,
    g.video_views,
    g.spend * attributary_unit(g.currency) AS spend,
    g.touchpoints,
    g.conversions * 0.000000001 AS conversions,
    g.revenue * attributary_unit(g.currency) AS revenue,
    attributary_return(g.revenue, g.spend)::numeric(10, 4) AS roas,
    round(g.spend * attributary_unit(g.currency) / nullif(g.conversions * 0.000000001, 0), 4) AS cpa,
    g.claimed_conversions,
    g.claimed_revenue * attributary_unit(g.currency) AS claimed_revenue,
    s.type,
    s.title,
    s.thumbnail_url,
    s.landing_page
FROM (
    SELECT
        beside.tenant_id, beside.date, beside.platform, beside.ad_id, beside.model,
        beside.attribution_window, beside.currency,
        max(beside.ad) AS ad, max(beside.creative_id) AS creative_id,
        max(beside.campaign) AS campaign, max(beside.ad_group) AS ad_group,
        sum(beside.impressions) AS impressions, sum(beside.clicks) AS clicks,
        sum(beside.video_views) AS video_views, sum(beside.spend) AS spend,
        coalesce(sum(beside.touchpoints), 0)::bigint AS touchpoints,
        coalesce(sum(beside.conversions), 0) AS conversions,
        coalesce(sum(beside.revenue), 0) AS revenue,
        sum(beside.claimed_conversions) AS claimed_conversions,
        sum(beside.claimed_revenue) AS claimed_revenue
    FROM (
        SELECT
            f.tenant_id, f.date, f.platform, f.ad_id, a.model, a.attribution_window, a.currency,
            f.ad, f.creative_id, f.campaign, f.ad_group, f.impressions, f.clicks, f.video_views,
            f.spend, NULL::bigint AS touchpoints, NULL::bigint AS conversions,
            NULL::bigint AS revenue, f.claimed_conversions, f.claimed_revenue
        FROM attribution_axes AS a
        JOIN attribution_ad_spend_facts AS f ON f.tenant_id = a.tenant_id
        UNION ALL
        SELECT
            f.tenant_id, f.date, f.platform, t.ad_id COLLATE "C", f.model, f.attribution_window,
            f.currency, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, f.touchpoints::bigint,
            f.conversions::bigint, f.revenue, NULL, NULL
        FROM attribution_order_facts AS f
        JOIN attribution_touchpoints AS t
            ON t.tenant_id = f.tenant_id AND t.touchpoint_id = f.touchpoint_id
        WHERE t.ad_id IS NOT NULL
    ) AS beside
    GROUP BY
        beside.tenant_id, beside.date, beside.platform, beside.ad_id, beside.model,
        beside.attribution_window, beside.currency
) AS g
LEFT JOIN creative_assets AS s
    ON s.tenant_id = g.tenant_id AND s.platform = g.platform AND s.ad_id = g.ad_id;
COMMENT ON VIEW creative_performance IS 'What each ad showed, cost and earned a day: what its platform tells beside our credit of touches with the ad''s id, dated by the order. Every order of the days asked for is looked at: ask for dates, a model and a window. Example: SELECT platform, ad_id, max(ad) AS ad, sum(spend) AS spend, sum(revenue) AS revenue, round(sum(revenue) / nullif(sum(spend), 0), 4) AS roas FROM creative_performance WHERE tenant_id = ''demo'' AND date >= CURRENT_DATE - 30 AND model = ''linear'' AND attribution_window = ''7d'' GROUP BY platform, ad_id ORDER BY spend DESC NULLS LAST;';
COMMENT ON COLUMN creative_performance.tenant_id IS 'Tenant.';
COMMENT ON COLUMN creative_performance.date IS 'Of what the platform tells, the ad account''s date; of our credit, the order''s in the tenant''s time zone.';
COMMENT ON COLUMN creative_performance.platform IS 'Traffic platform.';
COMMENT ON COLUMN creative_performance.ad_id IS 'The vendor''s id of the ad, as ad_id on touches.';
COMMENT ON COLUMN creative_performance.ad IS 'What it is called; null on a day without a report, and so are the three columns that follow.';
COMMENT ON COLUMN creative_performance.creative_id IS 'The vendor''s id of what it shows.';
COMMENT ON COLUMN creative_performance.campaign IS 'What its campaign is called.';
COMMENT ON COLUMN creative_performance.ad_group IS 'What its ad group, ad set or squad is called.';
COMMENT ON COLUMN creative_performance.model IS 'One of the tenant''s enabled models.';
COMMENT ON COLUMN creative_performance.attribution_window IS 'One of the tenant''s enabled windows: 1d, 3d, 7d, 14d, 28d, 30d, 90d or ltv (365 days).';
COMMENT ON COLUMN creative_performance.impressions IS 'Impressions; null where none is told. It and all that the platform tells is the same on every model and window: never add it up over them.';
COMMENT ON COLUMN creative_performance.clicks IS 'Clicks.';
COMMENT ON COLUMN creative_performance.ctr IS 'Clicks per impression.';
COMMENT ON COLUMN creative_performance.cpc IS 'Spend per click.';
COMMENT ON COLUMN creative_performance.cpm IS 'Spend per thousand impressions.';
COMMENT ON COLUMN creative_performance.video_views IS 'Views of videos, as the vendor counts them.';
COMMENT ON COLUMN creative_performance.spend IS 'Spend in the reporting currency; null where there is none.';
COMMENT ON COLUMN creative_performance.touchpoints IS 'Pairs of touch and conversion.';
COMMENT ON COLUMN creative_performance.conversions IS 'Sum of credit.';
COMMENT ON COLUMN creative_performance.revenue IS 'Attributed net revenue in the reporting currency.';
COMMENT ON COLUMN creative_performance.roas IS 'Revenue per unit of spend, 999999.9999 at most; null without spend.';
COMMENT ON COLUMN creative_performance.cpa IS 'Spend per conversion; null without conversions or without spend.';
COMMENT ON COLUMN creative_performance.claimed_conversions IS 'Purchases that the platform claims.';
COMMENT ON COLUMN creative_performance.claimed_revenue IS 'What it says they were worth, in the reporting currency.';
COMMENT ON COLUMN creative_performance.type IS 'What the ad shows, as in creatives; null where its platform does not tell.';
COMMENT ON COLUMN creative_performance.title IS 'Its headline.';
COMMENT ON COLUMN creative_performance.thumbnail_url IS 'A picture of it at the vendor; most are signed and end after hours or days.';
COMMENT ON COLUMN creative_performance.landing_page IS 'Where a click leads.';
GRANT SELECT ON creative_performance TO attributary_analyst, attributary_processor;
