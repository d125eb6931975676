-- read_dirty --
SELECT seq, tenant_id, node FROM identity_dirty ORDER BY seq

-- delete_dirty --
DELETE FROM identity_dirty WHERE seq = ANY($1::bigint[])

-- reached_by_touches --
SELECT DISTINCT c.tenant_id, c.conversion_id
FROM unnest($1::text[], $2::text[], $3::bigint[]) AS touch (tenant_id, anchor, occurred_at)
JOIN identity_nodes AS n ON n.tenant_id = touch.tenant_id AND n.node = touch.anchor
    AND NOT n.quarantined
JOIN conversions AS c ON c.tenant_id = n.tenant_id AND c.person_id = n.person_id
    AND c.converted_at >= date_trunc(
        'second', timestamptz 'epoch' + touch.occurred_at * interval '1 millisecond'
    )

-- reached_by_nodes --
WITH dirty AS (
    SELECT * FROM unnest($1::text[], $2::text[]) AS wanted (tenant_id, node)
),
reached AS (
    SELECT tenant_id, node FROM dirty
    UNION
    SELECT m.tenant_id, m.node
    FROM (
        -- Each person once: thousands of ids that became one would be joined with each other.
        SELECT DISTINCT n.tenant_id, n.person_id
        FROM dirty AS d
        JOIN identity_nodes AS n USING (tenant_id, node)
    ) AS p
    JOIN identity_nodes AS m ON m.tenant_id = p.tenant_id AND m.person_id = p.person_id
)
SELECT DISTINCT c.tenant_id, c.conversion_id
FROM reached AS r
JOIN conversion_nodes AS c USING (tenant_id, node)

-- events_again --
WITH asked AS (
    SELECT * FROM unnest($1::text[], $2::text[]) AS wanted (tenant_id, node)
),
reached AS (
    SELECT tenant_id, node FROM asked
    UNION
    SELECT m.tenant_id, m.node
    FROM asked AS a
    JOIN identity_nodes AS n USING (tenant_id, node)
    JOIN identity_nodes AS m ON m.tenant_id = n.tenant_id AND m.person_id = n.person_id
),
-- Only where one of them has decided can the answer differ from the one that was given.
concerned AS (
    SELECT tenant_id, node
    FROM reached
    JOIN (
        SELECT DISTINCT tenant_id FROM reached JOIN consent_flags USING (tenant_id, node)
    ) AS deciding USING (tenant_id)
),
-- An event may hang on an id that its sender's other ids no longer lead to.
anchors AS (
    SELECT tenant_id, node FROM concerned
    UNION
    SELECT c.tenant_id, e.b
    FROM concerned AS c JOIN identity_edges AS e ON e.tenant_id = c.tenant_id AND e.a = c.node
    UNION
    SELECT c.tenant_id, e.a
    FROM concerned AS c JOIN identity_edges AS e ON e.tenant_id = c.tenant_id AND e.b = c.node
)
SELECT e.raw_data::text AS event
FROM anchors AS a
JOIN pixel_events AS e ON e.tenant_id = a.tenant_id AND e.anchor = a.node
WHERE e.source NOT IN ('identify', 'survey', 'webhook')
ORDER BY e.occurred_at DESC, e.tenant_id, e.event_id
LIMIT $3

-- all_events_again --
SELECT raw_data::text AS event
FROM pixel_events
WHERE tenant_id = ANY($1::text[]) AND source NOT IN ('identify', 'survey', 'webhook')
ORDER BY occurred_at DESC, tenant_id, event_id
LIMIT $2

-- all_conversions --
SELECT DISTINCT tenant_id, conversion_id FROM order_versions WHERE tenant_id = ANY($1::text[])
LIMIT $2::int

-- mark_due --
INSERT INTO conversions_due AS d (tenant_id, conversion_id)
SELECT tenant_id, conversion_id
FROM unnest($1::text[], $2::text[]) AS affected (tenant_id, conversion_id)
ON CONFLICT (tenant_id, conversion_id) DO UPDATE
    SET seq = DEFAULT, marked_at = excluded.marked_at, taken_until = NULL

-- mark_tenants_due --
INSERT INTO conversions_due AS d (tenant_id, conversion_id)
SELECT tenant_id, conversion_id
FROM (
    SELECT DISTINCT tenant_id, conversion_id FROM order_versions WHERE tenant_id = ANY($1::text[])
) AS affected
ORDER BY tenant_id, conversion_id
ON CONFLICT (tenant_id, conversion_id) DO UPDATE
    SET seq = DEFAULT, marked_at = excluded.marked_at, taken_until = NULL

-- tenants_due --
SELECT
    d.tenant_id,
    clock_timestamp() AS until,
    max(d.marked_at) < clock_timestamp() - $1::float8 * interval '1 second'
    OR min(d.since) < clock_timestamp() - $2::float8 * interval '1 second' AS ripe,
    count(*) AS waiting
FROM conversions_due AS d
GROUP BY d.tenant_id

-- take_due --
UPDATE conversions_due AS d
SET taken_until = clock_timestamp() + $4::float8 * interval '1 second'
FROM (
    SELECT own.tenant_id, own.conversion_id
    FROM conversions_due AS own
    WHERE own.tenant_id = $1 AND own.since <= $2::timestamptz
        AND (own.taken_until IS NULL OR own.taken_until < clock_timestamp())
    ORDER BY own.since
    LIMIT $3::int
    FOR UPDATE SKIP LOCKED
) AS chosen
WHERE d.tenant_id = chosen.tenant_id AND d.conversion_id = chosen.conversion_id
RETURNING d.seq, d.tenant_id, d.conversion_id

