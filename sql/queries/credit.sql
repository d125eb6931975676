-- conversions --
SELECT
    tenant_id, conversion_id, c.source, c.order_id, c.person_id, c.currency, c.net,
    attributary_millis(c.converted_at) AS converted_at, c.status,
    c.state = 'pending_order' AS is_pending, c.deliverable, r.rev,
    (SELECT epoch::text FROM database_epoch) AS epoch
FROM unnest($1::text[], $2::text[]) AS wanted (tenant_id, conversion_id)
JOIN conversions c USING (tenant_id, conversion_id)
JOIN conversion_revision r USING (tenant_id, conversion_id)

-- settings --
SELECT
    tenant_id, own.time_zone, own.currency, own.half_life_days::float8, own.attribution_mode,
    own.view_window_days, own.max_touches, own.lookback_days, own.custom_model, own.bot_policy,
    own.settings_version
FROM tenants
CROSS JOIN LATERAL attributary_settings(tenant_id, $2::jsonb) AS own
WHERE tenant_id = ANY ($1::text[])

-- suppressed --
SELECT DISTINCT tenant_id, person_id
FROM unnest($1::text[], $2::text[]) AS wanted (tenant_id, person_id)
JOIN identity_nodes n USING (tenant_id, person_id)
JOIN consent_flags d USING (tenant_id, node)
WHERE d.flag = 'processing' AND d.value = 'denied'
    AND EXISTS (
        SELECT FROM consent_flags any_one
        WHERE any_one.tenant_id = wanted.tenant_id
            AND any_one.flag = 'processing' AND any_one.value = 'denied'
    )

-- rates --
SELECT wanted.place, found.rate
FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::date[])
    AS wanted (place, tenant_id, currency, reporting, date)
CROSS JOIN LATERAL (
    SELECT f.rate
    FROM fx_rates f
    WHERE f.tenant_id = wanted.tenant_id AND f.currency = wanted.currency
        AND f.reporting = wanted.reporting AND f.date <= wanted.date
    ORDER BY f.date DESC
    LIMIT 1
) AS found

-- models --
-- One that a later one reaches past stands for no conversion.
SELECT tenant_id, issued_at, command_id, applies_from, version
FROM (
    SELECT
        tenant_id, issued_at, command_id, applies_from, version,
        min(applies_from) OVER (
            PARTITION BY tenant_id
            ORDER BY issued_at DESC, command_id DESC, applies_from DESC, version DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached_later
    FROM attribution_models
    WHERE tenant_id = ANY ($1::text[]) AND model = 'data_driven'
) AS promotion
WHERE reached_later IS NULL OR applies_from < reached_later
ORDER BY tenant_id, issued_at DESC, command_id DESC, applies_from DESC, version DESC

-- documents --
SELECT tenant_id, issued_at, command_id, applies_from, version, document
FROM attribution_models
JOIN unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::text[])
    AS wanted (tenant_id, issued_at, command_id, applies_from, version)
    USING (tenant_id, issued_at, command_id, applies_from, version)

