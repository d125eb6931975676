DROP FUNCTION IF EXISTS attributary_conservation_readings(timestamptz, text);
CREATE FUNCTION attributary_conservation_readings(at timestamptz, of_tenant text)
RETURNS TABLE (tenant_id text, config_id text, platform text, value numeric, cases bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
SELECT c.tenant_id, c.config_id, '', coalesce(wrong.records, 0), 0::bigint
FROM pixel_alert_configs AS c
LEFT JOIN LATERAL (
    SELECT sum(abs(n.reached - n.applied - n.duplicate - n.filtered - n.dead)) AS records
    FROM conservation_counts AS n
    JOIN conservation_offsets AS o
        ON o.consumer_group = n.consumer_group AND o.topic = n.topic AND o.partition = n.partition
    WHERE n.tenant_id = c.tenant_id
      AND n.reached <> n.applied + n.duplicate + n.filtered + n.dead
      AND o.is_level
      AND (o.expired_until IS NULL OR n.day > o.expired_until)
) AS wrong ON true
WHERE c.metric = 'conservation_gap'
  AND (of_tenant IS NULL OR c.tenant_id = of_tenant)
  AND EXISTS (SELECT FROM conservation_offsets AS o WHERE o.checked_at > at - interval '2 hours')
$$;
COMMENT ON FUNCTION attributary_conservation_readings(timestamptz, text) IS 'Readings of the alerts on conservation_gap: the tenant''s records of any day that were received and are in none of a group''s counts, or are counted too often, as the job maintenance/conservation found it within two hours.';
REVOKE ALL ON FUNCTION attributary_conservation_readings(timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_conservation_readings(timestamptz, text) TO attributary_scheduler;
