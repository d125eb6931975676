CREATE VIEW conversion_latencies WITH (security_invoker = true) AS
SELECT
    d.tenant_id,
    d.platform,
    d.event_id,
    d.event_name,
    d.order_source,
    d.order_id,
    d.occurred_at,
    r.received_at,
    d.first_attempt_at,
    d.finished_at AS accepted_at,
    d.attempts,
    round(extract(epoch FROM d.finished_at - d.occurred_at) * 1000)::bigint AS occurred_to_accepted_ms,
    round(extract(epoch FROM d.finished_at - r.received_at) * 1000)::bigint AS received_to_accepted_ms,
    round(extract(epoch FROM d.finished_at - d.first_attempt_at) * 1000)::bigint AS sending_ms
FROM deliveries AS d
LEFT JOIN pixel_events AS e
    ON e.tenant_id = d.tenant_id AND e.event_id = d.source_event_id
LEFT JOIN conversions AS c
    ON c.tenant_id = d.tenant_id AND c.order_id = d.order_id AND c.source = d.order_source
CROSS JOIN LATERAL (
    SELECT coalesce(
        CASE WHEN d.event_name = 'Purchase' THEN
            timestamptz 'epoch' + (c.folded ->> 'received_at')::bigint * interval '1 millisecond'
        END,
        e.received_at
    ) AS told_at
) AS t
CROSS JOIN LATERAL (
    SELECT CASE WHEN t.told_at <= d.finished_at THEN t.told_at END AS received_at
) AS r
WHERE d.state = 'sent' AND d.kind = 'event';

COMMENT ON VIEW conversion_latencies IS 'How long a conversion took to its platform, a row for each one that was accepted. Example: SELECT platform, percentile_disc(0.95) WITHIN GROUP (ORDER BY received_to_accepted_ms) AS p95_ms FROM conversion_latencies WHERE tenant_id = ''demo'' AND event_name = ''Purchase'' AND occurred_at >= now() - interval ''1 day'' GROUP BY platform.';
COMMENT ON COLUMN conversion_latencies.tenant_id IS 'Tenant.';
COMMENT ON COLUMN conversion_latencies.platform IS 'Destination.';
COMMENT ON COLUMN conversion_latencies.event_id IS 'Deterministic id at that destination.';
COMMENT ON COLUMN conversion_latencies.event_name IS 'Event name before the platform''s own.';
COMMENT ON COLUMN conversion_latencies.order_source IS 'The shop whose order it is about.';
COMMENT ON COLUMN conversion_latencies.order_id IS 'Order, if the event is about one.';
COMMENT ON COLUMN conversion_latencies.occurred_at IS 'Event time.';
COMMENT ON COLUMN conversion_latencies.received_at IS 'When the gateway took it; null where that is not known any more, as of an order that its shop told of again.';
COMMENT ON COLUMN conversion_latencies.first_attempt_at IS 'First request to the platform; null for rows restored by a rebuild.';
COMMENT ON COLUMN conversion_latencies.accepted_at IS 'When the platform had accepted it.';
COMMENT ON COLUMN conversion_latencies.attempts IS 'Requests that it took.';
COMMENT ON COLUMN conversion_latencies.occurred_to_accepted_ms IS 'From the event to the acceptance, milliseconds; a sender''s own delay is in it.';
COMMENT ON COLUMN conversion_latencies.received_to_accepted_ms IS 'From the gateway to the acceptance, milliseconds.';
COMMENT ON COLUMN conversion_latencies.sending_ms IS 'From the first request to the acceptance, milliseconds.';

GRANT SELECT ON conversion_latencies TO attributary_analyst, attributary_processor;
