CREATE VIEW delivery_parity WITH (security_invoker = true) AS
SELECT
    t.tenant_id,
    day.date,
    p.platform,
    p.browser_ids,
    p.matched,
    p.accepted,
    round(p.matched::numeric / p.browser_ids, 4) AS share_matched,
    (
        SELECT count(*)
        FROM deliveries AS d
        WHERE d.tenant_id = t.tenant_id
          AND d.occurred_at >= day.starts_at
          AND d.occurred_at < day.ends_at
          AND d.platform = p.platform
          AND d.state = 'sent'
          AND d.kind = 'event'
    ) AS server_ids
FROM tenants AS t
CROSS JOIN LATERAL attributary_days(
    (SELECT min(e.occurred_at) FROM pixel_events AS e WHERE e.tenant_id = t.tenant_id),
    (SELECT max(e.occurred_at) FROM pixel_events AS e WHERE e.tenant_id = t.tenant_id)
) AS day
CROSS JOIN LATERAL (
    SELECT
        ids.platform,
        count(*) AS browser_ids,
        count(ids.server_state) AS matched,
        count(*) FILTER (WHERE ids.server_state = 'sent') AS accepted
    FROM (
        SELECT
            b.platform,
            CASE WHEN s.event_id IS NOT NULL THEN 'sent' ELSE (
                SELECT d.state
                FROM deliveries AS d
                WHERE d.tenant_id = t.tenant_id
                  AND d.platform = b.platform
                  AND d.event_id = b.event_id
                  AND d.kind = 'event'
            ) END AS server_state
        FROM (
            SELECT i.platform, i.event_id
            FROM delivery_browser_ids AS i
            WHERE i.tenant_id = t.tenant_id
              AND i.occurred_at >= day.starts_at
              AND i.occurred_at < day.ends_at
            GROUP BY i.platform, i.event_id
        ) AS b
        -- Nearly all were sent, and on the day of the event: these are read at once, for the
        -- offset, and only the others are looked for one by one.
        LEFT JOIN (
            SELECT d.platform, d.event_id
            FROM deliveries AS d
            WHERE d.tenant_id = t.tenant_id
              AND d.occurred_at >= day.starts_at
              AND d.occurred_at < day.ends_at
              AND d.state = 'sent'
              AND d.kind = 'event'
            OFFSET 0
        ) AS s ON s.platform = b.platform AND s.event_id = b.event_id
        OFFSET 0
    ) AS ids
    GROUP BY ids.platform
) AS p;

COMMENT ON VIEW delivery_parity IS 'The parity meter: how many of the pixel''s event ids the server has, too, a row for each platform and day. Example: SELECT date, platform, browser_ids, share_matched, server_ids FROM delivery_parity WHERE tenant_id = ''demo'' AND date >= current_date - 6 ORDER BY date DESC, platform.';
COMMENT ON COLUMN delivery_parity.tenant_id IS 'Tenant.';
COMMENT ON COLUMN delivery_parity.date IS 'UTC day of the pixel''s events.';
COMMENT ON COLUMN delivery_parity.platform IS 'Destination.';
COMMENT ON COLUMN delivery_parity.browser_ids IS 'Distinct ids that the pixel made for the platform.';
COMMENT ON COLUMN delivery_parity.matched IS 'Of these with a delivery under the same id, whatever its state.';
COMMENT ON COLUMN delivery_parity.accepted IS 'Of these accepted by the platform.';
COMMENT ON COLUMN delivery_parity.share_matched IS 'matched / browser_ids, 0 to 1.';
COMMENT ON COLUMN delivery_parity.server_ids IS 'Everything that the platform accepted of events of the day: more than accepted where no pixel saw them.';

GRANT SELECT ON delivery_parity TO attributary_analyst, attributary_processor;
