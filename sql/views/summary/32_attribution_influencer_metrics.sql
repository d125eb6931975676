CREATE VIEW attribution_influencer_metrics WITH (security_invoker = true) AS
SELECT
    i.tenant_id,
    i.influencer_id,
    i.name,
    count(o.conversion_id) FILTER (WHERE o.is_primary) AS conversions,
    coalesce(sum(o.revenue) FILTER (WHERE o.is_primary), 0) AS revenue,
    attributary_half_even(
        avg(o.revenue) FILTER (WHERE o.is_primary) / attributary_unit(s.currency)
    ) * attributary_unit(s.currency) AS aov,
    attributary_half_even(
        coalesce(sum(o.revenue) FILTER (WHERE o.is_primary), 0) * i.commission_rate
            / attributary_unit(s.currency)
    ) * attributary_unit(s.currency) AS commission_earned,
    round(
        100.0 * count(o.conversion_id) FILTER (WHERE o.is_primary AND o.is_first_purchase)
            / nullif(count(o.conversion_id) FILTER (WHERE o.is_primary), 0), 2
    ) AS new_customer_percent,
    count(o.conversion_id) FILTER (WHERE NOT o.is_primary) AS assisted_conversions,
    s.currency
FROM influencers AS i
JOIN attribution_settings AS s ON s.tenant_id = i.tenant_id
LEFT JOIN attribution_influencer_orders AS o
    ON o.tenant_id = i.tenant_id AND o.influencer_id = i.influencer_id
WHERE NOT i.removed
GROUP BY i.tenant_id, i.influencer_id, i.name, i.commission_rate, s.currency;
COMMENT ON VIEW attribution_influencer_metrics IS 'What each influencer earned, over all orders that are theirs; an order is one influencer''s, so the sums never exceed the shop''s revenue. Example: SELECT name, conversions, revenue, commission_earned FROM attribution_influencer_metrics WHERE tenant_id = ''demo'' ORDER BY revenue DESC;';
COMMENT ON COLUMN attribution_influencer_metrics.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_influencer_metrics.influencer_id IS 'The influencer.';
COMMENT ON COLUMN attribution_influencer_metrics.name IS 'Name.';
COMMENT ON COLUMN attribution_influencer_metrics.conversions IS 'Orders that count.';
COMMENT ON COLUMN attribution_influencer_metrics.revenue IS 'Their net in the reporting currency.';
COMMENT ON COLUMN attribution_influencer_metrics.aov IS 'Revenue per order; null without orders.';
COMMENT ON COLUMN attribution_influencer_metrics.commission_earned IS 'Revenue times the commission rate, half-even to the minor unit.';
COMMENT ON COLUMN attribution_influencer_metrics.new_customer_percent IS 'Share of the orders that are their person''s first, 0 to 100; null without orders.';
COMMENT ON COLUMN attribution_influencer_metrics.assisted_conversions IS 'Orders that a code of the influencer led to as well, and that are another''s by a stronger match.';
COMMENT ON COLUMN attribution_influencer_metrics.currency IS 'The reporting currency.';
GRANT SELECT ON attribution_influencer_metrics TO attributary_analyst, attributary_processor;
