CREATE VIEW attribution_explanations WITH (security_invoker = true) AS
SELECT
    told.tenant_id,
    told.conversion_id,
    told.model,
    told.attribution_window,
    told.place,
    told.touches,
    told.touchpoint_id,
    told.occurred_at,
    told.touchpoint_type,
    told.channel,
    told.platform,
    told.credit * 0.000000001 AS credit,
    told.revenue * attributary_unit(told.currency) AS attributed_revenue,
    CASE
        WHEN told.model = 'custom' THEN
            format('the tenant''s own rules, version %s; explain --model custom tells them', told.custom_version)
        WHEN told.touches = 1 THEN 'the only touch'
        WHEN told.model = 'first_touch' THEN
            CASE WHEN told.place = 1 THEN format('the first of %s', told.touches) ELSE 'not the first' END
        WHEN told.model = 'last_touch' THEN
            CASE WHEN told.place = told.touches THEN format('the last of %s', told.touches) ELSE 'not the last' END
        WHEN told.model = 'linear' THEN format('one of %s, all alike', told.touches)
        WHEN told.model = 'time_decay' THEN
            format('weighs 2^-(%s / %s): so many days before the last touch, by the half-life',
                round(told.before_ms / 86400000.0, 2), trim_scale(s.half_life_days))
        WHEN told.model = 'position_based' THEN
            CASE
                WHEN told.touches = 2 THEN
                    CASE told.place WHEN 1 THEN 'the first of 2: half' ELSE 'the last of 2: half' END
                WHEN told.place = 1 THEN format('the first of %s: 40 %%', told.touches)
                WHEN told.place = told.touches THEN format('the last of %s: 40 %%', told.touches)
                ELSE format('one of %s between the first and the last: 20 %% among them', told.touches - 2)
            END
        WHEN told.model = 'last_non_direct' THEN
            CASE
                WHEN told.credit > 0 AND told.channel = 'direct' THEN 'the last: all are direct'
                WHEN told.credit > 0 THEN 'the last that is not direct'
                WHEN told.channel = 'direct' THEN 'direct'
                ELSE 'not the last that is not direct'
            END
        WHEN told.model = ANY (told.fallback_models) THEN
            format('one of %s, all alike: no trained model stands for this order', told.touches)
        ELSE (
            SELECT CASE
                WHEN effect.micro IS NULL THEN
                    format('model %s never saw %s', told.model_version, told.channel)
                ELSE
                    format('model %s: %s of this age adds %s to the log odds', told.model_version,
                        told.channel, round(effect.micro * 0.000001, 3))
            END
            FROM (
                SELECT (m.document::jsonb -> 'effects' -> told.channel ->> (
                    SELECT count(*)
                    FROM jsonb_array_elements_text(m.document::jsonb -> 'recency_days') AS bound (days)
                    WHERE told.before_ms > bound.days::bigint * 86400000
                )::integer)::numeric AS micro
                FROM attribution_models m
                WHERE m.tenant_id = told.tenant_id AND m.version = told.model_version
                LIMIT 1
            ) AS effect
        )
    END AS reason
