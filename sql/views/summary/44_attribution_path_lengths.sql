CREATE VIEW attribution_path_lengths WITH (security_invoker = true) AS
SELECT
    grouped.tenant_id,
    grouped.date,
    grouped.attribution_window,
    buckets.measure,
    buckets.bucket,
    buckets.bucket_order,
    grouped.conversions,
    grouped.revenue * attributary_unit(s.currency) AS revenue
FROM (
    SELECT
        c.tenant_id,
        c.date,
        windows.name AS attribution_window,
        c.kind,
        c.key,
        sum(c.conversions[windows.place])::bigint AS conversions,
        sum(c.revenue[windows.place]) AS revenue
    FROM journey_cells AS c
    CROSS JOIN (VALUES
        ('1d', 1), ('3d', 2), ('7d', 3), ('14d', 4), ('28d', 5), ('30d', 6), ('90d', 7), ('ltv', 8)
    ) AS windows (name, place)
    WHERE c.kind IN ('touches', 'seconds')
    GROUP BY c.tenant_id, c.date, windows.name, c.kind, c.key
) AS grouped
JOIN (VALUES
    ('touches', '0', 'touches', '0', 0), ('touches', '1', 'touches', '1', 1),
    ('touches', '2', 'touches', '2', 2), ('touches', '3', 'touches', '3', 3),
    ('touches', '4', 'touches', '4', 4), ('touches', '5', 'touches', '5', 5),
    ('touches', '6', 'touches', '6 to 10', 6), ('touches', '11', 'touches', '11 to 20', 7),
    ('touches', '21', 'touches', '21 and more', 8),
    ('seconds', 'none', 'time_to_convert', 'none', 0),
    ('seconds', '0', 'time_to_convert', 'under 1 hour', 1),
    ('seconds', '3600', 'time_to_convert', '1 to 6 hours', 2),
    ('seconds', '21600', 'time_to_convert', '6 to 24 hours', 3),
    ('seconds', '86400', 'time_to_convert', '1 to 3 days', 4),
    ('seconds', '259200', 'time_to_convert', '3 to 7 days', 5),
    ('seconds', '604800', 'time_to_convert', '7 to 14 days', 6),
    ('seconds', '1209600', 'time_to_convert', '14 to 30 days', 7),
    ('seconds', '2592000', 'time_to_convert', '30 to 90 days', 8),
    ('seconds', '7776000', 'time_to_convert', '90 days and more', 9)
) AS buckets (kind, key, measure, bucket, bucket_order)
    ON buckets.kind = grouped.kind AND buckets.key = grouped.key
JOIN attribution_settings AS s
    ON s.tenant_id = grouped.tenant_id AND grouped.attribution_window = ANY (s.enabled_windows)
WHERE (grouped.conversions, grouped.revenue) <> (0, 0);
COMMENT ON VIEW attribution_path_lengths IS 'How many conversions took how many touches, and how long from the first one, in buckets; each measure adds up to the conversions that count. Example: SELECT bucket, sum(conversions), sum(revenue) FROM attribution_path_lengths WHERE tenant_id = ''demo'' AND attribution_window = ''30d'' AND measure = ''touches'' AND date >= current_date - 365 GROUP BY bucket, bucket_order ORDER BY bucket_order;';
COMMENT ON COLUMN attribution_path_lengths.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_path_lengths.date IS 'The order''s date in the tenant''s time zone.';
COMMENT ON COLUMN attribution_path_lengths.attribution_window IS 'One of the tenant''s enabled windows.';
COMMENT ON COLUMN attribution_path_lengths.measure IS 'touches, or time_to_convert.';
COMMENT ON COLUMN attribution_path_lengths.bucket IS 'From the first number, up to below the second one of a time; none: without a touch.';
COMMENT ON COLUMN attribution_path_lengths.bucket_order IS 'The order of the buckets.';
COMMENT ON COLUMN attribution_path_lengths.conversions IS 'Conversions that count.';
COMMENT ON COLUMN attribution_path_lengths.revenue IS 'Their whole net in the reporting currency.';
GRANT SELECT ON attribution_path_lengths TO attributary_analyst, attributary_processor;
