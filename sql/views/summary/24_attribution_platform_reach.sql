CREATE VIEW attribution_platform_reach WITH (security_invoker = true) AS
SELECT
    grouped.tenant_id,
    grouped.date,
    grouped.platform,
    grouped.campaign,
    attributary_model(grouped.cell) AS model,
    attributary_window(grouped.cell) AS attribution_window,
    grouped.impressions,
    grouped.clicks,
    grouped.reach,
    grouped.frequency,
    grouped.spend * attributary_unit(s.currency) AS spend,
    grouped.claimed_view AS claimed_view_conversions,
    grouped.claimed_click AS claimed_click_conversions,
    grouped.claimed_view_value * attributary_unit(s.currency) AS claimed_view_revenue,
    grouped.claimed_click_value * attributary_unit(s.currency) AS claimed_click_revenue,
    grouped.own_view * 0.000000001 AS view_conversions,
    grouped.own_click * 0.000000001 AS click_conversions,
    grouped.own_view_revenue * attributary_unit(s.currency) AS view_revenue,
    grouped.own_click_revenue * attributary_unit(s.currency) AS click_revenue
FROM (
    SELECT
        beside.tenant_id,
        beside.date,
        beside.platform,
        beside.campaign,
        beside.cell,
        -- Of two rows at most: what the platform tells, and what we credit.
        max(beside.impressions) AS impressions,
        max(beside.clicks) AS clicks,
        max(beside.reach) AS reach,
        max(beside.frequency) AS frequency,
        max(beside.spend) AS spend,
        max(beside.claimed_view) AS claimed_view,
        max(beside.claimed_click) AS claimed_click,
        max(beside.claimed_view_value) AS claimed_view_value,
        max(beside.claimed_click_value) AS claimed_click_value,
        coalesce(max(beside.own_view), 0) AS own_view,
        coalesce(max(beside.own_click), 0) AS own_click,
        coalesce(max(beside.own_view_revenue), 0) AS own_view_revenue,
        coalesce(max(beside.own_click_revenue), 0) AS own_click_revenue
    FROM (
        -- A union, since a condition on dates does not reach into the sides of a full join.
        -- The same on every cell: what a platform tells knows nothing of models and windows.
        SELECT
            figures.*,
            cells.cell,
            NULL::numeric AS own_view,
            NULL::numeric AS own_click,
            NULL::numeric AS own_view_revenue,
            NULL::numeric AS own_click_revenue
        FROM (
            SELECT
                f.tenant_id,
                f.date,
                f.platform,
                f.campaign,
                sum(f.impressions) AS impressions,
                sum(f.clicks) AS clicks,
                CASE WHEN count(*) = 1 THEN max(f.reach) END AS reach,
                CASE WHEN count(*) = 1 THEN max(f.frequency) END AS frequency,
                CASE WHEN bool_and(f.spend IS NOT NULL) THEN sum(f.spend) END AS spend,
                sum(f.view_conversions) AS claimed_view,
                sum(f.click_conversions) AS claimed_click,
                CASE WHEN bool_and(f.spend IS NOT NULL) THEN sum(f.view_value) END AS claimed_view_value,
                CASE WHEN bool_and(f.spend IS NOT NULL) THEN sum(f.click_value) END AS claimed_click_value
            FROM attribution_spend_facts f
            GROUP BY f.tenant_id, f.date, f.platform, f.campaign
        ) AS figures
        CROSS JOIN generate_series(1, 64) AS cells (cell)
        UNION ALL
        SELECT
            f.tenant_id, f.date, f.platform, f.campaign,
            NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
            f.cell,
            sum(f.credit) FILTER (WHERE f.touchpoint_type = 'view'),
            sum(f.credit) FILTER (WHERE f.touchpoint_type = 'click'),
            sum(f.revenue) FILTER (WHERE f.touchpoint_type = 'view'),
            sum(f.revenue) FILTER (WHERE f.touchpoint_type = 'click')
        FROM attribution_touch_facts f
        WHERE EXISTS (
            SELECT FROM daily_spend d WHERE d.tenant_id = f.tenant_id AND d.platform = f.platform
        )
        GROUP BY f.tenant_id, f.date, f.platform, f.campaign, f.cell
    ) AS beside
    GROUP BY beside.tenant_id, beside.date, beside.platform, beside.campaign, beside.cell
) AS grouped
JOIN attribution_settings s ON s.tenant_id = grouped.tenant_id
WHERE attributary_model(grouped.cell) = ANY (s.enabled_models)
    AND attributary_window(grouped.cell) = ANY (s.enabled_windows);
