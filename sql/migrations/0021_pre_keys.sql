ALTER TABLE api_keys
    ADD COLUMN origins text[] NOT NULL DEFAULT '{}',
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN rotated_at timestamptz,
    ADD COLUMN events_per_second numeric(12, 3) CHECK (events_per_second >= 0),
    ADD COLUMN burst_events integer CHECK (burst_events > 0),
    ADD COLUMN events_denied text[] NOT NULL DEFAULT '{}',
    ADD COLUMN dry_run boolean NOT NULL DEFAULT false,
    ADD COLUMN signing_secret_encrypted text;
COMMENT ON COLUMN api_keys.origins IS 'Pages that may use it: https://shop.example, https://*.shop.example; empty for any.';
COMMENT ON COLUMN api_keys.expires_at IS 'When it stops to count; null for never.';
COMMENT ON COLUMN api_keys.rotated_at IS 'When its successor was made; it counts until expires_at.';
COMMENT ON COLUMN api_keys.events_per_second IS 'Items that a gateway takes a second under it; null: the gateway''s setting, 0: no limit.';
COMMENT ON COLUMN api_keys.burst_events IS 'Items at once; null: the gateway''s setting.';
COMMENT ON COLUMN api_keys.events_denied IS 'Names of events that are kept and have no effect when they come under it.';
COMMENT ON COLUMN api_keys.dry_run IS 'Everything under it is checked and answered, and nothing taken.';
COMMENT ON COLUMN api_keys.signing_secret_encrypted IS 'What signs each of its requests, encrypted under the vault key; null when it need not sign.';

CREATE TABLE users (
    email text COLLATE "C" PRIMARY KEY CHECK (email = lower(email)),
    password_hash text NOT NULL,
    role text NOT NULL CHECK (role IN ('viewer', 'analyst', 'admin')),
    generation integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz
);
COMMENT ON TABLE users IS 'Logins of people for /api/v1. Control data: carried over by a rebuild, never on a topic. Writer: operator.';
COMMENT ON COLUMN users.email IS 'What they log in with, lower case.';
COMMENT ON COLUMN users.password_hash IS 'Argon2id of the password, with its parameters and salt.';
COMMENT ON COLUMN users.role IS 'viewer reads, analyst also changes what is looked at, admin also sends events.';
COMMENT ON COLUMN users.generation IS 'Of the tokens that are good; raising it voids every token made before.';
COMMENT ON COLUMN users.created_at IS 'When the login was made.';
COMMENT ON COLUMN users.disabled_at IS 'When it was switched off; null while it is good.';

CREATE TABLE user_tenants (
    tenant_id text COLLATE "C" NOT NULL REFERENCES tenants,
    email text COLLATE "C" NOT NULL REFERENCES users,
    PRIMARY KEY (tenant_id, email)
);
COMMENT ON TABLE user_tenants IS 'Which tenants a login sees. Control data. Writer: operator.';
COMMENT ON COLUMN user_tenants.tenant_id IS 'Tenant.';
COMMENT ON COLUMN user_tenants.email IS 'The login.';
CREATE INDEX user_tenants_email ON user_tenants (email);

ALTER TABLE user_tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY processor ON user_tenants TO attributary_processor USING (true) WITH CHECK (true);
CREATE POLICY operator ON user_tenants TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY analyst ON user_tenants FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()));
CREATE POLICY gateway ON user_tenants FOR SELECT TO attributary_gateway USING (true);
GRANT SELECT ON users, user_tenants TO attributary_gateway;
