-- The gateway's role may not read accounts: this is all that it is told of them. A measurement id
-- stands in the source of every page.
DROP FUNCTION IF EXISTS attributary_measurement_ids();
CREATE FUNCTION attributary_measurement_ids()
RETURNS TABLE (tenant_id text, measurement_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
SELECT c.tenant_id, c.account_id
FROM platform_connections AS c
WHERE c.platform = 'ga4' AND c.account_id <> ''
$$;
COMMENT ON FUNCTION attributary_measurement_ids() IS 'GA4 measurement ids and the tenants that set them: how the gateway knows whose a hit at /g/collect is.';
REVOKE ALL ON FUNCTION attributary_measurement_ids() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_measurement_ids() TO attributary_gateway;
