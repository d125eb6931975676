CREATE VIEW attribution_products WITH (security_invoker = true) AS
SELECT
    f.tenant_id,
    f.date,
    line.product_id COLLATE "C" AS product_id,
    max(line.title) AS title,
    max(line.sku) AS sku,
    f.channel,
    f.platform,
    f.model,
    f.attribution_window,
    sum(f.conversions) * 0.000000001 AS conversions,
    sum(f.conversions * line.quantity) * 0.000000001 AS units,
    -- The difference of two floors: the products of a touch add up to what it earned.
    sum(
        floor(f.revenue * line.upto / line.whole)
        - floor(f.revenue * (line.upto - line.weight) / line.whole)
    ) * attributary_unit(f.currency) AS revenue
FROM attribution_order_facts AS f
JOIN conversions AS c ON c.tenant_id = f.tenant_id AND c.conversion_id = f.conversion_id
CROSS JOIN LATERAL (
    SELECT
        weighed.*,
        sum(weighed.weight) OVER (ORDER BY weighed.product_id) AS upto,
        sum(weighed.weight) OVER () AS whole
    FROM (
        SELECT
            own.product_id,
            own.title,
            own.sku,
            own.quantity,
            CASE
                WHEN bool_and(own.is_priced) OVER () AND sum(own.worth) OVER () > 0 THEN own.worth
                WHEN sum(own.quantity) OVER () > 0 THEN own.quantity
                ELSE 1
            END AS weight
        FROM (
            SELECT
                coalesce(l.said ->> 'product_id', l.said ->> 'sku', l.said ->> 'title', '')
                    COLLATE "C" AS product_id,
                max(l.said ->> 'title') AS title,
                max(l.said ->> 'sku') AS sku,
                coalesce(sum((l.said ->> 'quantity')::bigint), 0) AS quantity,
                coalesce(sum((l.said ->> 'quantity')::bigint * (l.said ->> 'price')::bigint), 0) AS worth,
                bool_and(l.said ->> 'price' IS NOT NULL) AS is_priced
            FROM jsonb_array_elements(
                CASE
                    WHEN jsonb_array_length(c.folded -> 'line_items') > 0 THEN c.folded -> 'line_items'
                    ELSE '[{}]'
                END
            ) AS l (said)
            GROUP BY 1
        ) AS own
    ) AS weighed
) AS line
GROUP BY
    f.tenant_id, f.date, line.product_id, f.channel, f.platform, f.model, f.attribution_window,
    f.currency;
COMMENT ON VIEW attribution_products IS 'What each channel sold of each product, dated by the order. An order''s net is split over its products by price times quantity (by quantity where a price is missing), so the products of a channel add up to its revenue to the cent, discounts, shipping and refunds included. Every order of the days asked for is looked at: ask for dates, a model and a window. Example: SELECT product_id, max(title), sum(units) AS units, sum(revenue) AS revenue FROM attribution_products WHERE tenant_id = ''demo'' AND date >= CURRENT_DATE - 30 AND channel = ''paid_social'' AND model = ''linear'' AND attribution_window = ''30d'' GROUP BY product_id ORDER BY revenue DESC LIMIT 20;';
COMMENT ON COLUMN attribution_products.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_products.date IS 'The order''s date in the tenant''s time zone.';
COMMENT ON COLUMN attribution_products.product_id IS 'As in order_line_items, else its SKU, else its title; empty: what orders without lines brought.';
COMMENT ON COLUMN attribution_products.title IS 'A name that it was sold under.';
COMMENT ON COLUMN attribution_products.sku IS 'The shop''s own number of it.';
COMMENT ON COLUMN attribution_products.channel IS 'Channel; unattributed is revenue that no touch earned.';
COMMENT ON COLUMN attribution_products.platform IS 'Traffic platform.';
COMMENT ON COLUMN attribution_products.model IS 'One of the tenant''s enabled models.';
COMMENT ON COLUMN attribution_products.attribution_window IS 'One of the tenant''s enabled windows: 1d, 3d, 7d, 14d, 28d, 30d, 90d or ltv (365 days).';
COMMENT ON COLUMN attribution_products.conversions IS 'Credit of the orders that hold the product. An order counts for each of its products, so add it up for one product only.';
COMMENT ON COLUMN attribution_products.units IS 'Pieces ordered, times credit.';
COMMENT ON COLUMN attribution_products.revenue IS 'Share of the net revenue in the reporting currency.';
GRANT SELECT ON attribution_products TO attributary_analyst, attributary_processor;
