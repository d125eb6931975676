-- insert_touchpoints --
INSERT INTO attribution_touchpoints
SELECT
    tenant_id, touchpoint_id, event_id, anchor, visitor_id, session_id,
    timestamptz 'epoch' + occurred_at * interval '1 millisecond',
    timestamptz 'epoch' + received_at * interval '1 millisecond',
    late, touchpoint_type, channel, platform, campaign, rules_version, sent_channel, sent_platform,
    campaign_id, ad_id, utm_source, utm_medium, utm_campaign, utm_term, utm_content, fbclid, gclid,
    gbraid, wbraid, ttclid, msclkid, sccid, epik, li_fat_id, ref, creator, url, referrer,
    device_type, customer_id, email_hash, ids::jsonb, consent::jsonb, properties::jsonb,
    content_hash
-- Arrays as literals: the driver looks at every element of a real one several times.
FROM unnest(
    $1::text::text[], $2::text::text[], $3::text::text[], $4::text::text[], $5::text::text[],
    $6::text::text[], $7::text::bigint[], $8::text::bigint[], $9::text::boolean[],
    $10::text::text[], $11::text::text[], $12::text::text[], $13::text::text[],
    $14::text::text[], $15::text::text[], $16::text::text[], $17::text::text[],
    $18::text::text[], $19::text::text[], $20::text::text[], $21::text::text[], $22::text::text[],
    $23::text::text[], $24::text::text[], $25::text::text[], $26::text::text[], $27::text::text[],
    $28::text::text[], $29::text::text[], $30::text::text[], $31::text::text[], $32::text::text[],
    $33::text::text[], $34::text::text[], $35::text::text[], $36::text::text[], $37::text::text[],
    $38::text::text[], $39::text::text[], $40::text::text[], $41::text::text[], $42::text::text[],
    $43::text::text[]
) AS new (
    tenant_id, touchpoint_id, event_id, anchor, visitor_id, session_id, occurred_at, received_at,
    late, touchpoint_type, channel, platform, campaign, rules_version, sent_channel, sent_platform,
    campaign_id, ad_id, utm_source, utm_medium, utm_campaign, utm_term, utm_content, fbclid, gclid,
    gbraid, wbraid, ttclid, msclkid, sccid, epik, li_fat_id, ref, creator, url, referrer,
    device_type, customer_id, email_hash, ids, consent, properties, content_hash
)
ON CONFLICT (tenant_id, touchpoint_id) DO NOTHING
RETURNING tenant_id, touchpoint_id

-- lock_touchpoints --
SELECT
    t.tenant_id, t.touchpoint_id, t.anchor, t.content_hash,
    (extract(epoch FROM t.occurred_at) * 1000)::bigint AS occurred_at
FROM attribution_touchpoints AS t
JOIN unnest($1::text[], $2::text[]) AS wanted (tenant_id, touchpoint_id)
    USING (tenant_id, touchpoint_id)
ORDER BY t.tenant_id, t.touchpoint_id
FOR UPDATE OF t

-- delete_touchpoints --
DELETE FROM attribution_touchpoints AS t
USING unnest($1::text[], $2::text[]) AS gone (tenant_id, touchpoint_id)
WHERE t.tenant_id = gone.tenant_id AND t.touchpoint_id = gone.touchpoint_id

-- upsert_events --
INSERT INTO pixel_events AS t
SELECT
    tenant_id, event_id, source, event_type,
    timestamptz 'epoch' + occurred_at * interval '1 millisecond',
    timestamptz 'epoch' + received_at * interval '1 millisecond',
    anchor, visitor_id, session_id, customer_id, order_source, order_id, checkout_id,
    raw_data::jsonb, content_hash
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[],
    $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[],
    $15::text[]
) AS new (
    tenant_id, event_id, source, event_type, occurred_at, received_at, anchor, visitor_id,
    session_id, customer_id, order_source, order_id, checkout_id, raw_data, content_hash
)
ON CONFLICT (tenant_id, event_id) DO UPDATE SET
    source = excluded.source,
    event_type = excluded.event_type,
    occurred_at = excluded.occurred_at,
    received_at = excluded.received_at,
    anchor = excluded.anchor,
    visitor_id = excluded.visitor_id,
    session_id = excluded.session_id,
    customer_id = excluded.customer_id,
    order_source = excluded.order_source,
    order_id = excluded.order_id,
    checkout_id = excluded.checkout_id,
    raw_data = excluded.raw_data,
    content_hash = excluded.content_hash
