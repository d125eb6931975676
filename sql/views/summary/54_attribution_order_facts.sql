CREATE VIEW attribution_order_facts WITH (security_invoker = true) AS
SELECT
    j.tenant_id,
    j.conversion_id,
    j.date,
    j.converted_at,
    a.model,
    a.attribution_window,
    a.currency,
    a.time_zone,
    part.touchpoint_id,
    part.channel COLLATE "C" AS channel,
    part.platform COLLATE "C" AS platform,
    part.campaign COLLATE "C" AS campaign,
    part.touchpoints,
    part.conversions,
    part.revenue
FROM attribution_axes AS a
JOIN journeys AS j ON j.tenant_id = a.tenant_id AND j.counts
JOIN credit_rows AS r ON r.tenant_id = j.tenant_id AND r.conversion_id = j.conversion_id
CROSS JOIN LATERAL (
    SELECT
        touch.touchpoint_id,
        touch.channel,
        touch.platform,
        touch.campaign,
        1 AS touchpoints,
        r.credit[(touch.place::integer - 1) * attributary_cells(r.custom_version) + a.cell] AS conversions,
        (coalesce(r.touch_revenue_reporting, r.touch_revenue))[
            (touch.place::integer - 1) * attributary_cells(r.custom_version) + a.cell] AS revenue
    FROM unnest(r.touchpoint_ids, r.channels, r.platforms, r.campaigns, r.first_windows)
        WITH ORDINALITY AS touch (touchpoint_id, channel, platform, campaign, first_window, place)
    WHERE touch.first_window <= a.window_place
    UNION ALL
    SELECT NULL, 'unattributed', 'none', '', 0, 1000000000, r.revenue_reporting
    WHERE a.window_place < ALL (r.first_windows)
) AS part
-- A conversion that the tenant's own model has not credited yet has no cells of it.
WHERE a.cell <= attributary_cells(r.custom_version);
COMMENT ON VIEW attribution_order_facts IS 'What each order brought to each of its touches, dated by the order; where no touch lies in the window, a row of channel unattributed. It reads the long row of each order that is asked for: ask for dates or times, a model and a window. Example: SELECT conversion_id, channel, revenue FROM attribution_order_facts WHERE tenant_id = ''demo'' AND date = CURRENT_DATE AND model = ''linear'' AND attribution_window = ''30d'';';
COMMENT ON COLUMN attribution_order_facts.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_order_facts.conversion_id IS 'The order; only those that count.';
COMMENT ON COLUMN attribution_order_facts.date IS 'The order''s date in the tenant''s time zone.';
COMMENT ON COLUMN attribution_order_facts.converted_at IS 'When it was placed.';
COMMENT ON COLUMN attribution_order_facts.model IS 'One of the tenant''s enabled models.';
COMMENT ON COLUMN attribution_order_facts.attribution_window IS 'One of the tenant''s enabled windows: 1d, 3d, 7d, 14d, 28d, 30d, 90d or ltv (365 days).';
COMMENT ON COLUMN attribution_order_facts.currency IS 'The tenant''s reporting currency.';
COMMENT ON COLUMN attribution_order_facts.time_zone IS 'The tenant''s time zone.';
COMMENT ON COLUMN attribution_order_facts.touchpoint_id IS 'The touch; null on unattributed.';
COMMENT ON COLUMN attribution_order_facts.channel IS 'Channel; unattributed is revenue that no touch earned.';
COMMENT ON COLUMN attribution_order_facts.platform IS 'Traffic platform.';
COMMENT ON COLUMN attribution_order_facts.campaign IS 'utm_campaign, else campaign_id, else empty.';
COMMENT ON COLUMN attribution_order_facts.touchpoints IS '1, or 0 on unattributed.';
COMMENT ON COLUMN attribution_order_facts.conversions IS 'Credit in units of 1e-9.';
COMMENT ON COLUMN attribution_order_facts.revenue IS 'Minor units of the reporting currency.';
GRANT SELECT ON attribution_order_facts TO attributary_analyst, attributary_processor;
