CREATE VIEW delivery_log WITH (security_invoker = true) AS
SELECT
    l.tenant_id,
    l.platform,
    l.event_id,
    l.kind,
    d.event_name,
    d.source_event_id,
    d.order_source,
    d.order_id,
    c.conversion_id,
    c.status AS order_status,
    d.value * attributary_unit(d.currency) AS value,
    d.currency,
    l.attempt,
    l.status,
    l.http_status,
    l.error,
    l.latency_ms,
    l.request_digest,
    l.response_digest,
    l.created_at,
    d.state,
    d.deadline_at
FROM capi_delivery_log AS l
JOIN deliveries AS d USING (tenant_id, platform, event_id, kind)
LEFT JOIN conversions AS c
    ON c.tenant_id = d.tenant_id AND c.order_id = d.order_id AND c.source = d.order_source;

COMMENT ON VIEW delivery_log IS 'Every attempt at a platform, with its event and its order. Example: SELECT created_at, platform, event_name, attempt, status, http_status, error FROM delivery_log WHERE tenant_id = ''demo'' AND order_id = ''1001'' ORDER BY created_at.';
COMMENT ON COLUMN delivery_log.tenant_id IS 'Tenant.';
COMMENT ON COLUMN delivery_log.platform IS 'Destination.';
COMMENT ON COLUMN delivery_log.event_id IS 'Deterministic id at that destination.';
COMMENT ON COLUMN delivery_log.kind IS 'event, refund, cancel or adjust.';
COMMENT ON COLUMN delivery_log.event_name IS 'Event name before the platform''s own.';
COMMENT ON COLUMN delivery_log.source_event_id IS 'The sender''s own id of what it is about.';
COMMENT ON COLUMN delivery_log.order_source IS 'The shop whose order it is about.';
COMMENT ON COLUMN delivery_log.order_id IS 'Order, if the event is about one.';
COMMENT ON COLUMN delivery_log.conversion_id IS 'The same order, as attribution knows it.';
COMMENT ON COLUMN delivery_log.order_status IS 'What the order is now.';
COMMENT ON COLUMN delivery_log.value IS 'What the platform was told.';
COMMENT ON COLUMN delivery_log.currency IS 'ISO 4217 code of the value.';
COMMENT ON COLUMN delivery_log.attempt IS 'Number of the request, from 1.';
COMMENT ON COLUMN delivery_log.status IS 'How the attempt ended: sent, retry, throttled, rejected, reauth, unknown, or unwanted: the tenant never asked for such events there.';
COMMENT ON COLUMN delivery_log.http_status IS 'Null when no answer came.';
COMMENT ON COLUMN delivery_log.error IS 'What the platform or the network said.';
COMMENT ON COLUMN delivery_log.latency_ms IS 'From sending to answer, milliseconds.';
COMMENT ON COLUMN delivery_log.request_digest IS 'SHA-256 of the request body; empty when the sender ended before it knew one, or the platform judged a request later.';
COMMENT ON COLUMN delivery_log.response_digest IS 'SHA-256 of the response body.';
COMMENT ON COLUMN delivery_log.created_at IS 'When the attempt was made.';
COMMENT ON COLUMN delivery_log.state IS 'What became of the delivery by now.';
COMMENT ON COLUMN delivery_log.deadline_at IS 'The platform accepts it until then.';

GRANT SELECT ON delivery_log TO attributary_analyst, attributary_processor;
