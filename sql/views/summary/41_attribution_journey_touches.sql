CREATE VIEW attribution_journey_touches WITH (security_invoker = true) AS
SELECT
    r.tenant_id,
    r.conversion_id,
    touch.place::integer AS place,
    touch.touchpoint_id,
    t.occurred_at,
    t.touchpoint_type,
    touch.channel,
    touch.platform,
    touch.campaign,
    lower(substring(t.url FROM '^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]+)')) AS url_host,
    t.device_type,
    attributary_window(touch.first_window + 1) AS first_window
FROM credit_rows AS r
CROSS JOIN LATERAL unnest(
    r.touchpoint_ids, r.channels, r.platforms, r.campaigns, r.first_windows
) WITH ORDINALITY AS touch (touchpoint_id, channel, platform, campaign, first_window, place)
LEFT JOIN attribution_touchpoints AS t
    ON t.tenant_id = r.tenant_id AND t.touchpoint_id = touch.touchpoint_id;
COMMENT ON VIEW attribution_journey_touches IS 'The timeline of a conversion: every touch that counts for it, oldest first. Made for one conversion, or for those of a page. With the credit of each touch under each model: SELECT t.place, t.occurred_at, t.channel, c.model, c.credit, c.attributed_revenue_reporting FROM attribution_journey_touches AS t JOIN attribution_results AS c USING (tenant_id, conversion_id, touchpoint_id) WHERE t.tenant_id = ''demo'' AND t.conversion_id = ''...'' AND c.attribution_window = ''30d'' ORDER BY c.model, t.place. Example: SELECT place, occurred_at, touchpoint_type, channel, campaign FROM attribution_journey_touches WHERE tenant_id = ''demo'' AND conversion_id = ''...'' ORDER BY place;';
COMMENT ON COLUMN attribution_journey_touches.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_journey_touches.conversion_id IS 'The conversion.';
COMMENT ON COLUMN attribution_journey_touches.place IS 'From 1 on, oldest first.';
COMMENT ON COLUMN attribution_journey_touches.touchpoint_id IS 'The touch.';
COMMENT ON COLUMN attribution_journey_touches.occurred_at IS 'When it was.';
COMMENT ON COLUMN attribution_journey_touches.touchpoint_type IS 'click, or view of an ad.';
COMMENT ON COLUMN attribution_journey_touches.channel IS 'Channel under which it has credit.';
COMMENT ON COLUMN attribution_journey_touches.platform IS 'Traffic platform.';
COMMENT ON COLUMN attribution_journey_touches.campaign IS 'Campaign; empty when there is none.';
COMMENT ON COLUMN attribution_journey_touches.url_host IS 'Host of the landing URL, lower case.';
COMMENT ON COLUMN attribution_journey_touches.device_type IS 'desktop, mobile or tablet, from the user agent.';
COMMENT ON COLUMN attribution_journey_touches.first_window IS 'Shortest window in which it counts; it counts in every longer one.';
GRANT SELECT ON attribution_journey_touches TO attributary_analyst, attributary_processor;
