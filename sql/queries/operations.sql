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
    (SELECT count(*) FROM identity_dirty) AS dirty,
    count(*) FILTER (WHERE state = 'sending') AS sending,
    count(*) FILTER (WHERE state IN ('queued', 'parked')) AS waiting,
    count(*) FILTER (WHERE finished_at IS NOT NULL AND NOT published) AS unpublished
FROM deliveries

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

-- person_edges --
SELECT e.a, e.b, e.reason
FROM identity_nodes n
JOIN identity_edges e ON e.tenant_id = n.tenant_id AND e.a = n.node
JOIN identity_nodes m ON m.tenant_id = e.tenant_id AND m.node = e.b
LEFT JOIN identity_unlinks u
    ON u.tenant_id = e.tenant_id AND u.a = e.a AND u.b = e.b AND NOT u.linked
WHERE n.tenant_id = $1 AND n.person_id = $2 AND m.person_id = $2
    AND NOT n.quarantined AND NOT m.quarantined AND u.a IS NULL
ORDER BY e.a, e.b

-- order_touches --
SELECT
    t.touchpoint_id,
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
    a.is_fallback
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

-- other_touches --
SELECT
    count(*) FILTER (WHERE t.occurred_at > $3) AS after_order,
    count(*) FILTER (WHERE t.occurred_at <= $3) AS before_order
FROM identity_nodes n
JOIN attribution_touchpoints t ON t.tenant_id = n.tenant_id AND t.anchor = n.node
WHERE n.tenant_id = $1 AND n.person_id = $2 AND NOT n.quarantined

-- order_refunds --
SELECT f.refund_id, f.amount * attributary_unit(c.currency) AS amount
FROM order_refunds f
JOIN conversions c ON c.tenant_id = f.tenant_id AND c.conversion_id = f.conversion_id
WHERE f.tenant_id = $1 AND f.conversion_id = $2
ORDER BY f.refund_id

-- order_deliveries --
SELECT platform, kind, event_name, event_id, state, attempts, http_status, error
FROM deliveries
WHERE tenant_id = $1 AND order_id = ANY ($2::text[])
ORDER BY platform, event_name, kind, event_id
