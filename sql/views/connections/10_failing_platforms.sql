-- The gateway's role may read neither deliveries nor checks: this is all that it is told of them.
CREATE OR REPLACE FUNCTION attributary_failing_platforms()
RETURNS TABLE (tenant_id text, platform text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
SELECT c.tenant_id, c.platform
FROM platform_connections AS c
WHERE c.enabled AND (
    EXISTS (
        SELECT FROM connection_checks AS k
        WHERE k.tenant_id = c.tenant_id
          AND k.platform = c.platform
          AND k.state IN ('needs_reauth', 'revoked')
    )
    OR EXISTS (
        SELECT FROM delivery_circuit_openings AS o
        WHERE o.tenant_id = c.tenant_id
          AND o.platform = c.platform
          -- No circuit stays open for so long without another opening.
          AND o.opened_at > now() - interval '1 day'
          AND o.open_until > now()
    )
)
ORDER BY c.tenant_id, c.platform
$$;
COMMENT ON FUNCTION attributary_failing_platforms() IS 'Where a tenant''s events would go and cannot now: the circuit is open, or the latest check found the credentials refused. They wait there.';
REVOKE ALL ON FUNCTION attributary_failing_platforms() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_failing_platforms() TO attributary_gateway;
