-- Tenants connect platforms by signing in there, and what is connected is looked after.
CREATE TABLE connection_attempts (
    nonce_sha256 text COLLATE "C" PRIMARY KEY,
    tenant_id text COLLATE "C" NOT NULL REFERENCES tenants,
    platform text COLLATE "C" NOT NULL,
    verifier_encrypted text NOT NULL,
    redirect_url text NOT NULL,
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE connection_attempts IS 'Sign-ins at platforms that have begun; each is taken once. Control data. Writer: connections.';
COMMENT ON COLUMN connection_attempts.nonce_sha256 IS 'SHA-256 of the nonce in the state that the platform brings back.';
COMMENT ON COLUMN connection_attempts.tenant_id IS 'Tenant.';
COMMENT ON COLUMN connection_attempts.platform IS 'Where somebody signs in.';
COMMENT ON COLUMN connection_attempts.verifier_encrypted IS 'Code verifier of PKCE, encrypted under the vault key.';
COMMENT ON COLUMN connection_attempts.redirect_url IS 'Where the platform sends the browser back to; said again when the code is exchanged.';
COMMENT ON COLUMN connection_attempts.expires_at IS 'Until when the code may be exchanged.';

CREATE TABLE connection_checks (
    tenant_id text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL
        CHECK (state IN ('healthy', 'degraded', 'needs_reauth', 'revoked', 'unknown')),
    reason text NOT NULL,
    source text COLLATE "C" NOT NULL CHECK (source IN ('probe', 'deliveries', 'credentials')),
    checked_at timestamptz NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, platform)
);
COMMENT ON TABLE connection_checks IS 'How each connection did when it was looked at last. Bookkeeping. Read it as connection_health. Writer: connections.';
COMMENT ON COLUMN connection_checks.tenant_id IS 'Tenant.';
COMMENT ON COLUMN connection_checks.platform IS 'Platform.';
COMMENT ON COLUMN connection_checks.state IS 'healthy; degraded (it did not answer, or not as it should); needs_reauth (the token is refused); revoked (somebody took it back); unknown (nothing tells).';
COMMENT ON COLUMN connection_checks.reason IS 'What told; no secrets, no details of people.';
COMMENT ON COLUMN connection_checks.source IS 'probe: the platform was asked; deliveries: the fate of late ones; credentials: those stored.';
COMMENT ON COLUMN connection_checks.checked_at IS 'When.';
COMMENT ON COLUMN connection_checks.since IS 'The first check that found this state, without another between.';

-- Only while somebody connects does the gateway take this role: its own sees no credentials.
DO $$
DECLARE
    name text;
BEGIN
    BEGIN
        CREATE ROLE attributary_connector NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
    END;
    GRANT attributary_connector TO CURRENT_USER;
    FOREACH name IN ARRAY ARRAY['connection_attempts', 'connection_checks']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY processor ON %I TO attributary_processor USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY operator ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY analyst ON %I FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()))', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY[
        'tenants', 'platform_connections', 'connection_attempts', 'connection_checks', 'audit_log']
    LOOP
        EXECUTE format('CREATE POLICY connector ON %I TO attributary_connector USING (true) WITH CHECK (true)', name);
    END LOOP;
END
$$;
GRANT USAGE ON SCHEMA public TO attributary_connector;
GRANT SELECT ON tenants, connection_checks TO attributary_connector;
GRANT SELECT, INSERT, UPDATE ON platform_connections TO attributary_connector;
GRANT SELECT, INSERT, DELETE ON connection_attempts TO attributary_connector;
GRANT INSERT ON audit_log TO attributary_connector;

-- Whoever buys access tokens keeps the refresh token that comes with one.
GRANT UPDATE (credentials_encrypted) ON platform_connections
TO attributary_processor, attributary_scheduler;
CREATE POLICY renewal ON platform_connections FOR UPDATE TO attributary_scheduler
    USING (true) WITH CHECK (true);

CREATE POLICY scheduler ON connection_checks TO attributary_scheduler USING (true) WITH CHECK (true);
CREATE POLICY scheduler ON capi_delivery_log FOR SELECT TO attributary_scheduler USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON connection_checks TO attributary_scheduler;
GRANT SELECT ON capi_delivery_log TO attributary_scheduler;
GRANT SELECT ON connection_checks TO attributary_analyst;
CREATE INDEX capi_delivery_log_latest ON capi_delivery_log (tenant_id, platform, created_at);
COMMENT ON TABLE platform_connections IS 'Ad platform accounts of a tenant. Control data. Writer: connections.';
