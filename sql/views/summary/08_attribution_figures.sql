CREATE VIEW attribution_figures WITH (security_invoker = true) AS
SELECT
    c.tenant_id,
    c.basis,
    c.date,
    c.channel,
    c.platform,
    c.campaign,
    a.model,
    a.attribution_window,
    a.currency,
    c.touchpoints[a.cell] AS touchpoints,
    c.conversions[a.cell] AS conversions,
    c.revenue[a.cell] AS revenue,
    c.conversions[a.last_touch_cell] AS last_touch_conversions,
    c.revenue[a.last_touch_cell] AS last_touch_revenue,
    NULL::numeric AS spend,
    NULL::numeric AS impressions,
    NULL::numeric AS clicks,
    NULL::numeric AS claimed_conversions,
    NULL::numeric AS claimed_revenue
FROM attribution_axes AS a
JOIN summary_cells AS c ON c.tenant_id = a.tenant_id
UNION ALL
SELECT
    f.tenant_id,
    b.basis COLLATE "C",
    f.date,
    f.channel,
    f.platform,
    f.campaign,
    a.model,
    a.attribution_window,
    a.currency,
    0::bigint,
    0::bigint,
    0::bigint,
    0::bigint,
    0::bigint,
    f.spend,
    f.impressions::numeric,
    f.clicks::numeric,
    coalesce(f.conversions, f.view_conversions + f.click_conversions, f.view_conversions, f.click_conversions),
    coalesce(f.conversion_value, f.view_value + f.click_value, f.view_value, f.click_value)
FROM attribution_axes AS a
JOIN attribution_spend_facts AS f ON f.tenant_id = a.tenant_id
CROSS JOIN (VALUES ('accrual'), ('cash')) AS b (basis);
COMMENT ON VIEW attribution_figures IS 'What the overview and its kin add up: credit by day and campaign, and beside it what ad accounts report, the same on every model and window. Ask for a basis, a model and a window; then few numbers are read. Example: SELECT channel, sum(conversions) * 0.000000001 FROM attribution_figures WHERE tenant_id = ''demo'' AND basis = ''cash'' AND model = ''linear'' AND attribution_window = ''30d'' GROUP BY channel;';
COMMENT ON COLUMN attribution_figures.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_figures.basis IS 'accrual: dated by the touch; cash: by the order. Spend is on both.';
COMMENT ON COLUMN attribution_figures.date IS 'Date in the tenant''s time zone; of spend, the ad account''s.';
COMMENT ON COLUMN attribution_figures.channel IS 'Channel; unattributed is revenue that no touch earned.';
COMMENT ON COLUMN attribution_figures.platform IS 'Traffic platform.';
COMMENT ON COLUMN attribution_figures.campaign IS 'utm_campaign, else campaign_id, else empty; of spend, the vendor''s campaign.';
COMMENT ON COLUMN attribution_figures.model IS 'One of the tenant''s enabled models.';
COMMENT ON COLUMN attribution_figures.attribution_window IS 'One of the tenant''s enabled windows: 1d, 3d, 7d, 14d, 28d, 30d, 90d or ltv (365 days).';
COMMENT ON COLUMN attribution_figures.currency IS 'The tenant''s reporting currency.';
COMMENT ON COLUMN attribution_figures.touchpoints IS 'Pairs of touch and conversion.';
COMMENT ON COLUMN attribution_figures.conversions IS 'Credit in units of 1e-9; 0 on rows of spend.';
COMMENT ON COLUMN attribution_figures.revenue IS 'Minor units of the reporting currency; 0 on rows of spend.';
COMMENT ON COLUMN attribution_figures.last_touch_conversions IS 'The same by last_touch in the same window.';
COMMENT ON COLUMN attribution_figures.last_touch_revenue IS 'The same by last_touch in the same window.';
COMMENT ON COLUMN attribution_figures.spend IS 'Minor units of the reporting currency; null on rows of credit, and until a rate is known.';
COMMENT ON COLUMN attribution_figures.impressions IS 'Impressions; null on rows of credit, and so are the columns that follow.';
COMMENT ON COLUMN attribution_figures.clicks IS 'Clicks.';
COMMENT ON COLUMN attribution_figures.claimed_conversions IS 'Purchases that the platform claims, for views and for clicks.';
COMMENT ON COLUMN attribution_figures.claimed_revenue IS 'What it says they were worth, minor units of the reporting currency.';
GRANT SELECT ON attribution_figures TO attributary_analyst, attributary_processor;
