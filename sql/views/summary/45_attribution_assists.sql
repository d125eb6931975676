CREATE VIEW attribution_assists WITH (security_invoker = true) AS
SELECT
    grouped.tenant_id,
    grouped.date,
    grouped.channel,
    grouped.attribution_window,
    grouped.first_conversions,
    grouped.last_conversions,
    grouped.only_conversions,
    grouped.assisted_conversions,
    grouped.last_revenue * attributary_unit(s.currency) AS last_revenue,
    grouped.assisted_revenue * attributary_unit(s.currency) AS assisted_revenue,
    round(grouped.assisted_conversions / nullif(grouped.last_conversions, 0)::numeric, 4) AS assisted_to_last
FROM (
    SELECT
        c.tenant_id,
        c.date,
        c.key AS channel,
        windows.name AS attribution_window,
        coalesce(sum(c.conversions[windows.place]) FILTER (WHERE c.kind = 'first'), 0)::bigint AS first_conversions,
        coalesce(sum(c.conversions[windows.place]) FILTER (WHERE c.kind = 'last'), 0)::bigint AS last_conversions,
        coalesce(sum(c.conversions[windows.place]) FILTER (WHERE c.kind = 'only'), 0)::bigint AS only_conversions,
        coalesce(sum(c.conversions[windows.place]) FILTER (WHERE c.kind = 'assisted'), 0)::bigint AS assisted_conversions,
        coalesce(sum(c.revenue[windows.place]) FILTER (WHERE c.kind = 'last'), 0) AS last_revenue,
        coalesce(sum(c.revenue[windows.place]) FILTER (WHERE c.kind = 'assisted'), 0) AS assisted_revenue
    FROM journey_cells AS c
    CROSS JOIN (VALUES
        ('1d', 1), ('3d', 2), ('7d', 3), ('14d', 4), ('28d', 5), ('30d', 6), ('90d', 7), ('ltv', 8)
    ) AS windows (name, place)
    WHERE c.kind IN ('first', 'last', 'only', 'assisted')
    GROUP BY c.tenant_id, c.date, c.key, windows.name
) AS grouped
JOIN attribution_settings AS s
    ON s.tenant_id = grouped.tenant_id AND grouped.attribution_window = ANY (s.enabled_windows)
WHERE (grouped.first_conversions, grouped.last_conversions, grouped.assisted_conversions) <> (0, 0, 0);
COMMENT ON VIEW attribution_assists IS 'The part that each channel played in conversions, a day: every conversion has one last channel and assists by the others of its path, so last_conversions add up to the conversions that count. Example: SELECT channel, sum(assisted_conversions) AS assisted, sum(last_conversions) AS last, round(sum(assisted_conversions) / nullif(sum(last_conversions), 0), 2) AS assisted_to_last FROM attribution_assists WHERE tenant_id = ''demo'' AND attribution_window = ''30d'' AND date >= current_date - 365 GROUP BY channel ORDER BY assisted DESC;';
COMMENT ON COLUMN attribution_assists.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_assists.date IS 'The order''s date in the tenant''s time zone.';
COMMENT ON COLUMN attribution_assists.channel IS 'Channel; unattributed stands for conversions without a touch in the window.';
COMMENT ON COLUMN attribution_assists.attribution_window IS 'One of the tenant''s enabled windows.';
COMMENT ON COLUMN attribution_assists.first_conversions IS 'Conversions whose first touch was of the channel.';
COMMENT ON COLUMN attribution_assists.last_conversions IS 'Conversions whose last touch was of the channel.';
COMMENT ON COLUMN attribution_assists.only_conversions IS 'Conversions all of whose touches were of the channel.';
COMMENT ON COLUMN attribution_assists.assisted_conversions IS 'Conversions with a touch of the channel and the last one of another.';
COMMENT ON COLUMN attribution_assists.last_revenue IS 'Whole net of those that it was last in, in the reporting currency; never split.';
COMMENT ON COLUMN attribution_assists.assisted_revenue IS 'Whole net of those that it assisted; a conversion with several assisting channels is in each.';
COMMENT ON COLUMN attribution_assists.assisted_to_last IS 'Assisted by last conversions; null without any last one.';
GRANT SELECT ON attribution_assists TO attributary_analyst, attributary_processor;
