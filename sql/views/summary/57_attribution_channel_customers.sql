CREATE VIEW attribution_channel_customers WITH (security_invoker = true) AS
SELECT
    sums.tenant_id,
    sums.date,
    sums.channel,
    sums.platform,
    sums.model,
    sums.attribution_window,
    sums.new_conversions * 0.000000001 AS new_conversions,
    sums.returning_conversions * 0.000000001 AS returning_conversions,
    sums.unknown_conversions * 0.000000001 AS unknown_conversions,
    sums.new_revenue * attributary_unit(sums.currency) AS new_revenue,
    sums.returning_revenue * attributary_unit(sums.currency) AS returning_revenue,
    sums.unknown_revenue * attributary_unit(sums.currency) AS unknown_revenue,
    sums.spend * attributary_unit(sums.currency) AS spend,
    round(sums.spend * attributary_unit(sums.currency)
        / nullif(sums.new_conversions * 0.000000001, 0), 4) AS cac
FROM (
    SELECT
        beside.tenant_id,
        beside.date,
        beside.channel,
        beside.platform,
        beside.model,
        beside.attribution_window,
        beside.currency,
        coalesce(sum(beside.conversions) FILTER (WHERE beside.is_new), 0) AS new_conversions,
        coalesce(sum(beside.conversions) FILTER (WHERE NOT beside.is_new), 0) AS returning_conversions,
        coalesce(sum(beside.conversions) FILTER (WHERE beside.is_new IS NULL), 0) AS unknown_conversions,
        coalesce(sum(beside.revenue) FILTER (WHERE beside.is_new), 0) AS new_revenue,
        coalesce(sum(beside.revenue) FILTER (WHERE NOT beside.is_new), 0) AS returning_revenue,
        coalesce(sum(beside.revenue) FILTER (WHERE beside.is_new IS NULL), 0) AS unknown_revenue,
        sum(beside.spend) AS spend
    FROM (
        SELECT
            f.tenant_id, f.date, f.channel, f.platform, f.model, f.attribution_window, f.currency,
            c.is_first_purchase AS is_new, sum(f.conversions) AS conversions,
            sum(f.revenue) AS revenue, NULL::numeric AS spend
        FROM attribution_order_facts AS f
        JOIN attribution_conversions AS c
            ON c.tenant_id = f.tenant_id AND c.conversion_id = f.conversion_id
        GROUP BY
            f.tenant_id, f.date, f.channel, f.platform, f.model, f.attribution_window, f.currency,
            c.is_first_purchase
        UNION ALL
        SELECT
            f.tenant_id, f.date, f.channel, f.platform, f.model, f.attribution_window, f.currency,
            NULL, 0, 0, f.spend
        FROM attribution_figures AS f
        WHERE f.basis = 'cash' AND f.spend IS NOT NULL
    ) AS beside
    GROUP BY
        beside.tenant_id, beside.date, beside.channel, beside.platform, beside.model,
        beside.attribution_window, beside.currency
) AS sums;
COMMENT ON VIEW attribution_channel_customers IS 'Which channels bring new customers, and at what cost: credit split by whether the order is its person''s first, dated by the order. Over all channels it adds up to attribution_customers. Every order of the days asked for is looked at: ask for dates, a model and a window. Example: SELECT channel, sum(new_conversions), round(sum(spend) / nullif(sum(new_conversions), 0), 2) AS cac FROM attribution_channel_customers WHERE tenant_id = ''demo'' AND date >= CURRENT_DATE - 30 AND model = ''linear'' AND attribution_window = ''30d'' GROUP BY channel;';
COMMENT ON COLUMN attribution_channel_customers.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_channel_customers.date IS 'The order''s date in the tenant''s time zone; of spend, the ad account''s.';
COMMENT ON COLUMN attribution_channel_customers.channel IS 'Channel; unattributed is revenue that no touch earned.';
COMMENT ON COLUMN attribution_channel_customers.platform IS 'Traffic platform.';
COMMENT ON COLUMN attribution_channel_customers.model IS 'One of the tenant''s enabled models.';
COMMENT ON COLUMN attribution_channel_customers.attribution_window IS 'One of the tenant''s enabled windows: 1d, 3d, 7d, 14d, 28d, 30d, 90d or ltv (365 days).';
COMMENT ON COLUMN attribution_channel_customers.new_conversions IS 'Credit of orders that are their person''s first.';
COMMENT ON COLUMN attribution_channel_customers.returning_conversions IS 'Credit of orders of people who had bought before.';
COMMENT ON COLUMN attribution_channel_customers.unknown_conversions IS 'Credit of orders without any id that tells who bought.';
COMMENT ON COLUMN attribution_channel_customers.new_revenue IS 'Net revenue of the first, in the reporting currency.';
COMMENT ON COLUMN attribution_channel_customers.returning_revenue IS 'Net revenue of the second, in the reporting currency.';
COMMENT ON COLUMN attribution_channel_customers.unknown_revenue IS 'Net revenue of the third, in the reporting currency.';
COMMENT ON COLUMN attribution_channel_customers.spend IS 'Spend in the reporting currency, null where there is none; the same on every model and window, so never add it up over them.';
COMMENT ON COLUMN attribution_channel_customers.cac IS 'Spend per new customer; null without one or without spend.';
GRANT SELECT ON attribution_channel_customers TO attributary_analyst, attributary_processor;
