CREATE VIEW delivery_legs WITH (security_invoker = true) AS
WITH legs AS (
    SELECT t.tenant_id, day.date, 'pixel' AS leg, bought.orders AS expected, bought.seen AS reached,
        0.99 AS target
    FROM tenants AS t
    CROSS JOIN LATERAL attributary_days(
        (SELECT min(c.converted_at) FROM conversions AS c WHERE c.tenant_id = t.tenant_id),
        (SELECT max(c.converted_at) FROM conversions AS c WHERE c.tenant_id = t.tenant_id)
    ) AS day
    CROSS JOIN LATERAL (
        SELECT
            count(*) AS orders,
            count(*) FILTER (WHERE EXISTS (
                SELECT FROM pixel_events AS e
                WHERE e.tenant_id = c.tenant_id
                  AND e.order_id = c.order_id
                  AND coalesce(e.order_source, 'api') = c.source
                  AND e.event_type = 'Purchase'
                  AND e.source IN ('events', 'checkout')
            ) OR EXISTS (
                SELECT FROM pixel_events AS e
                WHERE e.tenant_id = c.tenant_id
                  AND e.checkout_id = c.checkout_id
                  AND e.event_type = 'Purchase'
                  AND e.source IN ('events', 'checkout')
            )) AS seen
        FROM conversions AS c
        WHERE c.tenant_id = t.tenant_id
          AND c.converted_at >= day.starts_at
          AND c.converted_at < day.ends_at
          AND c.deliverable
          AND c.visitor_id IS NOT NULL
    ) AS bought
    WHERE bought.orders > 0
    UNION ALL
    SELECT h.tenant_id, h.date, 'sgtm', h.deliveries, h.sent, 0.98
    FROM delivery_health AS h
    WHERE h.platform = 'sgtm'
)
SELECT
    tenant_id,
    date,
    leg,
    expected,
    reached,
    round(reached::numeric / expected, 4) AS rate,
    target,
    reached::numeric / expected > target AS is_met
FROM legs;

COMMENT ON VIEW delivery_legs IS 'What the legs before our own connectors carried, a row for each day: the pixel in the page and the tenant''s server container. Example: SELECT date, leg, expected, reached, rate, is_met FROM delivery_legs WHERE tenant_id = ''demo'' AND date >= current_date - 6 ORDER BY date DESC, leg.';
COMMENT ON COLUMN delivery_legs.tenant_id IS 'Tenant.';
COMMENT ON COLUMN delivery_legs.date IS 'UTC day: of the order for pixel, of the attempts for sgtm.';
COMMENT ON COLUMN delivery_legs.leg IS 'pixel or sgtm.';
COMMENT ON COLUMN delivery_legs.expected IS 'pixel: orders that came with a visitor, so that their browser was ours to hear; sgtm: deliveries to the container.';
COMMENT ON COLUMN delivery_legs.reached IS 'Of these, pixel: whose Purchase the pixel told, too; sgtm: that the container accepted.';
COMMENT ON COLUMN delivery_legs.rate IS 'reached / expected, 0 to 1: the pixel''s fire rate, the container''s delivery rate.';
COMMENT ON COLUMN delivery_legs.target IS 'What the rate must exceed: 0.99 for pixel, 0.98 for sgtm.';
COMMENT ON COLUMN delivery_legs.is_met IS 'Whether it does.';

GRANT SELECT ON delivery_legs TO attributary_analyst, attributary_processor;
