CREATE VIEW attribution_view_through WITH (security_invoker = true) AS
SELECT
    earned.tenant_id,
    earned.date,
    earned.channel,
    earned.platform,
    attributary_model(earned.cell) AS model,
    attributary_window(earned.cell) AS attribution_window,
    earned.touchpoint_type,
    earned.touchpoints,
    earned.conversions * 0.000000001 AS conversions,
    earned.revenue * attributary_unit(s.currency) AS revenue
FROM (
    SELECT
        f.tenant_id,
        f.date,
        f.channel,
        f.platform,
        f.touchpoint_type,
        f.cell,
        count(*) AS touchpoints,
        sum(f.credit) AS conversions,
        sum(f.revenue) AS revenue
    FROM attribution_touch_facts f
    GROUP BY f.tenant_id, f.date, f.channel, f.platform, f.touchpoint_type, f.cell
) AS earned
JOIN attribution_settings s ON s.tenant_id = earned.tenant_id
WHERE attributary_model(earned.cell) = ANY (s.enabled_models)
    AND attributary_window(earned.cell) = ANY (s.enabled_windows);
COMMENT ON VIEW attribution_view_through IS 'What clicks and what ad views earned, each: the channel summary split by the type of touch, dated by the touch. Which views count is the tenant''s attribution_mode and view_window. Revenue that no touch earned is not in it. Example: SELECT platform, touchpoint_type, sum(conversions), sum(revenue) FROM attribution_view_through WHERE tenant_id = ''demo'' AND model = ''linear'' AND attribution_window = ''7d'' GROUP BY platform, touchpoint_type;';
COMMENT ON COLUMN attribution_view_through.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_view_through.date IS 'The touch''s date in the tenant''s time zone.';
COMMENT ON COLUMN attribution_view_through.channel IS 'Channel.';
COMMENT ON COLUMN attribution_view_through.platform IS 'Traffic platform.';
COMMENT ON COLUMN attribution_view_through.model IS 'One of the tenant''s enabled models.';
COMMENT ON COLUMN attribution_view_through.attribution_window IS 'One of the tenant''s enabled windows.';
COMMENT ON COLUMN attribution_view_through.touchpoint_type IS 'click, or view of an ad.';
COMMENT ON COLUMN attribution_view_through.touchpoints IS 'Pairs of touch and conversion.';
COMMENT ON COLUMN attribution_view_through.conversions IS 'Sum of credit.';
COMMENT ON COLUMN attribution_view_through.revenue IS 'Attributed net revenue in the reporting currency.';
GRANT SELECT ON attribution_view_through TO attributary_analyst, attributary_processor;
