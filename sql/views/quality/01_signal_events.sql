-- For the scheduler, whose role sees neither deliveries nor logs: figures, and no row of anybody's.
-- Dropped first: what a function returns cannot be replaced.
DROP FUNCTION IF EXISTS attributary_signal_events(date, timestamptz, text);
CREATE FUNCTION attributary_signal_events(since date, at timestamptz, of_tenant text)
RETURNS TABLE (
    tenant_id text, date date, platform text, known text[], events bigint, accepted bigint
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
SELECT t.tenant_id, day.date, told.platform, told.known, told.events, told.accepted
FROM tenants AS t
CROSS JOIN LATERAL attributary_days(since::timestamp AT TIME ZONE 'UTC', at) AS day
CROSS JOIN LATERAL (
    SELECT
        l.platform,
        attributary_known(l.platform, d.payload) AS known,
        count(*) AS events,
        count(*) FILTER (WHERE d.state = 'sent') AS accepted
    FROM capi_delivery_log AS l
    JOIN deliveries AS d
        ON d.tenant_id = l.tenant_id AND d.platform = l.platform
        AND d.event_id = l.event_id AND d.kind = l.kind
    WHERE l.tenant_id = t.tenant_id
      AND l.created_at >= day.starts_at
      AND l.created_at < day.ends_at
      AND l.created_at <= at
      AND l.attempt = 1
      AND l.kind = 'event'
      AND l.status <> 'unwanted'
      AND d.payload IS NOT NULL
    GROUP BY 1, 2
) AS told
WHERE of_tenant IS NULL OR t.tenant_id = of_tenant
ORDER BY t.tenant_id, day.date, told.platform
$$;
COMMENT ON FUNCTION attributary_signal_events(date, timestamptz, text) IS 'Events by the UTC day of their first attempt, and by which details of a person they have: how many, and how many the platform accepted.';
REVOKE ALL ON FUNCTION attributary_signal_events(date, timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_signal_events(date, timestamptz, text) TO attributary_scheduler;
