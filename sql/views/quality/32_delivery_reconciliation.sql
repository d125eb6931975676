CREATE VIEW delivery_reconciliation WITH (security_invoker = true) AS
SELECT
    t.tenant_id,
    day.date,
    told.platform,
    told.orders,
    told.deliveries,
    told.accepted,
    told.refused,
    told.waiting,
    told.kept_back,
    told.orders - told.deliveries AS missing,
    round(told.accepted::numeric / nullif(told.orders - told.kept_back, 0), 4) AS accepted_share,
    -- Asked of each row by itself, and only where they are shown.
    (
        SELECT count(*)
        FROM attribution_touchpoints AS p
        WHERE p.tenant_id = t.tenant_id
          AND p.occurred_at >= day.starts_at
          AND p.occurred_at < day.ends_at
          AND p.platform = traffic.platform
          AND NOT p.is_bot
    ) AS touchpoints,
    (
        SELECT sum(coalesce(
            s.conversions, coalesce(s.click_conversions, 0) + s.view_conversions,
            s.click_conversions
        ))
        FROM daily_spend AS s
        WHERE s.tenant_id = t.tenant_id AND s.date = day.date AND s.platform = traffic.platform
    ) AS claimed_conversions
FROM tenants AS t
CROSS JOIN LATERAL attributary_days(
    (SELECT min(c.converted_at) FROM conversions AS c WHERE c.tenant_id = t.tenant_id),
    (SELECT max(c.converted_at) FROM conversions AS c WHERE c.tenant_id = t.tenant_id)
) AS day
CROSS JOIN LATERAL (
    SELECT
        u.platform,
        count(*) AS orders,
        count(d.state) AS deliveries,
        count(*) FILTER (WHERE d.state = 'sent') AS accepted,
        count(*) FILTER (WHERE d.state IN ('rejected', 'expired', 'unknown')) AS refused,
        count(*) FILTER (WHERE d.state IN ('queued', 'parked', 'sending')) AS waiting,
        count(*) FILTER (WHERE d.state = 'filtered') AS kept_back
    FROM conversions AS c
    JOIN platform_connections AS u ON u.tenant_id = c.tenant_id AND u.enabled
    CROSS JOIN LATERAL (
        -- The offset keeps the function out of the condition of the join: under row-level security
        -- a condition with a function of ours in it reaches no index.
        SELECT attributary_platform_event_id(
            c.tenant_id, u.platform, 'Purchase', NULL, c.source, c.order_id, NULL
        ) AS event_id
        OFFSET 0
    ) AS own
    LEFT JOIN deliveries AS d
        ON d.tenant_id = c.tenant_id
        AND d.platform = u.platform
        AND d.event_id = own.event_id
        AND d.kind = 'event'
    WHERE c.tenant_id = t.tenant_id
      AND c.converted_at >= day.starts_at
      AND c.converted_at < day.ends_at
      AND c.deliverable
      AND attributary_is_told(c.gross, c.folded)
    GROUP BY u.platform
) AS told
-- Where people come from has another name than where their orders are told.
CROSS JOIN LATERAL (
    SELECT CASE told.platform
        WHEN 'google_ads' THEN 'google' WHEN 'microsoft_ads' THEN 'microsoft' ELSE told.platform
    END AS platform
) AS traffic;

COMMENT ON VIEW delivery_reconciliation IS 'The day''s touches and orders beside what each connected platform was told of them, took, and claims for itself. Example: SELECT date, platform, orders, accepted, waiting, missing FROM delivery_reconciliation WHERE tenant_id = ''demo'' AND date >= current_date - 6 ORDER BY date DESC, platform.';
COMMENT ON COLUMN delivery_reconciliation.tenant_id IS 'Tenant.';
COMMENT ON COLUMN delivery_reconciliation.date IS 'UTC day of the orders.';
COMMENT ON COLUMN delivery_reconciliation.platform IS 'Destination that is connected and switched on.';
COMMENT ON COLUMN delivery_reconciliation.orders IS 'Orders that platforms may be told of.';
COMMENT ON COLUMN delivery_reconciliation.deliveries IS 'Of these in the ledger of the platform; it also tells of those that consent or a rule keeps back.';
COMMENT ON COLUMN delivery_reconciliation.accepted IS 'Accepted by the platform.';
COMMENT ON COLUMN delivery_reconciliation.refused IS 'Refused, too late or in doubt, for good.';
COMMENT ON COLUMN delivery_reconciliation.waiting IS 'Still to be sent.';
COMMENT ON COLUMN delivery_reconciliation.kept_back IS 'Kept back after they were in the ledger.';
COMMENT ON COLUMN delivery_reconciliation.missing IS 'Orders not in the ledger: not computed yet, without consent, or older than the connection.';
COMMENT ON COLUMN delivery_reconciliation.accepted_share IS 'accepted / (orders - kept_back), 0 to 1.';
COMMENT ON COLUMN delivery_reconciliation.touchpoints IS 'Touches of the day that came from the platform, robots left out.';
COMMENT ON COLUMN delivery_reconciliation.claimed_conversions IS 'What the platform says its ads brought on the ad account''s day, by its own windows; null where it tells nothing. Several platforms may claim one order.';

GRANT SELECT ON delivery_reconciliation TO attributary_analyst, attributary_processor;
