CREATE VIEW pixel_event_log WITH (security_invoker = true) AS
SELECT
    e.tenant_id,
    e.event_id,
    e.source,
    e.event_type,
    e.occurred_at,
    e.received_at,
    e.visitor_id,
    e.session_id,
    e.customer_id,
    e.checkout_id,
    coalesce(named.order_id, same_checkout.order_id) AS matched_order_id,
    e.raw_data,
    d.error AS error_message,
    coalesce(d.retries, 0) AS retry_count,
    e.is_bot,
    e.bot_reasons,
    e.device_fingerprint
FROM pixel_events AS e
LEFT JOIN LATERAL (
    SELECT c.order_id FROM conversions AS c
    WHERE c.tenant_id = e.tenant_id AND c.order_id = e.order_id
    ORDER BY c.source <> coalesce(e.order_source, c.source), c.source
    LIMIT 1
) AS named ON true
LEFT JOIN LATERAL (
    SELECT c.order_id FROM conversions AS c
    WHERE c.tenant_id = e.tenant_id AND c.checkout_id = e.checkout_id
    ORDER BY c.converted_at, c.conversion_id
    LIMIT 1
) AS same_checkout ON true
LEFT JOIN LATERAL (
    SELECT
        string_agg(DISTINCT f.platform || ': ' || f.error, '; ') AS error,
        max(f.attempts - 1) AS retries
    FROM deliveries AS f
    WHERE f.tenant_id = e.tenant_id
      AND f.platform IN (
          'meta', 'ga4', 'google_ads', 'tiktok', 'snapchat', 'pinterest', 'linkedin',
          'microsoft_ads', 'klaviyo', 'whatsapp', 'affiliate', 'mntn', 'sgtm'
      )
      AND f.event_id = e.event_id
      AND f.state NOT IN ('sent', 'filtered')
) AS d ON true;

COMMENT ON VIEW pixel_event_log IS 'Every pixel and server event as it came, matched to its order. Example: SELECT event_type, count(*), count(matched_order_id) FROM pixel_event_log GROUP BY event_type.';
COMMENT ON COLUMN pixel_event_log.tenant_id IS 'Tenant.';
COMMENT ON COLUMN pixel_event_log.event_id IS 'The sender''s id, else a hash of the content.';
COMMENT ON COLUMN pixel_event_log.source IS 'Door it came in by: events, checkout, capi, identify, survey, ga4, segment, webhook.';
COMMENT ON COLUMN pixel_event_log.event_type IS 'Event name.';
COMMENT ON COLUMN pixel_event_log.occurred_at IS 'Event time.';
COMMENT ON COLUMN pixel_event_log.received_at IS 'When the gateway took it.';
COMMENT ON COLUMN pixel_event_log.visitor_id IS 'Visitor id.';
COMMENT ON COLUMN pixel_event_log.session_id IS 'Session id.';
COMMENT ON COLUMN pixel_event_log.customer_id IS 'Customer id.';
COMMENT ON COLUMN pixel_event_log.checkout_id IS 'Checkout token.';
COMMENT ON COLUMN pixel_event_log.matched_order_id IS 'Order that the event belongs to, by its order id or its checkout.';
COMMENT ON COLUMN pixel_event_log.raw_data IS 'The record; details of people are hashed or sealed in it.';
COMMENT ON COLUMN pixel_event_log.error_message IS 'What platforms said of it when it was not accepted.';
COMMENT ON COLUMN pixel_event_log.retry_count IS 'Requests after the first, at the platform that needed most.';
COMMENT ON COLUMN pixel_event_log.is_bot IS 'A robot''s, as far as the gateway could tell.';
COMMENT ON COLUMN pixel_event_log.bot_reasons IS 'The signs that told; null for a person''s.';
COMMENT ON COLUMN pixel_event_log.device_fingerprint IS 'Hash of user agent and coarse hints; joins nobody.';

GRANT SELECT ON pixel_event_log TO attributary_analyst, attributary_processor;
