CREATE VIEW attribution_touch_facts WITH (security_invoker = true) AS
SELECT
    r.tenant_id,
    touch.date,
    touch.channel COLLATE "C" AS channel,
    touch.platform COLLATE "C" AS platform,
    touch.campaign COLLATE "C" AS campaign,
    t.touchpoint_type,
    share.cell::integer AS cell,
    share.credit,
    share.revenue
FROM credit_rows r
CROSS JOIN LATERAL (SELECT attributary_cells(r.custom_version) AS cells) AS width
CROSS JOIN LATERAL unnest(
    r.touchpoint_ids, r.touch_dates, r.channels, r.platforms, r.campaigns, r.first_windows
) WITH ORDINALITY AS touch (touchpoint_id, date, channel, platform, campaign, first_window, place)
JOIN attribution_touchpoints t
    ON t.tenant_id = r.tenant_id AND t.touchpoint_id = touch.touchpoint_id
CROSS JOIN LATERAL unnest(
    r.credit[(touch.place::integer - 1) * width.cells + 1 : touch.place::integer * width.cells],
    (coalesce(r.touch_revenue_reporting, r.touch_revenue))[
        (touch.place::integer - 1) * width.cells + 1 : touch.place::integer * width.cells]
) WITH ORDINALITY AS share (credit, revenue, cell)
WHERE r.counts AND (share.cell - 1) % 8 >= touch.first_window;
COMMENT ON VIEW attribution_touch_facts IS 'What each touch of each counting conversion earned, with the touch''s type: what the views of clicks and ad views add up. Example: SELECT touchpoint_type, sum(credit) FROM attribution_touch_facts WHERE tenant_id = ''demo'' AND cell = 19 GROUP BY touchpoint_type;';
COMMENT ON COLUMN attribution_touch_facts.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_touch_facts.date IS 'The touch''s date in the tenant''s time zone.';
COMMENT ON COLUMN attribution_touch_facts.channel IS 'Channel.';
COMMENT ON COLUMN attribution_touch_facts.platform IS 'Traffic platform.';
COMMENT ON COLUMN attribution_touch_facts.campaign IS 'Campaign; empty when there is none.';
COMMENT ON COLUMN attribution_touch_facts.touchpoint_type IS 'click, or view of an ad.';
COMMENT ON COLUMN attribution_touch_facts.cell IS 'Model and window, 1 to 56: (model - 1) * 8 + window.';
COMMENT ON COLUMN attribution_touch_facts.credit IS 'Credit in units of 1e-9.';
COMMENT ON COLUMN attribution_touch_facts.revenue IS 'Minor units of the reporting currency.';
GRANT SELECT ON attribution_touch_facts TO attributary_analyst, attributary_processor;
