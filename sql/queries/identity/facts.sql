-- insert_touchpoints --
INSERT INTO attribution_touchpoints (
    tenant_id, touchpoint_id, event_id, anchor, visitor_id, session_id, occurred_at, received_at,
    late, touchpoint_type, channel, platform, campaign, rules_version, sent_channel, sent_platform,
    campaign_id, ad_id, utm_source, utm_medium, utm_campaign, utm_term, utm_content, fbclid, gclid,
    gbraid, wbraid, ttclid, msclkid, sccid, epik, li_fat_id, ref, creator, url, referrer,
    device_type, customer_id, email_hash, ids, consent, properties, content_hash,
    ctwa_clid, device_fingerprint, bot_reasons, is_bot
)
SELECT
    tenant_id, touchpoint_id, event_id, anchor, visitor_id, session_id,
    timestamptz 'epoch' + occurred_at * interval '1 millisecond',
    timestamptz 'epoch' + received_at * interval '1 millisecond',
    late, touchpoint_type, channel, platform, campaign, rules_version, sent_channel, sent_platform,
    campaign_id, ad_id, utm_source, utm_medium, utm_campaign, utm_term, utm_content, fbclid, gclid,
    gbraid, wbraid, ttclid, msclkid, sccid, epik, li_fat_id, ref, creator, url, referrer,
    device_type, customer_id, email_hash, ids::jsonb, consent::jsonb, properties::jsonb,
    content_hash, ctwa_clid, device_fingerprint, string_to_array(bot_reasons, ' '),
    bot_reasons IS NOT NULL
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
    $43::text::text[], $44::text::text[], $45::text::text[], $46::text::text[]
) AS new (
    tenant_id, touchpoint_id, event_id, anchor, visitor_id, session_id, occurred_at, received_at,
    late, touchpoint_type, channel, platform, campaign, rules_version, sent_channel, sent_platform,
    campaign_id, ad_id, utm_source, utm_medium, utm_campaign, utm_term, utm_content, fbclid, gclid,
    gbraid, wbraid, ttclid, msclkid, sccid, epik, li_fat_id, ref, creator, url, referrer,
    device_type, customer_id, email_hash, ids, consent, properties, content_hash,
    ctwa_clid, device_fingerprint, bot_reasons
)
ON CONFLICT (tenant_id, touchpoint_id) DO NOTHING
RETURNING tenant_id, touchpoint_id

-- lock_touchpoints --
SELECT
    t.tenant_id, t.touchpoint_id, t.anchor, t.content_hash,
    (extract(epoch FROM t.occurred_at) * 1000)::bigint AS occurred_at,
    (extract(epoch FROM t.received_at) * 1000)::bigint AS received_at
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
INSERT INTO pixel_events AS t (
    tenant_id, event_id, source, event_type, occurred_at, received_at, anchor, visitor_id,
    session_id, customer_id, order_source, order_id, checkout_id, raw_data, content_hash,
    device_fingerprint, bot_reasons, is_bot
)
SELECT
    tenant_id, event_id, source, event_type,
    timestamptz 'epoch' + occurred_at * interval '1 millisecond',
    timestamptz 'epoch' + received_at * interval '1 millisecond',
    anchor, visitor_id, session_id, customer_id, order_source, order_id, checkout_id,
    raw_data::jsonb, content_hash, device_fingerprint, string_to_array(bot_reasons, ' '),
    bot_reasons IS NOT NULL
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[],
    $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[],
    $15::text[], $16::text[], $17::text[]
) AS new (
    tenant_id, event_id, source, event_type, occurred_at, received_at, anchor, visitor_id,
    session_id, customer_id, order_source, order_id, checkout_id, raw_data, content_hash,
    device_fingerprint, bot_reasons
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
    content_hash = excluded.content_hash,
    device_fingerprint = excluded.device_fingerprint,
    bot_reasons = excluded.bot_reasons,
    is_bot = excluded.is_bot
WHERE (excluded.occurred_at, excluded.anchor, excluded.content_hash, excluded.received_at)
    < (t.occurred_at, t.anchor, t.content_hash, t.received_at)
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
FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[])
    AS new (tenant_id, conversion_id, content_hash, version_at, snapshot, received_at)
ON CONFLICT (tenant_id, conversion_id, content_hash) DO UPDATE
    SET version_at = excluded.version_at, snapshot = excluded.snapshot
    WHERE (excluded.version_at, (excluded.snapshot ->> 'received_at')::bigint)
        < (t.version_at, (t.snapshot ->> 'received_at')::bigint)
RETURNING tenant_id, conversion_id, content_hash, xmax = 0 AS inserted

-- upsert_refunds --
INSERT INTO order_refunds AS t (tenant_id, conversion_id, refund_id, amount)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
ON CONFLICT (tenant_id, conversion_id, refund_id) DO UPDATE
    SET amount = excluded.amount WHERE excluded.amount > t.amount

-- insert_conversion_nodes --
INSERT INTO conversion_nodes (tenant_id, node, conversion_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
ON CONFLICT (tenant_id, node, conversion_id) DO NOTHING

-- insert_dirty --
INSERT INTO identity_dirty (tenant_id, node)
SELECT * FROM unnest($1::text[], $2::text[])