WHERE (excluded.occurred_at, excluded.anchor, excluded.content_hash)
    < (t.occurred_at, t.anchor, t.content_hash)
RETURNING tenant_id, event_id

-- upsert_surveys --
INSERT INTO survey_responses AS t
SELECT
    tenant_id, provider, response_id, conversion_id, source, order_id, question, answer, channel,
    platform, timestamptz 'epoch' + answered_at * interval '1 millisecond', content_hash
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::text[], $10::text[], $11::bigint[], $12::text[]
) AS new (
    tenant_id, provider, response_id, conversion_id, source, order_id, question, answer, channel,
    platform, answered_at, content_hash
)
ON CONFLICT (tenant_id, provider, response_id) DO UPDATE SET
    conversion_id = excluded.conversion_id,
    source = excluded.source,
    order_id = excluded.order_id,
    question = excluded.question,
    answer = excluded.answer,
    channel = excluded.channel,
    platform = excluded.platform,
    answered_at = excluded.answered_at,
    content_hash = excluded.content_hash
WHERE (excluded.answered_at, excluded.content_hash) > (t.answered_at, t.content_hash)

-- insert_nodes --
INSERT INTO identity_nodes (tenant_id, node, person_id)
SELECT tenant_id, node, node
FROM unnest($1::text[], $2::text[]) AS new (tenant_id, node)
ON CONFLICT (tenant_id, node) DO NOTHING

-- insert_edges --
INSERT INTO identity_edges (tenant_id, a, b, reason)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
ON CONFLICT (tenant_id, a, b) DO NOTHING

-- upsert_versions --
INSERT INTO order_versions AS t (tenant_id, conversion_id, content_hash, version_at, snapshot)
SELECT tenant_id, conversion_id, content_hash, version_at, snapshot::jsonb
FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])
    AS new (tenant_id, conversion_id, content_hash, version_at, snapshot)
ON CONFLICT (tenant_id, conversion_id, content_hash) DO UPDATE
    SET version_at = excluded.version_at, snapshot = excluded.snapshot
    WHERE excluded.version_at < t.version_at
RETURNING tenant_id, conversion_id, content_hash, xmax = 0 AS inserted

-- upsert_refunds --
INSERT INTO order_refunds AS t (tenant_id, conversion_id, refund_id, amount)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
ON CONFLICT (tenant_id, conversion_id, refund_id) DO UPDATE
    SET amount = excluded.amount WHERE excluded.amount > t.amount

-- upsert_settings --
INSERT INTO tenant_settings AS t (tenant_id, key, value, issued_at, command_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])
ON CONFLICT (tenant_id, key) DO UPDATE
    SET value = excluded.value, issued_at = excluded.issued_at, command_id = excluded.command_id
    WHERE (excluded.issued_at, excluded.command_id) > (t.issued_at, t.command_id)
RETURNING tenant_id, key

-- upsert_rates --
INSERT INTO fx_rates AS t (tenant_id, currency, reporting, date, rate, issued_at, command_id)
SELECT tenant_id, currency, reporting, date::date, rate, issued_at, command_id
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::numeric[], $6::bigint[], $7::text[])
    AS new (tenant_id, currency, reporting, date, rate, issued_at, command_id)
ON CONFLICT (tenant_id, currency, reporting, date) DO UPDATE
    SET rate = excluded.rate, issued_at = excluded.issued_at, command_id = excluded.command_id
    WHERE (excluded.issued_at, excluded.command_id) > (t.issued_at, t.command_id)
RETURNING tenant_id, currency, reporting, date::text

-- upsert_unlinks --
INSERT INTO identity_unlinks AS t (tenant_id, a, b, linked, issued_at, command_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::bigint[], $6::text[])
ON CONFLICT (tenant_id, a, b) DO UPDATE
    SET linked = excluded.linked, issued_at = excluded.issued_at, command_id = excluded.command_id
    WHERE (excluded.issued_at, excluded.command_id) > (t.issued_at, t.command_id)
RETURNING tenant_id, a, b

