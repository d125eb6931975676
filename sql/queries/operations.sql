-- consumed --
SELECT consumer_group, topic, partition, base_offset, next_offset
FROM consumed_offsets

-- outcomes --
SELECT consumer_group, topic, partition, tenant_id, day, outcome, sum(n)::bigint AS n
FROM outcome_counts
GROUP BY consumer_group, topic, partition, tenant_id, day, outcome

-- deliveries_by_state --
SELECT platform, state, count(*) AS n
FROM deliveries
GROUP BY platform, state
ORDER BY platform, state

-- unfinished --
SELECT
    (SELECT count(*) FROM identity_dirty) + (SELECT count(*) FROM conversions_due)
        + (SELECT count(*) FROM channel_rule_passes) AS dirty,
    (SELECT count(*) FROM deliveries WHERE state = 'sending') AS sending,
    (SELECT count(*) FROM deliveries WHERE state IN ('queued', 'parked')) AS waiting,
    (SELECT count(*) FROM deliveries WHERE finished_at IS NOT NULL AND NOT published) AS unpublished

-- restated --
SELECT
    (SELECT count(*) FROM conversions) AS conversions,
    (SELECT count(*) FROM conversions_due) AS due,
    coalesce(sum(n) FILTER (WHERE topic = 'conversions.v1'), 0)::bigint AS pointers,
    coalesce(
        sum(n) FILTER (WHERE topic = 'conversions.v1' AND outcome = 'applied'), 0
    )::bigint AS answered,
    coalesce(sum(n) FILTER (WHERE topic = 'credits.v1'), 0)::bigint AS credits,
    coalesce(
        sum(n) FILTER (WHERE topic = 'credits.v1' AND outcome = 'applied'), 0
    )::bigint AS applied
FROM outcome_counts
WHERE (consumer_group, topic) IN (('credit', 'conversions.v1'), ('summary', 'credits.v1'))

-- order --
SELECT
    c.tenant_id,
    c.conversion_id,
    c.source,
    c.order_id,
    c.status,
    coalesce(r.state, c.state) AS state,
    c.converted_at,
    c.person_id,
    c.currency,
    c.gross * attributary_unit(c.currency) AS gross,
    c.refunded * attributary_unit(c.currency) AS refunded,
    c.net * attributary_unit(c.currency) AS net,
    r.reporting_currency,
    r.revenue_reporting * attributary_unit(r.reporting_currency) AS net_reporting,
    r.date,
    r.custom_version,
    (SELECT count(*) FROM order_versions v
        WHERE v.tenant_id = c.tenant_id AND v.conversion_id = c.conversion_id) AS versions
FROM conversions c
LEFT JOIN credit_rows r ON r.tenant_id = c.tenant_id AND r.conversion_id = c.conversion_id
WHERE c.order_id = $1 AND ($2::text IS NULL OR c.tenant_id = $2)
ORDER BY c.tenant_id, c.source

-- order_nodes --
SELECT n.node, coalesce(i.quarantined, false) AS quarantined
FROM conversion_nodes n
LEFT JOIN identity_nodes i ON i.tenant_id = n.tenant_id AND i.node = n.node
WHERE n.tenant_id = $1 AND n.conversion_id = $2
ORDER BY n.node

-- order_versions --
SELECT v.version_at, v.snapshot::text AS snapshot
FROM order_versions v
WHERE v.tenant_id = $1 AND v.conversion_id = $2

-- order_settings --
SELECT currency, half_life_days::float8, attribution_mode, view_window_days, max_touches,
    lookback_days, pixel_orders, custom_model, bot_policy
FROM attribution_settings
WHERE tenant_id = $1

-- is_suppressed --
SELECT EXISTS (
    SELECT FROM identity_nodes n
    JOIN attribution_suppressions s ON s.tenant_id = n.tenant_id AND s.id = n.node
    WHERE n.tenant_id = $1 AND n.person_id = $2
)

-- order_rate --
SELECT f.rate, f.date::text AS date
FROM fx_rates f
WHERE f.tenant_id = $1 AND f.currency = $2 AND f.reporting = $3 AND f.date <= $4
ORDER BY f.date DESC
LIMIT 1

-- person_joints --
SELECT a, b, reason_topic AS topic, reason_event_id AS event_id, state, other_person_id
FROM identity_joins
WHERE tenant_id = $1 AND person_id = $2 AND state = 'joined'
ORDER BY a, b

-- person_cuts --
SELECT a, b, reason_topic AS topic, reason_event_id AS event_id, state, other_person_id,
    count(*) OVER () AS total
FROM identity_joins
WHERE tenant_id = $1 AND person_id = $2 AND state <> 'joined'
ORDER BY a, b
LIMIT $3

-- person_ids --
SELECT node, quarantined FROM identity_nodes WHERE tenant_id = $1 AND person_id = $2 ORDER BY node

