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
        count(*) FILTER (WHERE ids.is_matched) AS matched,
        count(*) FILTER (WHERE ids.is_accepted) AS accepted
    FROM (
        SELECT
            b.platform,
            bool_or(b.server_state IS NOT NULL) AS is_matched,
            bool_or(b.server_state = 'sent') AS is_accepted
        FROM delivery_parity_events AS b
        WHERE b.tenant_id = t.tenant_id
          AND b.occurred_at >= day.starts_at
          AND b.occurred_at < day.ends_at
        GROUP BY b.platform, b.event_id
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
