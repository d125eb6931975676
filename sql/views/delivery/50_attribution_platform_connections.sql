CREATE VIEW attribution_platform_connections WITH (security_invoker = true) AS
SELECT
    p.tenant_id,
    p.platform,
    p.account_id,
    p.ad_account_id,
    p.enabled,
    coalesce(c.state, 'unknown') AS status,
    c.reason,
    c.checked_at,
    s.last_sync_at,
    s.last_sync_error
FROM platform_connections AS p
LEFT JOIN connection_checks AS c ON c.tenant_id = p.tenant_id AND c.platform = p.platform
LEFT JOIN LATERAL (
    SELECT
        max(r.last_success_at) AS last_sync_at,
        (array_agg(r.last_error ORDER BY r.last_error_at DESC)
            FILTER (WHERE r.last_error IS NOT NULL))[1] AS last_sync_error
    FROM spend_readings AS r
    WHERE r.tenant_id = p.tenant_id AND r.connection = p.platform
) AS s ON true;

COMMENT ON VIEW attribution_platform_connections IS 'The platforms that a tenant is connected to, without their secrets, and how they do. Example: SELECT platform, account_id, status, last_sync_at FROM attribution_platform_connections WHERE tenant_id = ''demo'' ORDER BY platform.';
COMMENT ON COLUMN attribution_platform_connections.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_platform_connections.platform IS 'Destination, or where reports come from.';
COMMENT ON COLUMN attribution_platform_connections.account_id IS 'Pixel, dataset, measurement or advertiser id; empty until one is chosen.';
COMMENT ON COLUMN attribution_platform_connections.ad_account_id IS 'Whose reports are read, where events go to another kind of account; null where that is one, or not known.';
COMMENT ON COLUMN attribution_platform_connections.enabled IS 'Off: nothing new is routed there. What is only read is never on.';
COMMENT ON COLUMN attribution_platform_connections.status IS 'healthy, degraded, needs_reauth, revoked, or unknown (nothing has told yet), as in connection_health.';
COMMENT ON COLUMN attribution_platform_connections.reason IS 'What told; null before the first check.';
COMMENT ON COLUMN attribution_platform_connections.checked_at IS 'When it was looked at last; null before the first check.';
COMMENT ON COLUMN attribution_platform_connections.last_sync_at IS 'When a reading of its spend last came to its end; null where none has, or none is read.';
COMMENT ON COLUMN attribution_platform_connections.last_sync_error IS 'Why the latest reading of some account of it did not; null when all did.';

GRANT SELECT ON attribution_platform_connections TO attributary_analyst;