-- newest_touches --
-- Each id gives a portion only: $9 times its even share of the person's touches. Where an id's whole
-- portion is among the newest there may be more of it, and the caller asks with a greater $9. Without
-- nodes there cannot be.
SELECT wanted.place, share.portion, touch.*
FROM unnest(
    $1::int[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::boolean[],
    $8::int[]
) AS wanted (
    place, tenant_id, person_id, first_second, end_second, view_second, no_bots, max_touches
)
CROSS JOIN LATERAL (
    SELECT least(
        wanted.max_touches, greatest(16, $9::bigint * wanted.max_touches / greatest(1, count(*)))
    )::int AS portion
    FROM identity_nodes m
    WHERE m.tenant_id = wanted.tenant_id AND m.person_id = wanted.person_id AND NOT m.quarantined
) AS share
CROSS JOIN LATERAL (
    SELECT
        CASE WHEN share.portion <= count(*) AND share.portion < wanted.max_touches
            THEN array_agg(newest.node) END AS nodes,
        array_agg(newest.touchpoint_id) AS touchpoint_ids,
        array_agg(attributary_millis(newest.occurred_at)) AS occurred_at,
        array_agg(newest.touchpoint_type = 'view') AS is_view,
        array_agg(newest.channel) AS channels,
        array_agg(newest.platform) AS platforms,
        array_agg(newest.campaign) AS campaigns
    FROM (
        SELECT n.node, own.*
        FROM identity_nodes n
        CROSS JOIN LATERAL (
            SELECT kind.*
            FROM (
                (
                    SELECT
                        t.touchpoint_id, t.occurred_at, t.touchpoint_type, t.channel, t.platform,
                        t.campaign
                    FROM attribution_touchpoints t
                    WHERE t.tenant_id = wanted.tenant_id AND t.anchor = n.node
                        AND t.touchpoint_type = 'click'
                        AND t.occurred_at >= to_timestamp(wanted.first_second)
                        AND t.occurred_at < to_timestamp(wanted.end_second)
                        AND NOT (wanted.no_bots AND t.is_bot)
                    ORDER BY t.occurred_at DESC, t.touchpoint_id DESC
                    LIMIT share.portion
                )
                UNION ALL
                (
                    SELECT
                        t.touchpoint_id, t.occurred_at, t.touchpoint_type, t.channel, t.platform,
                        t.campaign
                    FROM attribution_touchpoints t
                    WHERE t.tenant_id = wanted.tenant_id AND t.anchor = n.node
                        AND t.touchpoint_type = 'view'
                        AND t.occurred_at
                            >= to_timestamp(greatest(wanted.first_second, wanted.view_second))
                        AND t.occurred_at < to_timestamp(wanted.end_second)
                        AND NOT (wanted.no_bots AND t.is_bot)
                    ORDER BY t.occurred_at DESC, t.touchpoint_id DESC
                    LIMIT share.portion
                )
            ) AS kind
            ORDER BY kind.occurred_at DESC, kind.touchpoint_id DESC
            LIMIT share.portion
        ) AS own
        WHERE n.tenant_id = wanted.tenant_id AND n.person_id = wanted.person_id AND NOT n.quarantined
        ORDER BY own.occurred_at DESC, own.touchpoint_id DESC
        LIMIT wanted.max_touches
    ) AS newest
) AS touch

-- first_touches --
SELECT
    wanted.place, touch.touchpoint_id, attributary_millis(touch.occurred_at) AS occurred_at,
    touch.touchpoint_type = 'view' AS is_view, touch.channel, touch.platform, touch.campaign
FROM unnest(
    $1::int[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::boolean[]
) AS wanted (place, tenant_id, person_id, first_second, end_second, view_second, no_bots)
CROSS JOIN LATERAL (
    SELECT own.*
    FROM identity_nodes n
    CROSS JOIN LATERAL (
        SELECT kind.*
        FROM (
            (
                SELECT
                    t.touchpoint_id, t.occurred_at, t.touchpoint_type, t.channel, t.platform,
                    t.campaign
                FROM attribution_touchpoints t
                WHERE t.tenant_id = wanted.tenant_id AND t.anchor = n.node
                    AND t.touchpoint_type = 'click'
                    AND t.occurred_at >= to_timestamp(wanted.first_second)
                    AND t.occurred_at < to_timestamp(wanted.end_second)
                    AND NOT (wanted.no_bots AND t.is_bot)
                ORDER BY t.occurred_at, t.touchpoint_id
                LIMIT 1
            )
            UNION ALL
            (
                SELECT
                    t.touchpoint_id, t.occurred_at, t.touchpoint_type, t.channel, t.platform,
                    t.campaign
                FROM attribution_touchpoints t
                WHERE t.tenant_id = wanted.tenant_id AND t.anchor = n.node
                    AND t.touchpoint_type = 'view'
                    AND t.occurred_at
                        >= to_timestamp(greatest(wanted.first_second, wanted.view_second))
                    AND t.occurred_at < to_timestamp(wanted.end_second)
                    AND NOT (wanted.no_bots AND t.is_bot)
                ORDER BY t.occurred_at, t.touchpoint_id
                LIMIT 1
            )
        ) AS kind
        ORDER BY kind.occurred_at, kind.touchpoint_id
        LIMIT 1
    ) AS own
    WHERE n.tenant_id = wanted.tenant_id AND n.person_id = wanted.person_id AND NOT n.quarantined
    ORDER BY own.occurred_at, own.touchpoint_id
    LIMIT 1
) AS touch
