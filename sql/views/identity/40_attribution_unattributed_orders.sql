CREATE VIEW attribution_unattributed_orders WITH (security_invoker = true) AS
SELECT
    c.tenant_id,
    c.conversion_id,
    c.source,
    c.order_id,
    c.converted_at,
    c.net * attributary_unit(c.currency) AS revenue,
    c.currency,
    coalesce(r.state, c.state) AS state,
    CASE
        WHEN c.state = 'pending_order' THEN 'pending_order'
        WHEN r.conversion_id IS NULL OR r.state = 'pending_order' THEN 'pending_credit'
        WHEN r.state = 'pending_rate' THEN 'pending_rate'
        WHEN c.person_id IS NULL AND (
            c.visitor_id IS NOT NULL
            OR c.folded -> 'identifiers' ?| ARRAY['customer_id', 'email_sha256', 'phone_sha256',
                'external_id', 'device_id']
        ) THEN 'shared_ids'
        WHEN c.person_id IS NULL THEN 'no_visitor'
        -- One by one, which EXISTS would leave to chance: all touches of a tenant are never read.
        WHEN (
            SELECT true FROM identity_nodes AS n
            JOIN attribution_suppressions AS s ON s.tenant_id = n.tenant_id AND s.id = n.node
            WHERE n.tenant_id = c.tenant_id AND n.person_id = c.person_id
            LIMIT 1
        ) THEN 'suppressed'
        WHEN (
            SELECT true FROM identity_nodes AS n
            JOIN attribution_touchpoints AS t ON t.tenant_id = n.tenant_id AND t.anchor = n.node
            WHERE n.tenant_id = c.tenant_id AND n.person_id = c.person_id AND NOT n.quarantined
            LIMIT 1
        ) THEN 'out_of_window'
        ELSE 'no_touch'
    END AS unattributed_reason
FROM conversions AS c
-- The offset keeps it one by one, in the order of a page, which ends after its first rows.
LEFT JOIN LATERAL (
    SELECT own.conversion_id, own.state
    FROM credit_rows AS own
    WHERE own.tenant_id = c.tenant_id AND own.conversion_id = c.conversion_id
    OFFSET 0
) AS r ON true
WHERE (r.state IS DISTINCT FROM 'ready' OR c.state <> 'ready')
    AND attributary_is_told(c.gross, c.folded);

COMMENT ON VIEW attribution_unattributed_orders IS 'Orders that no touch has earned, and why; computed anew from facts, so it changes when they do. Example: SELECT unattributed_reason, count(*), sum(revenue) FROM attribution_unattributed_orders GROUP BY unattributed_reason.';
COMMENT ON COLUMN attribution_unattributed_orders.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_unattributed_orders.conversion_id IS 'The conversion.';
COMMENT ON COLUMN attribution_unattributed_orders.source IS 'The shop whose order it is.';
COMMENT ON COLUMN attribution_unattributed_orders.order_id IS 'Order id.';
COMMENT ON COLUMN attribution_unattributed_orders.converted_at IS 'When the order was placed.';
COMMENT ON COLUMN attribution_unattributed_orders.revenue IS 'Gross less refunds, in currency.';
COMMENT ON COLUMN attribution_unattributed_orders.currency IS 'The order''s currency, ISO 4217.';
COMMENT ON COLUMN attribution_unattributed_orders.state IS 'As in attribution_conversions.';
COMMENT ON COLUMN attribution_unattributed_orders.unattributed_reason IS 'no_visitor (no id that joins), shared_ids (all its ids are quarantined), suppressed (the person is), no_touch (a person without any touch), out_of_window (none of the person''s touches is eligible: of their age, or since they are a robot''s), pending_order, pending_rate, pending_credit (not computed yet).';

GRANT SELECT ON attribution_unattributed_orders
TO attributary_analyst, attributary_processor, attributary_scheduler;
