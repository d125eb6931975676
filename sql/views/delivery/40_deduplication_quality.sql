CREATE VIEW deduplication_quality WITH (security_invoker = true) AS
WITH days AS (
    SELECT t.tenant_id, day.date, counted.*, seen.*, bought.*
    FROM tenants AS t
    CROSS JOIN LATERAL attributary_days(
        least(
            (SELECT min(e.occurred_at) FROM pixel_events AS e WHERE e.tenant_id = t.tenant_id),
            (SELECT min(c.converted_at) FROM conversions AS c WHERE c.tenant_id = t.tenant_id),
            (
                SELECT min(n.day) FROM outcome_counts AS n
                WHERE n.consumer_group = 'identity' AND n.tenant_id = t.tenant_id
            )::timestamp AT TIME ZONE 'UTC'
        ),
        greatest(
            (SELECT max(e.occurred_at) FROM pixel_events AS e WHERE e.tenant_id = t.tenant_id),
            (SELECT max(c.converted_at) FROM conversions AS c WHERE c.tenant_id = t.tenant_id),
            (
                SELECT max(n.day) FROM outcome_counts AS n
                WHERE n.consumer_group = 'identity' AND n.tenant_id = t.tenant_id
            )::timestamp AT TIME ZONE 'UTC'
        )
    ) AS day
    CROSS JOIN LATERAL (
        SELECT
            coalesce(sum(n.n), 0)::bigint AS records,
            coalesce(sum(n.n) FILTER (WHERE n.outcome = 'duplicate'), 0)::bigint AS duplicates
        FROM outcome_counts AS n
        WHERE n.consumer_group = 'identity'
          AND n.topic IN ('orders.v1', 'pixel_events.v1')
          AND n.tenant_id = t.tenant_id
          AND n.day = day.date
          AND n.outcome IN ('applied', 'duplicate')
    ) AS counted
    CROSS JOIN LATERAL (
        SELECT count(*) AS events, count(*) FILTER (WHERE e.event_id <> e.content_hash) AS named
        FROM pixel_events AS e
        WHERE e.tenant_id = t.tenant_id
          AND e.occurred_at >= day.starts_at
          AND e.occurred_at < day.ends_at
          AND e.source NOT IN ('identify', 'survey', 'webhook')
    ) AS seen
    CROSS JOIN LATERAL (
        SELECT
            count(*) AS orders,
            count(*) FILTER (WHERE CASE
                WHEN c.source IN ('api', 'shopify') THEN
                    EXISTS (
                        SELECT FROM conversions AS o
                        WHERE o.tenant_id = c.tenant_id
                          AND o.order_id = c.order_id
                          AND o.source = CASE c.source WHEN 'api' THEN 'shopify' ELSE 'api' END
                    )
                    OR strpos(c.order_id, '/') > 0 AND EXISTS (
                        SELECT FROM conversions AS o
                        WHERE o.tenant_id = c.tenant_id
                          AND o.order_id = substr(c.order_id, strpos(c.order_id, '/') + 1)
                          AND o.source = split_part(c.order_id, '/', 1)
                          AND o.source NOT IN ('api', 'shopify')
                    )
                ELSE EXISTS (
                    SELECT FROM conversions AS o
                    WHERE o.tenant_id = c.tenant_id
                      AND o.order_id = c.source || '/' || c.order_id
                      AND o.source IN ('api', 'shopify')
                )
            END) AS collisions
        FROM conversions AS c
        WHERE c.tenant_id = t.tenant_id
          AND c.converted_at >= day.starts_at
          AND c.converted_at < day.ends_at
    ) AS bought
    WHERE counted.records > 0 OR seen.events > 0 OR bought.orders > 0
),
rates AS (
    SELECT
        *,
        duplicates::numeric / nullif(records, 0) AS duplicate_rate,
        named::numeric / nullif(events, 0) AS coverage,
        collisions::numeric / nullif(orders, 0) AS collision_rate
    FROM days
),
scored AS (
    SELECT
        *,
        10 * coalesce(coverage, 1) * (1 - coalesce(duplicate_rate, 0))
            * (1 - coalesce(collision_rate, 0)) AS quality
    FROM rates
)
SELECT
    tenant_id,
    date,
    records,
    duplicates,
    round(duplicate_rate, 4) AS duplicate_rate,
    attributary_level(duplicate_rate, 0.02, 0.05) AS duplicate_status,
    events,
    round(coverage, 4) AS event_id_coverage,
    attributary_level(coverage, 0.95, 0.80) AS coverage_status,
    orders,
    collisions,
    round(collision_rate, 4) AS collision_rate,
    attributary_level(collision_rate, 0.001, 0.01) AS collision_status,
    round(quality, 2) AS deduplication_quality,
    CASE
        WHEN quality >= 8 THEN 'excellent'
        WHEN quality >= 6 THEN 'good'
        WHEN quality >= 4 THEN 'fair'
        ELSE 'poor'
    END AS dedupe_status
FROM scored;

COMMENT ON VIEW deduplication_quality IS 'How well events and orders can be told apart, a row for each day. Example: SELECT date, duplicate_rate, duplicate_status, event_id_coverage, coverage_status, deduplication_quality, dedupe_status FROM deduplication_quality WHERE tenant_id = ''demo'' AND date >= current_date - 13 ORDER BY date DESC.';
COMMENT ON COLUMN deduplication_quality.tenant_id IS 'Tenant.';
COMMENT ON COLUMN deduplication_quality.date IS 'UTC day: of the receipt for records and duplicates, of the event and of the order for the others.';
COMMENT ON COLUMN deduplication_quality.records IS 'Records of pixel_events.v1 and orders.v1 that were applied or were duplicates.';
COMMENT ON COLUMN deduplication_quality.duplicates IS 'Of these, repetitions of what was there.';
COMMENT ON COLUMN deduplication_quality.duplicate_rate IS 'duplicates / records, 0 to 1.';
COMMENT ON COLUMN deduplication_quality.duplicate_status IS 'target below 2 %, critical above 5 %, else warning.';
COMMENT ON COLUMN deduplication_quality.events IS 'Events of the pixel and of servers.';
COMMENT ON COLUMN deduplication_quality.event_id_coverage IS 'Share of them, 0 to 1, that came with an id of their sender''s; the others go by the hash of their content.';
COMMENT ON COLUMN deduplication_quality.coverage_status IS 'target above 95 %, critical below 80 %, else warning.';
COMMENT ON COLUMN deduplication_quality.orders IS 'Orders, which go by the hash of tenant and order id.';
COMMENT ON COLUMN deduplication_quality.collisions IS 'Orders whose hashed text another order has, too, so that a platform hears of one of them: the same id in shopify and api, or an id with a slash that reads like another shop''s.';
COMMENT ON COLUMN deduplication_quality.collision_rate IS 'collisions / orders, 0 to 1.';
COMMENT ON COLUMN deduplication_quality.collision_status IS 'target below 0.1 %, critical above 1 %, else warning.';
COMMENT ON COLUMN deduplication_quality.deduplication_quality IS '0 to 10: ten times the coverage, less the share of duplicates and the share of collisions; what the day has none of takes nothing away.';
COMMENT ON COLUMN deduplication_quality.dedupe_status IS 'excellent from 8, good from 6, fair from 4, else poor.';

GRANT SELECT ON deduplication_quality TO attributary_analyst, attributary_processor;
