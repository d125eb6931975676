CREATE VIEW attribution_influencer_orders WITH (security_invoker = true) AS
WITH claims AS (
    -- A creator or ref code may be a discount code that a link carries; not the other way round.
    SELECT i.tenant_id, i.influencer_id, told.source, lower(trim(told.code)) AS code
    FROM influencers AS i
    CROSS JOIN LATERAL (
        SELECT 'discount' AS source, unnest(i.discount_codes) AS code
        UNION ALL
        SELECT 'link', unnest(i.discount_codes || i.ref_codes)
    ) AS told
    WHERE NOT i.removed
), owners AS (
    SELECT
        c.tenant_id, c.source, c.code, min(c.influencer_id) AS influencer_id,
        array_agg(DISTINCT c.influencer_id) AS claimants
    FROM claims AS c
    GROUP BY c.tenant_id, c.source, c.code
), said AS (
    SELECT
        o.tenant_id, o.conversion_id, of_order.rank, of_order.match_kind, of_order.source,
        of_order.code, NULL::timestamptz AS at
    FROM conversions AS o
    CROSS JOIN LATERAL (
        SELECT 1 AS rank, 'order_creator' AS match_kind, 'link' AS source, o.folded #>> '{marketing,creator}' AS code
        UNION ALL
        SELECT 2, 'order_ref', 'link', o.folded #>> '{marketing,ref}'
        UNION ALL
        SELECT 3, 'discount_code', 'discount', jsonb_array_elements_text(o.folded -> 'discount_codes')
    ) AS of_order
    UNION ALL
    SELECT
        t.tenant_id, o.conversion_id, of_touch.rank, of_touch.match_kind, 'link', of_touch.code,
        t.occurred_at
    FROM attribution_touchpoints AS t
    JOIN identity_nodes AS n ON n.tenant_id = t.tenant_id AND n.node = t.anchor
    JOIN conversions AS o ON o.tenant_id = n.tenant_id AND o.person_id = n.person_id
    JOIN credit_rows AS r ON r.tenant_id = o.tenant_id AND r.conversion_id = o.conversion_id
        AND t.touchpoint_id = ANY (r.touchpoint_ids)
    CROSS JOIN LATERAL (
        VALUES (4, 'touch_creator', t.creator), (5, 'touch_ref', t.ref)
    ) AS of_touch (rank, match_kind, code)
    WHERE t.ref IS NOT NULL OR t.creator IS NOT NULL
), matched AS (
    SELECT DISTINCT ON (s.tenant_id, s.conversion_id, w.influencer_id)
        s.tenant_id, s.conversion_id, w.influencer_id, s.rank, s.match_kind, w.code, s.at,
        w.claimants
    FROM said AS s
    JOIN owners AS w ON w.tenant_id = s.tenant_id AND w.source = s.source
        AND w.code = lower(trim(s.code))
    ORDER BY s.tenant_id, s.conversion_id, w.influencer_id, s.rank, s.at DESC, w.code
)
SELECT
    m.tenant_id,
    m.conversion_id,
    c.source,
    c.order_id,
    c.converted_at,
    m.influencer_id,
    m.code AS matched_code,
    m.match_kind,
    row_number() OVER (
        PARTITION BY m.tenant_id, m.conversion_id
        ORDER BY m.rank, m.at DESC, m.code, m.influencer_id
    ) = 1 AS is_primary,
    array_remove(m.claimants, m.influencer_id) AS also_claimed_by,
    c.revenue_reporting AS revenue,
    c.reporting_currency AS currency,
    c.is_first_purchase
FROM matched AS m
JOIN credit_rows AS r ON r.tenant_id = m.tenant_id AND r.conversion_id = m.conversion_id AND r.counts
JOIN attribution_conversions AS c ON c.tenant_id = m.tenant_id AND c.conversion_id = m.conversion_id;
COMMENT ON VIEW attribution_influencer_orders IS 'Orders that lead to an influencer, one row an order and influencer: by the order''s own creator or ref code, by a discount code, or by a code of a touch that counts for the order. Orders that add nothing to the summary are left out. Example: SELECT order_id, matched_code, match_kind, revenue FROM attribution_influencer_orders WHERE tenant_id = ''demo'' AND influencer_id = ''mia'' AND is_primary;';
COMMENT ON COLUMN attribution_influencer_orders.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_influencer_orders.conversion_id IS 'The conversion.';
COMMENT ON COLUMN attribution_influencer_orders.source IS 'The shop whose order it is.';
COMMENT ON COLUMN attribution_influencer_orders.order_id IS 'Order id.';
COMMENT ON COLUMN attribution_influencer_orders.converted_at IS 'When the order was placed.';
COMMENT ON COLUMN attribution_influencer_orders.influencer_id IS 'The influencer.';
COMMENT ON COLUMN attribution_influencer_orders.matched_code IS 'The code that led to the influencer, lower case.';
COMMENT ON COLUMN attribution_influencer_orders.match_kind IS 'What carried the code, strongest first: order_creator, order_ref, discount_code, touch_creator, touch_ref; of touches the newest.';
COMMENT ON COLUMN attribution_influencer_orders.is_primary IS 'True for one influencer of the order, that of the strongest match: the one who earns the commission.';
COMMENT ON COLUMN attribution_influencer_orders.also_claimed_by IS 'Other influencers who claim the same code; it counts for the smallest influencer_id.';
COMMENT ON COLUMN attribution_influencer_orders.revenue IS 'The order''s net in the reporting currency.';
COMMENT ON COLUMN attribution_influencer_orders.currency IS 'The reporting currency.';
COMMENT ON COLUMN attribution_influencer_orders.is_first_purchase IS 'The person''s first order; null without a person.';
GRANT SELECT ON attribution_influencer_orders TO attributary_analyst, attributary_processor;