-- ids_named --
SELECT node, person_id FROM identity_nodes WHERE tenant_id = $1 AND node = ANY ($2::text[])
ORDER BY node

-- person_counts --
SELECT ids, visitors, customers, emails, phones, external_ids, devices, touches, conversions,
    quarantined_ids
FROM identity_people
WHERE tenant_id = $1 AND person_id = $2

-- person_unlinks --
SELECT u.a, u.b, u.issued_at,
    (
        SELECT l.detail ->> 'reason' FROM audit_log l
        WHERE l.tenant_id = u.tenant_id AND l.action = 'unlink'
            AND l.detail ->> 'a' = u.a AND l.detail ->> 'b' = u.b
        ORDER BY l.id DESC
        LIMIT 1
    ) AS reason
FROM (
    SELECT DISTINCT a, b FROM identity_joins
    WHERE tenant_id = $1 AND person_id = $2 AND state = 'unlinked'
) AS cut
JOIN identity_unlinks u ON u.tenant_id = $1 AND u.a = cut.a AND u.b = cut.b
ORDER BY u.a, u.b

-- quarantine_of --
SELECT neighbours, cap, would_join, people, touches
FROM identity_quarantine
WHERE tenant_id = $1 AND node = $2

-- edge --
SELECT reason FROM identity_edges WHERE tenant_id = $1 AND a = $2 AND b = $3

-- orders_of_people --
SELECT count(*) FROM conversions WHERE tenant_id = $1 AND person_id = ANY ($2::text[])

-- anchored_times --
SELECT
    array_agg((extract(epoch FROM occurred_at) * 1000)::bigint
        ORDER BY occurred_at, touchpoint_id) AS occurred_at,
    array_agg(touchpoint_type = 'view' ORDER BY occurred_at, touchpoint_id) AS is_view,
    array_agg(is_bot ORDER BY occurred_at, touchpoint_id) AS is_bot
FROM attribution_touchpoints
WHERE tenant_id = $1 AND anchor = ANY ($2::text[])

-- anchored_touches --
SELECT place, touchpoint_id, event_id, anchor, occurred_at, touchpoint_type, channel, platform,
    campaign
FROM (
    SELECT t.*, row_number() OVER (ORDER BY t.occurred_at, t.touchpoint_id) - 1 AS place
    FROM attribution_touchpoints t
    WHERE t.tenant_id = $1 AND t.anchor = ANY ($2::text[])
) AS placed
WHERE place = ANY ($3::bigint[])
ORDER BY place DESC

-- order_touches --
SELECT
    t.touchpoint_id,
    t.event_id,
    t.anchor,
    t.occurred_at,
    t.touchpoint_type,
    touch.channel,
    touch.platform,
    touch.campaign,
    touch.first_window,
    a.credit,
    a.attributed_revenue AS revenue,
    a.attributed_revenue_reporting AS revenue_reporting,
    a.is_fallback,
    a.model_version
FROM credit_rows r
CROSS JOIN LATERAL unnest(r.touchpoint_ids, r.channels, r.platforms, r.campaigns, r.first_windows)
    WITH ORDINALITY AS touch (touchpoint_id, channel, platform, campaign, first_window, place)
JOIN attribution_touchpoints t
    ON t.tenant_id = r.tenant_id AND t.touchpoint_id = touch.touchpoint_id
LEFT JOIN attribution_results a
    ON a.tenant_id = r.tenant_id AND a.conversion_id = r.conversion_id
    AND a.touchpoint_id = touch.touchpoint_id AND a.model = $3 AND a.attribution_window = $4
WHERE r.tenant_id = $1 AND r.conversion_id = $2
ORDER BY touch.place

-- order_credit --
SELECT touchpoint_id, model, attribution_window, credit
FROM attribution_results
WHERE tenant_id = $1 AND conversion_id = $2

-- order_refunds --
SELECT f.refund_id, f.amount * attributary_unit(c.currency) AS amount
FROM order_refunds f
JOIN conversions c ON c.tenant_id = f.tenant_id AND c.conversion_id = f.conversion_id
WHERE f.tenant_id = $1 AND f.conversion_id = $2
ORDER BY f.refund_id

-- order_deliveries --
SELECT platform, kind, event_name, event_id, state, attempts, http_status, error,
       substr(traceparent, 4, 32) AS trace_id
FROM deliveries
WHERE tenant_id = $1 AND order_id = ANY ($2::text[])
ORDER BY platform, event_name, kind, event_id

-- latest_training --
SELECT version, reason, promotion FROM attribution_trainings
WHERE tenant_id = $1
ORDER BY trained_at DESC
LIMIT 1

-- promoted_document --
SELECT document FROM attribution_models WHERE tenant_id = $1 AND version = $2 LIMIT 1
