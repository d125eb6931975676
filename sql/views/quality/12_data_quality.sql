-- Dropped first: what a function returns cannot be replaced.
DROP FUNCTION IF EXISTS attributary_data_quality(date, timestamptz, text);
CREATE FUNCTION attributary_data_quality(since date, at timestamptz, of_tenant text)
RETURNS TABLE (
    tenant_id text, snapshot_date date, orders bigint, orders_attributed bigint,
    orders_unattributed bigint, coverage_score numeric, records bigint, session_id_coverage numeric,
    visitor_id_coverage numeric, email_hash_coverage numeric, device_fingerprint_coverage numeric,
    pixel_health jsonb
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
SELECT
    t.tenant_id,
    day.date,
    bought.orders,
    bought.attributed,
    bought.unattributed,
    round(100.0 * bought.attributed / nullif(bought.attributed + bought.unattributed, 0), 2),
    came.records,
    round(100.0 * came.sessions / nullif(came.records, 0), 2),
    round(100.0 * came.visitors / nullif(came.records, 0), 2),
    round(100.0 * came.emails / nullif(came.records, 0), 2),
    round(100.0 * came.fingerprints / nullif(came.records, 0), 2),
    coalesce(pixels.health, '{}')
FROM tenants AS t
CROSS JOIN LATERAL attributary_days(since::timestamp AT TIME ZONE 'UTC', at) AS day
CROSS JOIN LATERAL (
    SELECT
        count(*) AS orders,
        count(*) FILTER (WHERE r.state = 'ready') AS attributed,
        count(*) FILTER (WHERE r.state = 'unattributed') AS unattributed
    FROM conversions AS c
    LEFT JOIN credit_rows AS r ON r.tenant_id = c.tenant_id AND r.conversion_id = c.conversion_id
    WHERE c.tenant_id = t.tenant_id
      AND c.converted_at >= day.starts_at
      AND c.converted_at < day.ends_at
      AND attributary_is_told(c.gross, c.folded)
) AS bought
CROSS JOIN LATERAL (
    SELECT
        count(*) AS records,
        count(r.session_id) AS sessions,
        count(r.visitor_id) AS visitors,
        count(r.email_hash) AS emails,
        count(r.device_fingerprint) AS fingerprints
    FROM (
        SELECT p.session_id, p.visitor_id, p.email_hash, p.device_fingerprint
        FROM attribution_touchpoints AS p
        WHERE p.tenant_id = t.tenant_id
          AND p.occurred_at >= day.starts_at
          AND p.occurred_at < day.ends_at
        UNION ALL
        SELECT e.session_id, e.visitor_id, e.raw_data #>> '{identifiers,email_sha256}',
            e.device_fingerprint
        FROM pixel_events AS e
        WHERE e.tenant_id = t.tenant_id
          AND e.occurred_at >= day.starts_at
          AND e.occurred_at < day.ends_at
    ) AS r
) AS came
CROSS JOIN LATERAL (
    SELECT jsonb_object_agg(h.platform, jsonb_build_object(
        'events', h.events, 'told', h.told, 'failed', h.failed, 'failure_rate', h.failure_rate,
        'status', h.status
    )) AS health
    FROM pixel_health AS h
    WHERE h.tenant_id = t.tenant_id AND h.date = day.date
) AS pixels
WHERE (of_tenant IS NULL OR t.tenant_id = of_tenant) AND (bought.orders > 0 OR came.records > 0)
ORDER BY t.tenant_id, day.date
$$;
COMMENT ON FUNCTION attributary_data_quality(date, timestamptz, text) IS 'Rows of attribution_data_quality_snapshots for the days since then, as they are now.';
REVOKE ALL ON FUNCTION attributary_data_quality(date, timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_data_quality(date, timestamptz, text) TO attributary_scheduler;