-- delete_due --
-- Locked in the order in which marks are made, so that the two never wait for each other in a circle.
DELETE FROM conversions_due AS d
USING (
    SELECT own.tenant_id, own.conversion_id, own.seq
    FROM conversions_due AS own
    JOIN unnest($1::text[], $2::text[], $3::bigint[]) AS done (tenant_id, conversion_id, seq)
        USING (tenant_id, conversion_id, seq)
    ORDER BY own.tenant_id, own.conversion_id
    FOR UPDATE OF own
) AS locked
WHERE d.tenant_id = locked.tenant_id AND d.conversion_id = locked.conversion_id
    AND d.seq = locked.seq

-- asked_conversions --
SELECT DISTINCT v.tenant_id, v.conversion_id
FROM unnest($1::text[], $2::text[]) AS asked (tenant_id, conversion_id)
JOIN order_versions AS v USING (tenant_id, conversion_id)

-- conversions_of_spans --
-- One whose row was lost has no time any more, so it is always meant.
SELECT DISTINCT v.tenant_id, v.conversion_id
FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS span (tenant_id, since, until)
JOIN order_versions AS v USING (tenant_id)
LEFT JOIN conversions AS c USING (tenant_id, conversion_id)
WHERE c.conversion_id IS NULL
    OR (
        c.converted_at >= timestamptz 'epoch' + span.since * interval '1 millisecond'
        AND c.converted_at < timestamptz 'epoch' + span.until * interval '1 millisecond'
    )
LIMIT $4::int

-- mark_spans_due --
INSERT INTO conversions_due AS d (tenant_id, conversion_id)
SELECT tenant_id, conversion_id
FROM (
    SELECT DISTINCT v.tenant_id, v.conversion_id
    FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS span (tenant_id, since, until)
    JOIN order_versions AS v USING (tenant_id)
    LEFT JOIN conversions AS c USING (tenant_id, conversion_id)
    WHERE c.conversion_id IS NULL
        OR (
            c.converted_at >= timestamptz 'epoch' + span.since * interval '1 millisecond'
            AND c.converted_at < timestamptz 'epoch' + span.until * interval '1 millisecond'
        )
) AS affected
ORDER BY tenant_id, conversion_id
ON CONFLICT (tenant_id, conversion_id) DO UPDATE
    SET seq = DEFAULT, marked_at = excluded.marked_at, taken_until = NULL

-- bump_revisions --
INSERT INTO conversion_revision AS t (tenant_id, conversion_id, rev)
SELECT tenant_id, conversion_id, 1
FROM unnest($1::text[], $2::text[]) AS affected (tenant_id, conversion_id)
ON CONFLICT (tenant_id, conversion_id) DO UPDATE SET rev = t.rev + 1
RETURNING tenant_id, conversion_id, rev

-- read_versions --
SELECT v.tenant_id, v.conversion_id, v.version_at, v.snapshot::text AS snapshot
FROM order_versions AS v
JOIN unnest($1::text[], $2::text[]) AS wanted (tenant_id, conversion_id)
    USING (tenant_id, conversion_id)

-- read_refunds --
SELECT r.tenant_id, r.conversion_id, r.refund_id, r.amount
FROM order_refunds AS r
JOIN unnest($1::text[], $2::text[]) AS wanted (tenant_id, conversion_id)
    USING (tenant_id, conversion_id)

-- pixel_order_tenants --
SELECT tenant_id FROM attribution_settings WHERE pixel_orders AND tenant_id = ANY($1::text[])

-- upsert_conversions --
INSERT INTO conversions AS t (
    tenant_id, conversion_id, source, order_id, customer_id, visitor_id, checkout_id, person_id,
    currency, gross, refunded, net, converted_at, status, state, deliverable, folded
)
SELECT
    tenant_id, conversion_id, source, order_id, customer_id, visitor_id, checkout_id, person_id,
    currency, gross, refunded, net, timestamptz 'epoch' + converted_at * interval '1 millisecond',
    status, state, deliverable, folded::jsonb
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::text[],
    $15::text[], $16::boolean[], $17::text[]
) AS new (
    tenant_id, conversion_id, source, order_id, customer_id, visitor_id, checkout_id, person_id,
    currency, gross, refunded, net, converted_at, status, state, deliverable, folded
)
ON CONFLICT (tenant_id, conversion_id) DO UPDATE SET
    source = excluded.source,
    order_id = excluded.order_id,
    customer_id = excluded.customer_id,
    visitor_id = excluded.visitor_id,
    checkout_id = excluded.checkout_id,
    person_id = excluded.person_id,
    currency = excluded.currency,
    gross = excluded.gross,
    refunded = excluded.refunded,
    net = excluded.net,
    converted_at = excluded.converted_at,
    status = excluded.status,
    state = excluded.state,
    deliverable = excluded.deliverable,
    folded = excluded.folded

-- forget_conversions --
UPDATE conversions AS c
SET state = 'pending_order', gross = NULL, net = 0, refunded = 0, deliverable = false
FROM unnest($1::text[], $2::text[]) AS gone (tenant_id, conversion_id)
WHERE c.tenant_id = gone.tenant_id AND c.conversion_id = gone.conversion_id
RETURNING c.tenant_id, c.conversion_id