COMMENT ON VIEW attribution_platform_reach IS 'What ad platforms say of their ads beside our own credit of view and click touches, by day and campaign. Platforms tell totals only, never who saw an ad, so what they claim is not a part of our credit, and both may count one order. What a platform tells is the same on every model and window: choose one of each, and never add it up over them. Platforms of which no ad account reports are left out. Example: SELECT date, campaign, impressions, reach, claimed_view_conversions, view_conversions, claimed_click_conversions, click_conversions FROM attribution_platform_reach WHERE tenant_id = ''demo'' AND platform = ''meta'' AND model = ''linear'' AND attribution_window = ''7d'' ORDER BY date, campaign;';
COMMENT ON COLUMN attribution_platform_reach.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_platform_reach.date IS 'Of what the platform tells, the ad account''s date; of our credit, the touch''s in the tenant''s time zone.';
COMMENT ON COLUMN attribution_platform_reach.platform IS 'Traffic platform.';
COMMENT ON COLUMN attribution_platform_reach.campaign IS 'Campaign as the platform names it, and as utm_campaign names it on our touches; empty for an account as a whole.';
COMMENT ON COLUMN attribution_platform_reach.model IS 'One of the tenant''s enabled models; of our credit.';
COMMENT ON COLUMN attribution_platform_reach.attribution_window IS 'One of the tenant''s enabled windows; of our credit. The platform''s own windows are fixed (Meta: 1 day after a view, 7 days after a click).';
COMMENT ON COLUMN attribution_platform_reach.impressions IS 'Impressions; null when no account told, and so are the columns up to claimed_click_revenue.';
COMMENT ON COLUMN attribution_platform_reach.clicks IS 'Clicks.';
COMMENT ON COLUMN attribution_platform_reach.reach IS 'How many people saw the ads; null when several figures make the row, since a person may count in each. Never add it up over rows.';
COMMENT ON COLUMN attribution_platform_reach.frequency IS 'Impressions per person reached; null as reach.';
COMMENT ON COLUMN attribution_platform_reach.spend IS 'Spend in the reporting currency; null until every rate is known.';
COMMENT ON COLUMN attribution_platform_reach.claimed_view_conversions IS 'Purchases that the platform claims for views without a click.';
COMMENT ON COLUMN attribution_platform_reach.claimed_click_conversions IS 'Purchases that the platform claims for clicks.';
COMMENT ON COLUMN attribution_platform_reach.claimed_view_revenue IS 'What it says they were worth, in the reporting currency; null until every rate is known.';
COMMENT ON COLUMN attribution_platform_reach.claimed_click_revenue IS 'What it says they were worth, in the reporting currency; null until every rate is known.';
COMMENT ON COLUMN attribution_platform_reach.view_conversions IS 'Our credit of touches of type view.';
COMMENT ON COLUMN attribution_platform_reach.click_conversions IS 'Our credit of touches of type click.';
COMMENT ON COLUMN attribution_platform_reach.view_revenue IS 'Net revenue that we attribute to views, in the reporting currency.';
COMMENT ON COLUMN attribution_platform_reach.click_revenue IS 'Net revenue that we attribute to clicks, in the reporting currency.';
GRANT SELECT ON attribution_platform_reach TO attributary_analyst, attributary_processor;
