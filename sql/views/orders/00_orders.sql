CREATE VIEW orders WITH (security_invoker = true) AS
SELECT
    c.tenant_id,
    c.conversion_id AS id,
    c.source,
    c.order_id,
    c.status,
    c.gross * attributary_unit(c.currency) AS gross,
    c.refunded * attributary_unit(c.currency) AS refunded,
    c.net * attributary_unit(c.currency) AS net,
    c.net * attributary_unit(c.currency) AS revenue,
    c.currency,
    c.converted_at AS ordered_at,
    timestamptz 'epoch' + (c.folded ->> 'paid_at')::bigint * interval '1 millisecond' AS paid_at,
    c.customer_id,
    c.visitor_id,
    coalesce(
        c.folded #>> '{discount_codes,0}',
        c.folded #>> '{marketing,creator}',
        c.folded #>> '{marketing,ref}'
    ) AS creator_code,
    ARRAY(
        SELECT code
        FROM jsonb_array_elements_text(c.folded -> 'discount_codes') WITH ORDINALITY AS d (code, n)
        ORDER BY n
    ) AS discount_codes
FROM conversions AS c
WHERE attributary_is_told(c.gross, c.folded);

COMMENT ON VIEW orders IS 'One row an order, as its shop tells of it now; test orders are not here. Example: SELECT creator_code, count(*), sum(net) FROM orders WHERE status NOT IN (''pending'', ''cancelled'') GROUP BY creator_code ORDER BY 3 DESC NULLS LAST.';
COMMENT ON COLUMN orders.tenant_id IS 'Tenant.';
COMMENT ON COLUMN orders.id IS 'Hash of tenant, source and order id; conversion_id elsewhere.';
COMMENT ON COLUMN orders.source IS 'The shop whose order it is; order ids are unique within it.';
COMMENT ON COLUMN orders.order_id IS 'Order id, as the shop has it.';
COMMENT ON COLUMN orders.status IS 'pending, paid, partially_refunded, refunded, cancelled, charged_back (a dispute is open or lost).';
COMMENT ON COLUMN orders.gross IS 'Total, as charged; null until the shop has told it.';
COMMENT ON COLUMN orders.refunded IS 'Paid back so far; may exceed gross.';
COMMENT ON COLUMN orders.net IS 'Gross less refunds, at least 0; 0 when cancelled or charged back.';
COMMENT ON COLUMN orders.revenue IS 'The same as net, under the name that attribution_conversions has for it.';
COMMENT ON COLUMN orders.currency IS 'ISO 4217 code of the amounts.';
COMMENT ON COLUMN orders.ordered_at IS 'When it was placed; while that is unknown, the time of the first word of it.';
COMMENT ON COLUMN orders.paid_at IS 'When it was paid: as the shop says, else the time of the first snapshot of it as paid; null while it is not.';
COMMENT ON COLUMN orders.customer_id IS 'The shop''s customer id.';
COMMENT ON COLUMN orders.visitor_id IS 'Visitor id that the order carried.';
COMMENT ON COLUMN orders.creator_code IS 'Whose customer the buyer says to be: the first discount code, else the creator, else the ref that the order carried.';
COMMENT ON COLUMN orders.discount_codes IS 'Discount codes, in the shop''s order; an empty array when there is none.';

GRANT SELECT ON orders TO attributary_analyst, attributary_processor;
