CREATE VIEW attribution_channels WITH (security_invoker = true) AS
SELECT
    g.tenant_id,
    g.basis,
    g.date,
    'channel' AS level,
    g.channel,
    g.platform,
    g.campaign,
    g.model,
    g.attribution_window,
    g.touchpoints::bigint AS touchpoints,
    g.conversions * 0.000000001 AS conversions,
    g.revenue * attributary_unit(g.currency) AS revenue,
    g.spend * attributary_unit(g.currency) AS spend,
    attributary_return(g.revenue, g.spend)::numeric(10, 4) AS roas,
    round(g.spend * attributary_unit(g.currency) / nullif(g.conversions * 0.000000001, 0), 4) AS cpa,
    g.impressions,
    g.clicks
FROM (
    SELECT
        f.tenant_id, f.basis, f.date, f.channel, NULL::text COLLATE "C" AS platform, NULL::text COLLATE "C" AS campaign,
        f.model, f.attribution_window, f.currency,
        sum(f.touchpoints) AS touchpoints, sum(f.conversions) AS conversions,
        sum(f.revenue) AS revenue, sum(f.spend) AS spend, sum(f.impressions) AS impressions,
        sum(f.clicks) AS clicks
    FROM attribution_figures AS f
    GROUP BY
        f.tenant_id, f.basis, f.date, f.channel, f.model, f.attribution_window, f.currency
) AS g
WHERE (g.touchpoints, g.conversions, g.revenue) <> (0, 0, 0) OR g.spend IS NOT NULL
UNION ALL
SELECT
    g.tenant_id,
    g.basis,
    g.date,
    'platform' AS level,
    g.channel,
    g.platform,
    g.campaign,
    g.model,
    g.attribution_window,
    g.touchpoints::bigint AS touchpoints,
    g.conversions * 0.000000001 AS conversions,
    g.revenue * attributary_unit(g.currency) AS revenue,
    g.spend * attributary_unit(g.currency) AS spend,
    attributary_return(g.revenue, g.spend)::numeric(10, 4) AS roas,
    round(g.spend * attributary_unit(g.currency) / nullif(g.conversions * 0.000000001, 0), 4) AS cpa,
    g.impressions,
    g.clicks
FROM (
    SELECT
        f.tenant_id, f.basis, f.date, f.channel, f.platform AS platform, NULL::text COLLATE "C" AS campaign,
        f.model, f.attribution_window, f.currency,
        sum(f.touchpoints) AS touchpoints, sum(f.conversions) AS conversions,
        sum(f.revenue) AS revenue, sum(f.spend) AS spend, sum(f.impressions) AS impressions,
        sum(f.clicks) AS clicks
    FROM attribution_figures AS f
    GROUP BY
        f.tenant_id, f.basis, f.date, f.channel, f.platform, f.model, f.attribution_window, f.currency
) AS g
WHERE (g.touchpoints, g.conversions, g.revenue) <> (0, 0, 0) OR g.spend IS NOT NULL
UNION ALL
SELECT
    g.tenant_id,
    g.basis,
    g.date,
    'campaign' AS level,
    g.channel,
    g.platform,
    g.campaign,
    g.model,
    g.attribution_window,
    g.touchpoints::bigint AS touchpoints,
    g.conversions * 0.000000001 AS conversions,
    g.revenue * attributary_unit(g.currency) AS revenue,
    g.spend * attributary_unit(g.currency) AS spend,
    attributary_return(g.revenue, g.spend)::numeric(10, 4) AS roas,
    round(g.spend * attributary_unit(g.currency) / nullif(g.conversions * 0.000000001, 0), 4) AS cpa,
    g.impressions,
    g.clicks
FROM (
    SELECT
        f.tenant_id, f.basis, f.date, f.channel, f.platform AS platform, f.campaign AS campaign,
        f.model, f.attribution_window, f.currency,
        sum(f.touchpoints) AS touchpoints, sum(f.conversions) AS conversions,
        sum(f.revenue) AS revenue, sum(f.spend) AS spend, sum(f.impressions) AS impressions,
        sum(f.clicks) AS clicks
    FROM attribution_figures AS f
    GROUP BY
        f.tenant_id, f.basis, f.date, f.channel, f.platform, f.campaign, f.model, f.attribution_window, f.currency
) AS g
WHERE (g.touchpoints, g.conversions, g.revenue) <> (0, 0, 0) OR g.spend IS NOT NULL;
COMMENT ON VIEW attribution_channels IS 'The way down from a channel to its platforms and their campaigns, on both bases, with revenue, spend and ROAS at each level. Each level adds up to the same; choose one level, one basis, one model and one window. Example: SELECT platform, campaign, sum(revenue) AS revenue, sum(spend) AS spend, round(sum(revenue) / nullif(sum(spend), 0), 4) AS roas FROM attribution_channels WHERE tenant_id = ''demo'' AND basis = ''accrual'' AND level = ''campaign'' AND channel = ''paid_social'' AND model = ''linear'' AND attribution_window = ''30d'' GROUP BY platform, campaign ORDER BY revenue DESC;';
COMMENT ON COLUMN attribution_channels.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_channels.basis IS 'accrual: dated by the touch; cash: by the order.';
COMMENT ON COLUMN attribution_channels.date IS 'Date in the tenant''s time zone; of spend, the ad account''s.';
COMMENT ON COLUMN attribution_channels.level IS 'channel, platform or campaign.';
COMMENT ON COLUMN attribution_channels.channel IS 'Channel; unattributed is revenue that no touch earned.';
COMMENT ON COLUMN attribution_channels.platform IS 'Traffic platform; null at the level of channels.';
COMMENT ON COLUMN attribution_channels.campaign IS 'utm_campaign, else campaign_id, else empty; of spend, the vendor''s campaign. Null above the level of campaigns.';
COMMENT ON COLUMN attribution_channels.model IS 'One of the tenant''s enabled models.';
COMMENT ON COLUMN attribution_channels.attribution_window IS 'One of the tenant''s enabled windows: 1d, 3d, 7d, 14d, 28d, 30d, 90d or ltv (365 days).';
COMMENT ON COLUMN attribution_channels.touchpoints IS 'Pairs of touch and conversion.';
COMMENT ON COLUMN attribution_channels.conversions IS 'Sum of credit.';
COMMENT ON COLUMN attribution_channels.revenue IS 'Attributed net revenue in the reporting currency.';
COMMENT ON COLUMN attribution_channels.spend IS 'Spend in the reporting currency, null where there is none; the same on every model and window, so never add it up over them.';
COMMENT ON COLUMN attribution_channels.roas IS 'Revenue per unit of spend, 999999.9999 at most; null without spend.';
COMMENT ON COLUMN attribution_channels.cpa IS 'Spend per conversion; null without conversions or without spend.';
COMMENT ON COLUMN attribution_channels.impressions IS 'Impressions that ad accounts report; null where none does, and the same on every model and window.';
COMMENT ON COLUMN attribution_channels.clicks IS 'Clicks that ad accounts report; null as impressions.';
GRANT SELECT ON attribution_channels TO attributary_analyst, attributary_processor;