FROM (
    SELECT
        r.tenant_id,
        r.conversion_id,
        attributary_model(share.cell) AS model,
        attributary_window(share.cell) AS attribution_window,
        -- Windows nest, so a window's touches are the newest of all.
        (touch.place - cardinality(r.touchpoint_ids)
            + held.counts[((share.cell - 1) % 8)::integer + 1])::integer AS place,
        held.counts[((share.cell - 1) % 8)::integer + 1] AS touches,
        touch.touchpoint_id,
        t.occurred_at,
        t.touchpoint_type,
        touch.channel,
        touch.platform,
        share.credit,
        share.revenue,
        r.currency,
        r.model_version,
        r.custom_version,
        r.fallback_models,
        -- Ages are at least 0: within its second a touch may be a little after the order.
        (extract(epoch FROM least(newest.occurred_at, c.converted_at)
            - least(t.occurred_at, c.converted_at)) * 1000)::bigint AS before_ms
    FROM credit_rows AS r
    JOIN conversions AS c ON c.tenant_id = r.tenant_id AND c.conversion_id = r.conversion_id
    CROSS JOIN LATERAL (SELECT attributary_cells(r.custom_version) AS cells) AS width
    CROSS JOIN LATERAL (
        SELECT array_agg(counted.touches ORDER BY counted.number) AS counts
        FROM (
            SELECT
                numbers.number,
                (SELECT count(*)::integer FROM unnest(r.first_windows) AS own (first)
                    WHERE own.first <= numbers.number) AS touches
            FROM generate_series(0, 7) AS numbers (number)
        ) AS counted
    ) AS held
    LEFT JOIN attribution_touchpoints AS newest
        ON newest.tenant_id = r.tenant_id
        AND newest.touchpoint_id = r.touchpoint_ids[cardinality(r.touchpoint_ids)]
    CROSS JOIN LATERAL unnest(r.touchpoint_ids, r.channels, r.platforms, r.first_windows)
        WITH ORDINALITY AS touch (touchpoint_id, channel, platform, first_window, place)
    LEFT JOIN attribution_touchpoints AS t
        ON t.tenant_id = r.tenant_id AND t.touchpoint_id = touch.touchpoint_id
    CROSS JOIN LATERAL unnest(
        r.credit[(touch.place::integer - 1) * width.cells + 1 : touch.place::integer * width.cells],
        r.touch_revenue[(touch.place::integer - 1) * width.cells + 1 : touch.place::integer * width.cells]
    ) WITH ORDINALITY AS share (credit, revenue, cell)
    WHERE (share.cell - 1) % 8 >= touch.first_window
) AS told
JOIN attribution_settings AS s ON s.tenant_id = told.tenant_id;
COMMENT ON VIEW attribution_explanations IS 'Why each touch of a conversion got what it got, in every model and window. Ask for one conversion, or a few. Example: SELECT place, channel, credit, reason FROM attribution_explanations WHERE tenant_id = ''demo'' AND conversion_id = ''...'' AND model = ''time_decay'' AND attribution_window = ''30d'' ORDER BY place;';
COMMENT ON COLUMN attribution_explanations.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_explanations.conversion_id IS 'The conversion.';
COMMENT ON COLUMN attribution_explanations.model IS 'One of the seven models, or custom: the tenant''s own (custom_model).';
COMMENT ON COLUMN attribution_explanations.attribution_window IS '1d, 3d, 7d, 14d, 28d, 30d, 90d or ltv (365 days).';
COMMENT ON COLUMN attribution_explanations.place IS 'Place of the touch among those of the window, oldest first, from 1 on.';
COMMENT ON COLUMN attribution_explanations.touches IS 'How many touches the window has.';
COMMENT ON COLUMN attribution_explanations.touchpoint_id IS 'The touch.';
COMMENT ON COLUMN attribution_explanations.occurred_at IS 'When it was.';
COMMENT ON COLUMN attribution_explanations.touchpoint_type IS 'click or view.';
COMMENT ON COLUMN attribution_explanations.channel IS 'Its channel.';
COMMENT ON COLUMN attribution_explanations.platform IS 'Its traffic platform.';
COMMENT ON COLUMN attribution_explanations.credit IS 'Share of the conversion, 0 to 1, exact to nine decimals.';
COMMENT ON COLUMN attribution_explanations.attributed_revenue IS 'Share of the net revenue in the order''s currency.';
COMMENT ON COLUMN attribution_explanations.reason IS 'What the model''s rule says of the touch. Of data_driven: the effect of a touch of that channel and age; the credit is what the order''s probability loses without the channel, shared among its touches by effect.';
GRANT SELECT ON attribution_explanations TO attributary_analyst, attributary_processor;
