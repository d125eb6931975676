CREATE VIEW attribution_conversions WITH (security_invoker = true) AS
SELECT
    c.tenant_id,
    c.conversion_id,
    c.source,
    c.order_id,
    c.customer_id,
    c.visitor_id,
    c.person_id,
    c.net * attributary_unit(c.currency) AS revenue,
    c.currency,
    r.revenue_reporting * attributary_unit(r.reporting_currency) AS revenue_reporting,
    r.reporting_currency,
    c.converted_at,
    CASE
        WHEN c.person_id IS NULL THEN NULL
        ELSE c.state = 'ready' AND c.status <> 'cancelled' AND NOT EXISTS (
            SELECT 1 FROM conversions AS earlier
            WHERE earlier.tenant_id = c.tenant_id
              AND earlier.person_id = c.person_id
              AND (earlier.converted_at, earlier.conversion_id) < (c.converted_at, c.conversion_id)
              AND earlier.state = 'ready'
              AND earlier.status <> 'cancelled'
        )
    END AS is_first_purchase,
    c.status,
    coalesce(r.state, c.state) AS state
FROM conversions AS c
LEFT JOIN credit_rows AS r USING (tenant_id, conversion_id)
WHERE attributary_is_told(c.gross, c.folded);

COMMENT ON VIEW attribution_conversions IS 'One row an order. Example: SELECT converted_at::date AS day, sum(revenue_reporting) FROM attribution_conversions WHERE state IN (''ready'', ''unattributed'') GROUP BY day ORDER BY day.';
COMMENT ON COLUMN attribution_conversions.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_conversions.conversion_id IS 'Hash of tenant, source and order id.';
COMMENT ON COLUMN attribution_conversions.source IS 'The shop whose order it is; order ids are unique within it.';
COMMENT ON COLUMN attribution_conversions.order_id IS 'Order id.';
COMMENT ON COLUMN attribution_conversions.customer_id IS 'The shop''s customer id.';
COMMENT ON COLUMN attribution_conversions.visitor_id IS 'Visitor id that the order carried.';
COMMENT ON COLUMN attribution_conversions.person_id IS 'Person, across devices and logins; null when no id joins.';
COMMENT ON COLUMN attribution_conversions.revenue IS 'Gross less refunds, at least 0, 0 when cancelled; in currency.';
COMMENT ON COLUMN attribution_conversions.currency IS 'The order''s currency, ISO 4217.';
COMMENT ON COLUMN attribution_conversions.revenue_reporting IS 'Revenue in the tenant''s reporting currency; null until a rate is known.';
COMMENT ON COLUMN attribution_conversions.reporting_currency IS 'The tenant''s reporting currency, ISO 4217.';
COMMENT ON COLUMN attribution_conversions.converted_at IS 'When the order was placed.';
COMMENT ON COLUMN attribution_conversions.is_first_purchase IS 'First order of the person, cancelled ones not counted; null without a person.';
COMMENT ON COLUMN attribution_conversions.status IS 'pending, paid, partially_refunded, refunded, cancelled, charged_back.';
COMMENT ON COLUMN attribution_conversions.state IS 'ready, pending_order (gross unknown), pending_rate (no exchange rate), unattributed (no touch).';

GRANT SELECT ON attribution_conversions
TO attributary_analyst, attributary_processor, attributary_scheduler;
