CREATE VIEW order_line_items WITH (security_invoker = true) AS
SELECT
    c.tenant_id,
    c.conversion_id AS id,
    line.position::integer AS position,
    c.source,
    c.order_id,
    line.said ->> 'product_id' AS product_id,
    line.said ->> 'sku' AS sku,
    line.said ->> 'title' AS title,
    (line.said ->> 'quantity')::bigint AS quantity,
    (line.said ->> 'price')::bigint * attributary_unit(c.currency) AS price,
    c.currency,
    c.converted_at AS ordered_at
FROM conversions AS c
CROSS JOIN LATERAL jsonb_array_elements(c.folded -> 'line_items')
    WITH ORDINALITY AS line (said, position)
WHERE attributary_is_told(c.gross, c.folded);

COMMENT ON VIEW order_line_items IS 'One row a product line of an order, as its shop tells of it now. Example: SELECT l.product_id, max(l.title), sum(l.quantity), sum(l.quantity * l.price) FROM order_line_items AS l JOIN orders AS o USING (tenant_id, id) WHERE o.status = ''paid'' GROUP BY l.product_id ORDER BY 4 DESC NULLS LAST LIMIT 20.';
COMMENT ON COLUMN order_line_items.tenant_id IS 'Tenant.';
COMMENT ON COLUMN order_line_items.id IS 'The order''s id: orders.id, and conversion_id elsewhere.';
COMMENT ON COLUMN order_line_items.position IS 'The line''s place in the order, from 1 on.';
COMMENT ON COLUMN order_line_items.source IS 'The shop whose order it is.';
COMMENT ON COLUMN order_line_items.order_id IS 'Order id, as the shop has it.';
COMMENT ON COLUMN order_line_items.product_id IS 'The id that catalogue and ad platforms know it by: of Shopify the variant, else the SKU; of WooCommerce the variation, else the product.';
COMMENT ON COLUMN order_line_items.sku IS 'The shop''s own number of it.';
COMMENT ON COLUMN order_line_items.title IS 'Name, as sold.';
COMMENT ON COLUMN order_line_items.quantity IS 'Pieces ordered; returned pieces are not taken off.';
COMMENT ON COLUMN order_line_items.price IS 'Of one piece, before discounts of the whole order; null when the shop does not say.';
COMMENT ON COLUMN order_line_items.currency IS 'ISO 4217 code of the price.';
COMMENT ON COLUMN order_line_items.ordered_at IS 'When the order was placed.';

GRANT SELECT ON order_line_items TO attributary_analyst, attributary_processor;