-- upsert_consents --
INSERT INTO consent_flags AS t (tenant_id, node, flag, value, issued_at, command_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])
ON CONFLICT (tenant_id, node, flag) DO UPDATE
    SET value = excluded.value, issued_at = excluded.issued_at, command_id = excluded.command_id
    WHERE (excluded.issued_at, excluded.command_id) > (t.issued_at, t.command_id)
RETURNING tenant_id, node, flag

-- upsert_influencers --
INSERT INTO influencers AS t (
    tenant_id, influencer_id, name, discount_codes, ref_codes, commission_rate, removed, issued_at,
    command_id
)
SELECT
    tenant_id, influencer_id, body ->> 'name',
    ARRAY(SELECT jsonb_array_elements_text(body -> 'discount_codes')),
    ARRAY(SELECT jsonb_array_elements_text(body -> 'ref_codes')),
    (body ->> 'commission_rate')::numeric, (body ->> 'removed')::boolean, issued_at, command_id
FROM (
    SELECT tenant_id, influencer_id, body::jsonb AS body, issued_at, command_id
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])
        AS told (tenant_id, influencer_id, kind, body, issued_at, command_id)
) AS new
ON CONFLICT (tenant_id, influencer_id) DO UPDATE SET
    name = excluded.name,
    discount_codes = excluded.discount_codes,
    ref_codes = excluded.ref_codes,
    commission_rate = excluded.commission_rate,
    removed = excluded.removed,
    issued_at = excluded.issued_at,
    command_id = excluded.command_id
    WHERE (excluded.issued_at, excluded.command_id) > (t.issued_at, t.command_id)
RETURNING tenant_id, influencer_id, 'influencer' AS kind

-- share_rules --
SELECT pg_advisory_xact_lock_shared(hashtextextended('attributary.rules.' || tenant_id, 0))
FROM (SELECT unnest($1::text[]) AS tenant_id ORDER BY 1) AS wanted

-- hold_rules --
SELECT pg_advisory_xact_lock(hashtextextended('attributary.rules.' || tenant_id, 0))
FROM (SELECT unnest($1::text[]) AS tenant_id ORDER BY 1) AS wanted

-- read_rules --
SELECT tenant_id, value FROM tenant_settings
WHERE tenant_id = ANY($1::text[]) AND key = 'channel_rules'

-- begin_passes --
INSERT INTO channel_rule_passes (tenant_id, after) SELECT unnest($1::text[]), ''
ON CONFLICT (tenant_id) DO UPDATE SET after = excluded.after

-- passes --
SELECT tenant_id FROM channel_rule_passes ORDER BY tenant_id

-- lock_pass --
SELECT after FROM channel_rule_passes WHERE tenant_id = $1 FOR UPDATE SKIP LOCKED

-- touches_of_other_rules --
SELECT
    touchpoint_id, anchor, channel, platform, sent_channel, sent_platform, utm_source, utm_medium,
    utm_campaign, utm_term, utm_content, fbclid, gclid, gbraid, wbraid, ttclid, msclkid, sccid,
    epik, li_fat_id, ref, creator, url, referrer
FROM attribution_touchpoints
WHERE tenant_id = $1 AND touchpoint_id > $2 AND rules_version <> $3
ORDER BY touchpoint_id
LIMIT $4
FOR UPDATE

-- resolve_touches --
UPDATE attribution_touchpoints AS t
SET channel = new.channel, platform = new.platform, rules_version = $2
FROM unnest($3::text[], $4::text[], $5::text[]) AS new (touchpoint_id, channel, platform)
WHERE t.tenant_id = $1 AND t.touchpoint_id = new.touchpoint_id

-- advance_pass --
UPDATE channel_rule_passes SET after = $2 WHERE tenant_id = $1

-- end_pass --
DELETE FROM channel_rule_passes AS p
WHERE p.tenant_id = $1 AND NOT EXISTS (SELECT FROM identity_dirty AS d WHERE d.tenant_id = $1)
RETURNING p.tenant_id

-- insert_dirty --
INSERT INTO identity_dirty (tenant_id, node)
SELECT * FROM unnest($1::text[], $2::text[])

-- read_dirty --
SELECT seq, tenant_id, node FROM identity_dirty ORDER BY seq

-- delete_dirty --
DELETE FROM identity_dirty WHERE seq = ANY($1::bigint[])

