CREATE VIEW delivery_browser_ids WITH (security_invoker = true) AS
WITH used AS (
    SELECT t.tenant_id, p.platform
    FROM tenants AS t
    CROSS JOIN unnest(ARRAY[
        'meta', 'ga4', 'google_ads', 'tiktok', 'snapchat', 'pinterest', 'linkedin',
        'microsoft_ads', 'klaviyo', 'whatsapp', 'affiliate', 'mntn', 'sgtm'
    ]) AS p (platform)
    WHERE EXISTS (
        SELECT FROM deliveries AS d WHERE d.tenant_id = t.tenant_id AND d.platform = p.platform
    )
)
SELECT
    e.tenant_id,
    u.platform,
    b.event_id,
    e.event_id AS browser_event_id,
    e.event_type AS event_name,
    e.order_id,
    e.occurred_at
FROM pixel_events AS e
JOIN used AS u ON u.tenant_id = e.tenant_id
CROSS JOIN LATERAL (
    -- The offset keeps the function out of the condition of a join: under row-level security a
    -- condition with a function of ours in it reaches no index.
    SELECT attributary_platform_event_id(
        e.tenant_id, u.platform, e.event_type, e.event_id, e.order_source, e.order_id, e.checkout_id
    ) AS event_id
    OFFSET 0
) AS b
CROSS JOIN LATERAL (
    SELECT
        coalesce(e.raw_data -> 'consent' ->> 'ad_storage', '') = 'denied' AS ad_storage,
        coalesce(e.raw_data -> 'consent' ->> 'ad_user_data', '') = 'denied' AS ad_user_data,
        coalesce(e.raw_data -> 'consent' ->> 'analytics_storage', '') = 'denied' AS analytics_storage,
        coalesce(e.raw_data -> 'consent' ->> 'whatsapp', '') = 'denied' AS whatsapp
) AS denied
WHERE e.source IN ('events', 'checkout')
  AND NOT e.is_bot
  AND NOT CASE u.platform
      WHEN 'ga4' THEN denied.analytics_storage
      WHEN 'klaviyo' THEN denied.ad_user_data
      WHEN 'whatsapp' THEN denied.ad_user_data OR denied.whatsapp
      ELSE denied.ad_storage OR denied.ad_user_data
  END;

COMMENT ON VIEW delivery_browser_ids IS 'Under which id the pixel''s tags tell each platform of each event. Robots and what the event''s own consent keeps from the platform are not here. Example: SELECT event_name, browser_event_id, event_id FROM delivery_browser_ids WHERE tenant_id = ''demo'' AND platform = ''meta'' AND occurred_at >= now() - interval ''1 day''.';
COMMENT ON COLUMN delivery_browser_ids.tenant_id IS 'Tenant.';
COMMENT ON COLUMN delivery_browser_ids.platform IS 'Destination: each one to which the tenant has ever had a delivery.';
COMMENT ON COLUMN delivery_browser_ids.event_id IS 'The id that the pixel gives the platform''s tag.';
COMMENT ON COLUMN delivery_browser_ids.browser_event_id IS 'The pixel''s own id of the event.';
COMMENT ON COLUMN delivery_browser_ids.event_name IS 'Event name.';
COMMENT ON COLUMN delivery_browser_ids.order_id IS 'Order that the event names.';
COMMENT ON COLUMN delivery_browser_ids.occurred_at IS 'Event time.';

GRANT SELECT ON delivery_browser_ids TO attributary_analyst, attributary_processor;
