CREATE VIEW pixel_failures WITH (security_invoker = true) AS
SELECT
    f.tenant_id,
    f.platform,
    f.failed_at,
    f.is_final,
    d.event_name AS event_type,
    d.source_event_id AS event_id,
    f.event_id AS platform_event_id,
    d.order_id,
    e.source,
    e.session_id,
    f.reason,
    f.error AS error_message,
    greatest(f.attempts - 1, 0) AS retry_count
FROM (
    SELECT q.tenant_id, q.platform, q.event_id, q.kind, q.created_at AS failed_at, true AS is_final,
        q.reason, q.error, q.attempts
    FROM delivery_dlq AS q
    WHERE q.replayed_at IS NULL
    UNION ALL
    SELECT w.tenant_id, w.platform, w.event_id, w.kind, w.first_attempt_at, false, 'waiting',
        w.error, w.attempts
    FROM deliveries AS w
    WHERE w.state IN ('queued', 'parked') AND w.error IS NOT NULL
) AS f
JOIN deliveries AS d USING (tenant_id, platform, event_id, kind)
LEFT JOIN pixel_events AS e ON e.tenant_id = d.tenant_id AND e.event_id = d.source_event_id
WHERE f.kind = 'event';

COMMENT ON VIEW pixel_failures IS 'Events that a platform has not accepted, with why; attributary replay deliveries --event EVENT_ID sends one again under the same id. Example: SELECT failed_at, platform, event_type, error_message, retry_count FROM pixel_failures WHERE tenant_id = ''demo'' ORDER BY failed_at DESC LIMIT 50.';
COMMENT ON COLUMN pixel_failures.tenant_id IS 'Tenant.';
COMMENT ON COLUMN pixel_failures.platform IS 'Destination.';
COMMENT ON COLUMN pixel_failures.failed_at IS 'When it was given up; of what still waits, when it was first tried.';
COMMENT ON COLUMN pixel_failures.is_final IS 'False while it is tried again by itself.';
COMMENT ON COLUMN pixel_failures.event_type IS 'Event name before the platform''s own.';
COMMENT ON COLUMN pixel_failures.event_id IS 'The sender''s own id of the event.';
COMMENT ON COLUMN pixel_failures.platform_event_id IS 'Its id at the platform.';
COMMENT ON COLUMN pixel_failures.order_id IS 'Order, if it is about one.';
COMMENT ON COLUMN pixel_failures.source IS 'Door by which the event came, as in pixel_event_log; null for what came as an order.';
COMMENT ON COLUMN pixel_failures.session_id IS 'Session of the event.';
COMMENT ON COLUMN pixel_failures.reason IS 'rejected, expired, unknown (in doubt), or waiting.';
COMMENT ON COLUMN pixel_failures.error_message IS 'What the platform or the network said last.';
COMMENT ON COLUMN pixel_failures.retry_count IS 'Tries after the first.';

GRANT SELECT ON pixel_failures TO attributary_analyst, attributary_processor;
