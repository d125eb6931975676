-- The gateway's role sees control tables only; these are all that it tells of quality.
-- Dropped first: what a function returns cannot be replaced.
DROP FUNCTION IF EXISTS attributary_emq_of(text);
CREATE FUNCTION attributary_emq_of(tenant text)
RETURNS TABLE (
    measurement_date date, platform text, events_received bigint, event_match_rate numeric,
    pixel_coverage numeric, conversion_latency numeric, attribution_accuracy numeric,
    data_freshness numeric
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
SELECT m.measurement_date, m.platform, m.events_received, m.event_match_rate, m.pixel_coverage,
    m.conversion_latency, m.attribution_accuracy, m.data_freshness
FROM emq_measurements AS m
WHERE m.tenant_id = tenant AND m.measurement_date IN (
    SELECT DISTINCT d.measurement_date FROM emq_measurements AS d
    WHERE d.tenant_id = tenant
    ORDER BY d.measurement_date DESC
    LIMIT 2
)
ORDER BY m.measurement_date DESC, m.platform
$$;
COMMENT ON FUNCTION attributary_emq_of(text) IS 'The drivers of one tenant on the two latest days that were measured.';
REVOKE ALL ON FUNCTION attributary_emq_of(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_emq_of(text) TO attributary_gateway;

CREATE OR REPLACE FUNCTION attributary_quality_report(tenant text) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
SELECT jsonb_build_object(
    'platforms', coalesce((
        SELECT jsonb_agg(to_jsonb(h) - 'tenant_id' ORDER BY h.platform, h.pixel_id)
        FROM emq_score_history AS h
        WHERE h.tenant_id = tenant AND h.measurement_date = (
            SELECT max(m.measurement_date) FROM emq_measurements AS m WHERE m.tenant_id = tenant
        )
    ), '[]'),
    'advice', coalesce((
        SELECT jsonb_agg(to_jsonb(a) - 'tenant_id' ORDER BY a.gain DESC, a.platform, a.place)
        FROM emq_advice AS a WHERE a.tenant_id = tenant
    ), '[]'),
    'latencies', coalesce((
        SELECT jsonb_agg(to_jsonb(l) - 'tenant_id' ORDER BY l.platform, l.event_type)
        FROM conversion_latency AS l
        WHERE l.tenant_id = tenant AND l.period_date = (
            SELECT max(s.period_date) FROM conversion_latency_stats AS s WHERE s.tenant_id = tenant
        )
    ), '[]'),
    'signal_health', coalesce((
        SELECT jsonb_agg(to_jsonb(f) - 'tenant_id' ORDER BY f.platform)
        FROM fact_signal_health_daily AS f
        WHERE f.tenant_id = tenant AND f.date = (
            SELECT max(g.date) FROM fact_signal_health_daily AS g WHERE g.tenant_id = tenant
        )
    ), '[]'),
    'deduplication', (
        SELECT to_jsonb(d) - 'tenant_id'
        FROM deduplication_quality AS d
        WHERE d.tenant_id = tenant AND d.date = (
            SELECT max(m.measurement_date) FROM emq_measurements AS m WHERE m.tenant_id = tenant
        )
    ),
    'data_quality', (
        SELECT to_jsonb(q) - 'tenant_id'
        FROM attribution_data_quality AS q
        WHERE q.tenant_id = tenant
        ORDER BY q.snapshot_date DESC
        LIMIT 1
    )
)
$$;
COMMENT ON FUNCTION attributary_quality_report(text) IS 'One tenant''s latest match quality by platform, advice in order of gain, latencies, signal health, deduplication and data quality.';
REVOKE ALL ON FUNCTION attributary_quality_report(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_quality_report(text) TO attributary_gateway;
