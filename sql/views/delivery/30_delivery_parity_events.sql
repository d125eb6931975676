CREATE VIEW delivery_parity_events WITH (security_invoker = true) AS
SELECT
    b.tenant_id,
    b.platform,
    b.event_id,
    b.browser_event_id,
    b.event_name,
    b.order_id,
    b.occurred_at,
    d.state AS server_state
FROM delivery_browser_ids AS b
LEFT JOIN deliveries AS d
    ON d.tenant_id = b.tenant_id
    AND d.platform = b.platform
    AND d.event_id = b.event_id
    AND d.kind = 'event';

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
