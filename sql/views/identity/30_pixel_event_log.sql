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
    greatest(d.retries, 0) AS retry_count,
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
        string_agg(f.platform || ': ' || f.error, '; ' ORDER BY f.platform)
            FILTER (WHERE f.state NOT IN ('sent', 'filtered')) AS error,
        max(f.attempts - 1) AS retries
    FROM platform_connections AS u
    CROSS JOIN LATERAL (
        -- The offset keeps the function out of the condition of the join: under row-level security
        -- a condition with a function of ours in it reaches no index.
        SELECT attributary_platform_event_id(
            e.tenant_id, u.platform, e.event_type, e.event_id, e.order_source, e.order_id,
            e.checkout_id
        ) AS event_id
        OFFSET 0
    ) AS told
    JOIN deliveries AS f
        ON f.tenant_id = e.tenant_id
        AND f.platform = u.platform
        AND f.event_id = told.event_id
        AND f.kind = 'event'
    WHERE u.tenant_id = e.tenant_id
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
COMMENT ON COLUMN pixel_event_log.error_message IS 'What platforms that have not accepted it said of it last: each its own name and what it said.';
COMMENT ON COLUMN pixel_event_log.retry_count IS 'Requests after the first, at the platform that needed most; a replay by hand counts, too.';
COMMENT ON COLUMN pixel_event_log.is_bot IS 'A robot''s, as far as the gateway could tell.';
COMMENT ON COLUMN pixel_event_log.bot_reasons IS 'The signs that told; null for a person''s.';
COMMENT ON COLUMN pixel_event_log.device_fingerprint IS 'Hash of user agent and coarse hints; joins nobody.';

GRANT SELECT ON pixel_event_log TO attributary_analyst, attributary_processor;
