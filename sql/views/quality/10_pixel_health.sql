CREATE VIEW pixel_health WITH (security_invoker = true) AS
SELECT
    t.tenant_id,
    day.date,
    seen.platform,
    seen.events,
    seen.orders,
    seen.matched_orders,
    seen.told,
    seen.accepted,
    seen.failed,
    seen.retried,
    round(seen.failed::numeric / nullif(seen.told, 0), 4) AS failure_rate,
    CASE attributary_level(1 - seen.failed::numeric / nullif(seen.told, 0), 0.99, 0.95)
        WHEN 'target' THEN 'good' WHEN 'warning' THEN 'warning' WHEN 'critical' THEN 'critical'
    END AS status,
    seen.last_event_at
FROM tenants AS t
CROSS JOIN LATERAL attributary_days(
    (SELECT min(e.occurred_at) FROM pixel_events AS e WHERE e.tenant_id = t.tenant_id),
    (SELECT max(e.occurred_at) FROM pixel_events AS e WHERE e.tenant_id = t.tenant_id)
) AS day
CROSS JOIN LATERAL (
    SELECT
        b.platform,
        count(*) AS events,
        count(b.order_id) AS orders,
        count(c.order_id) AS matched_orders,
        count(d.state) AS told,
        count(*) FILTER (WHERE d.state = 'sent') AS accepted,
        count(*) FILTER (WHERE d.state IN ('rejected', 'expired', 'unknown')) AS failed,
        count(*) FILTER (WHERE d.attempts > 1) AS retried,
        max(b.occurred_at) AS last_event_at
    FROM delivery_browser_ids AS b
    LEFT JOIN LATERAL (
        SELECT f.state, f.attempts FROM deliveries AS f
        WHERE f.tenant_id = b.tenant_id
          AND f.platform = b.platform
          AND f.event_id = b.event_id
          AND f.kind = 'event'
          AND f.state <> 'filtered'
    ) AS d ON true
    -- With a limit, so that it is looked up by the order: else all orders would be read to be hashed.
    LEFT JOIN LATERAL (
        SELECT o.order_id FROM conversions AS o
        WHERE o.tenant_id = b.tenant_id AND o.order_id = b.order_id
        LIMIT 1
    ) AS c ON true
    WHERE b.tenant_id = t.tenant_id
      AND b.occurred_at >= day.starts_at
      AND b.occurred_at < day.ends_at
    GROUP BY b.platform
) AS seen;

COMMENT ON VIEW pixel_health IS 'How the pixel''s events fared, a row for each destination and UTC day. Robots and what the event''s own consent keeps from the platform are not counted. Example: SELECT date, platform, events, matched_orders, told, failed, failure_rate, status FROM pixel_health WHERE tenant_id = ''demo'' AND date >= current_date - 6 ORDER BY date DESC, platform.';
COMMENT ON COLUMN pixel_health.tenant_id IS 'Tenant.';
COMMENT ON COLUMN pixel_health.date IS 'UTC day of the events.';
COMMENT ON COLUMN pixel_health.platform IS 'Destination, of those that the tenant has ever told anything.';
COMMENT ON COLUMN pixel_health.events IS 'Events that came by the pixel''s doors.';
COMMENT ON COLUMN pixel_health.orders IS 'Of these with an order.';
COMMENT ON COLUMN pixel_health.matched_orders IS 'Of these whose order we know.';
COMMENT ON COLUMN pixel_health.told IS 'Events for which a delivery stands in the ledger; those kept back by a rule are none.';
COMMENT ON COLUMN pixel_health.accepted IS 'Of these accepted.';
COMMENT ON COLUMN pixel_health.failed IS 'Of these refused, too late or in doubt, for good.';
COMMENT ON COLUMN pixel_health.retried IS 'Of these tried more than once.';
COMMENT ON COLUMN pixel_health.failure_rate IS 'failed / told, 0 to 1; null when nothing was told.';
COMMENT ON COLUMN pixel_health.status IS 'good below 1 % of failures, critical above 5 %, else warning; null when nothing was told.';
COMMENT ON COLUMN pixel_health.last_event_at IS 'Latest event of the day.';

GRANT SELECT ON pixel_health TO attributary_analyst, attributary_processor;
