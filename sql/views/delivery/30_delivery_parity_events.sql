CREATE VIEW delivery_parity_events WITH (security_invoker = true) AS
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
    e.occurred_at,
    d.state AS server_state
FROM pixel_events AS e
JOIN used AS u ON u.tenant_id = e.tenant_id
CROSS JOIN LATERAL (
    -- The offset keeps the function out of the condition of the join: under row-level security a
    -- condition with a function of ours in it reaches no index.
    SELECT attributary_platform_event_id(
        e.tenant_id, u.platform, e.event_type, e.event_id, e.order_source, e.order_id, e.checkout_id
    ) AS event_id
    OFFSET 0
) AS b
LEFT JOIN deliveries AS d
    ON d.tenant_id = e.tenant_id
    AND d.platform = u.platform
    AND d.event_id = b.event_id
    AND d.kind = 'event'
WHERE e.source IN ('events', 'checkout')
  AND NOT e.is_bot
  AND NOT EXISTS (
      SELECT FROM unnest(CASE u.platform
          WHEN 'ga4' THEN ARRAY['analytics_storage']
          WHEN 'klaviyo' THEN ARRAY['ad_user_data']
          WHEN 'whatsapp' THEN ARRAY['ad_user_data', 'whatsapp']
          ELSE ARRAY['ad_storage', 'ad_user_data']
      END) AS needed (flag)
      WHERE e.raw_data -> 'consent' ->> needed.flag = 'denied'
  );

COMMENT ON VIEW delivery_parity_events IS 'Every event of the pixel beside what the server told each platform under the same id: two tags of one event count once only if the ids are equal. Robots and what the event''s own consent keeps from the platform are not here. Example: SELECT event_name, browser_event_id, event_id FROM delivery_parity_events WHERE tenant_id = ''demo'' AND platform = ''meta'' AND occurred_at >= now() - interval ''1 day'' AND server_state IS NULL.';
COMMENT ON COLUMN delivery_parity_events.tenant_id IS 'Tenant.';
COMMENT ON COLUMN delivery_parity_events.platform IS 'Destination: each one to which the tenant has ever had a delivery.';
COMMENT ON COLUMN delivery_parity_events.event_id IS 'The id that the pixel gives the platform''s tag.';
COMMENT ON COLUMN delivery_parity_events.browser_event_id IS 'The pixel''s own id of the event.';
COMMENT ON COLUMN delivery_parity_events.event_name IS 'Event name.';
COMMENT ON COLUMN delivery_parity_events.order_id IS 'Order that the event names.';
COMMENT ON COLUMN delivery_parity_events.occurred_at IS 'Event time.';
COMMENT ON COLUMN delivery_parity_events.server_state IS 'State of the delivery of the same id; null when there is none.';

GRANT SELECT ON delivery_parity_events TO attributary_analyst, attributary_processor;