-- unsettled_edges --
SELECT e.tenant_id, e.a, e.b
FROM identity_edges AS e
JOIN unnest($1::text[], $2::text[], $3::text[]) AS seen (tenant_id, a, b) USING (tenant_id, a, b)
WHERE NOT e.settled

-- lock_tenant --
SELECT pg_advisory_xact_lock(hashtextextended('attributary.graph.' || $1, 0))

-- fan_in_caps --
SELECT tenant_id, identity_fan_in_cap FROM attribution_settings WHERE tenant_id = ANY($1::text[])

-- edge_ends --
SELECT n.node, n.person_id, n.quarantined,
    (
        SELECT count(*) FROM (
            SELECT 1 FROM identity_edges AS e WHERE e.tenant_id = $1 AND e.a = n.node
            UNION ALL
            SELECT 1 FROM identity_edges AS e WHERE e.tenant_id = $1 AND e.b = n.node
            LIMIT $3
        ) AS beside
    ) AS neighbours
FROM identity_nodes AS n
WHERE n.tenant_id = $1 AND n.node = ANY ($2::text[])

-- cut_edges --
SELECT u.a, u.b
FROM identity_unlinks AS u
JOIN unnest($2::text[], $3::text[]) AS seen (a, b) USING (a, b)
WHERE u.tenant_id = $1 AND NOT u.linked

-- move_people --
UPDATE identity_nodes AS n
SET person_id = changed.person_id
FROM unnest($2::text[], $3::text[]) AS changed (old_person_id, person_id)
WHERE n.tenant_id = $1 AND n.person_id = changed.old_person_id AND NOT n.quarantined
RETURNING n.node

-- component_members --
SELECT m.node, m.person_id, m.quarantined
FROM identity_nodes AS m
WHERE m.tenant_id = $1 AND m.person_id IN (
    SELECT s.person_id FROM identity_nodes AS s
    WHERE s.tenant_id = $1 AND s.node = ANY($2::text[]) AND NOT s.quarantined
)

-- all_members --
SELECT m.node, m.person_id, m.quarantined FROM identity_nodes AS m WHERE m.tenant_id = $1

-- component_edges --
SELECT e.a, e.b, coalesce(u.linked, true) AS linked
FROM identity_edges AS e
LEFT JOIN identity_unlinks AS u USING (tenant_id, a, b)
WHERE e.tenant_id = $1 AND e.a = ANY($2::text[])
UNION
SELECT e.a, e.b, coalesce(u.linked, true)
FROM identity_edges AS e
LEFT JOIN identity_unlinks AS u USING (tenant_id, a, b)
WHERE e.tenant_id = $1 AND e.b = ANY($2::text[])

-- update_links --
UPDATE identity_nodes AS n
SET person_id = changed.person_id, quarantined = changed.quarantined
FROM unnest($2::text[], $3::text[], $4::boolean[]) AS changed (node, person_id, quarantined)
WHERE n.tenant_id = $1 AND n.node = changed.node

-- settle_edges --
UPDATE identity_edges AS e SET settled = true
FROM unnest($1::text[], $2::text[], $3::text[]) AS done (tenant_id, a, b)
WHERE e.tenant_id = done.tenant_id AND e.a = done.a AND e.b = done.b AND NOT e.settled

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
WHERE e.source NOT IN ('identify', 'survey')
ORDER BY e.occurred_at DESC, e.tenant_id, e.event_id
LIMIT $3

-- all_events_again --
SELECT raw_data::text AS event
FROM pixel_events
WHERE tenant_id = ANY($1::text[]) AND source NOT IN ('identify', 'survey')
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
DELETE FROM conversions_due AS d
USING unnest($1::text[], $2::text[], $3::bigint[]) AS done (tenant_id, conversion_id, seq)
WHERE d.tenant_id = done.tenant_id AND d.conversion_id = done.conversion_id AND d.seq = done.seq

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

-- insert_conversion_nodes --
INSERT INTO conversion_nodes (tenant_id, node, conversion_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
ON CONFLICT (tenant_id, node, conversion_id) DO NOTHING

-- links --
SELECT n.tenant_id, n.node, n.person_id, n.quarantined
FROM identity_nodes AS n
JOIN unnest($1::text[], $2::text[]) AS wanted (tenant_id, node) USING (tenant_id, node)
