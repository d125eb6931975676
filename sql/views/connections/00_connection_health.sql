CREATE VIEW connection_health WITH (security_invoker = true) AS
SELECT tenant_id, platform, state, reason, source, checked_at, since
FROM connection_checks;

COMMENT ON VIEW connection_health IS 'How the connections to platforms do, as of the latest check; nothing is paused for it. Example: SELECT platform, state, reason, since FROM connection_health WHERE state <> ''healthy''.';
COMMENT ON COLUMN connection_health.tenant_id IS 'Tenant.';
COMMENT ON COLUMN connection_health.platform IS 'Platform.';
COMMENT ON COLUMN connection_health.state IS 'healthy, degraded, needs_reauth, revoked or unknown.';
COMMENT ON COLUMN connection_health.reason IS 'What told.';
COMMENT ON COLUMN connection_health.source IS 'probe, deliveries, credentials or spend.';
COMMENT ON COLUMN connection_health.checked_at IS 'When it was looked at last.';
COMMENT ON COLUMN connection_health.since IS 'Since when it has been in this state.';

GRANT SELECT ON connection_health TO attributary_analyst, attributary_connector;
