CREATE TABLE tenants (
    tenant_id text COLLATE "C" PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE tenants IS 'Tenants. Control data: carried over by a rebuild, never on a topic. Writer: operator.';
COMMENT ON COLUMN tenants.tenant_id IS 'Short name; leads every key of the system.';
COMMENT ON COLUMN tenants.created_at IS 'When the tenant was added.';

CREATE TABLE api_keys (
    key_sha256 text COLLATE "C" PRIMARY KEY,
    tenant_id text COLLATE "C" NOT NULL REFERENCES tenants,
    kind text NOT NULL CHECK (kind IN ('server', 'browser')),
    label text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
COMMENT ON TABLE api_keys IS 'Gateway keys, hashed. Control data. Writer: operator.';
COMMENT ON COLUMN api_keys.key_sha256 IS 'SHA-256 of the key, hex; the key itself is printed once and never stored.';
COMMENT ON COLUMN api_keys.tenant_id IS 'Whose key.';
COMMENT ON COLUMN api_keys.kind IS 'Browser keys may only write events; server keys may also post orders and spend.';
COMMENT ON COLUMN api_keys.label IS 'What the operator calls it.';
COMMENT ON COLUMN api_keys.created_at IS 'When it was made.';
COMMENT ON COLUMN api_keys.revoked_at IS 'When it stopped to count; null while it is good.';

CREATE TABLE webhook_sources (
    source text COLLATE "C" NOT NULL,
    account text COLLATE "C" NOT NULL,
    tenant_id text COLLATE "C" NOT NULL REFERENCES tenants,
    secret_encrypted text NOT NULL,
    previous_secret_encrypted text,
    rotated_at timestamptz,
    PRIMARY KEY (source, account)
);
COMMENT ON TABLE webhook_sources IS 'Which tenant a webhook''s account belongs to, and the secret that signs it. Control data. Writer: operator.';
COMMENT ON COLUMN webhook_sources.source IS 'Sender, such as shopify.';
COMMENT ON COLUMN webhook_sources.account IS 'Shop domain or account id, lower case.';
COMMENT ON COLUMN webhook_sources.tenant_id IS 'Whose account.';
COMMENT ON COLUMN webhook_sources.secret_encrypted IS 'Signing secret, encrypted under the vault key.';
COMMENT ON COLUMN webhook_sources.previous_secret_encrypted IS 'The secret before the last rotation, still accepted for an hour.';
COMMENT ON COLUMN webhook_sources.rotated_at IS 'When the secret was last changed.';

CREATE TABLE platform_connections (
    tenant_id text COLLATE "C" NOT NULL REFERENCES tenants,
    platform text COLLATE "C" NOT NULL,
    account_id text NOT NULL,
    credentials_encrypted text NOT NULL,
    enabled boolean NOT NULL DEFAULT true,
    PRIMARY KEY (tenant_id, platform)
);
COMMENT ON TABLE platform_connections IS 'Ad platform accounts of a tenant. Control data. Writer: operator.';
COMMENT ON COLUMN platform_connections.tenant_id IS 'Whose account.';
COMMENT ON COLUMN platform_connections.platform IS 'Destination, such as meta.';
COMMENT ON COLUMN platform_connections.account_id IS 'Pixel, dataset or measurement id.';
COMMENT ON COLUMN platform_connections.credentials_encrypted IS 'JSON of tokens and secrets, encrypted under the vault key.';
COMMENT ON COLUMN platform_connections.enabled IS 'Off: nothing new is routed there.';

CREATE TABLE analysts (
    role_name text COLLATE "C" PRIMARY KEY,
    tenant_id text COLLATE "C" NOT NULL REFERENCES tenants
);
COMMENT ON TABLE analysts IS 'Login roles that see one tenant. Control data. Writer: operator.';
COMMENT ON COLUMN analysts.role_name IS 'Database role.';
COMMENT ON COLUMN analysts.tenant_id IS 'The only tenant whose rows the role sees.';

CREATE TABLE database_epoch (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch uuid NOT NULL DEFAULT gen_random_uuid()
);
COMMENT ON TABLE database_epoch IS 'One row: the identity of this database. Writer: migrate.';
COMMENT ON COLUMN database_epoch.only_row IS 'Keeps the table at one row.';
COMMENT ON COLUMN database_epoch.epoch IS 'Revisions of another epoch are ignored.';

CREATE TABLE audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    action text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE audit_log IS 'Who changed what by hand. Control data. Writer: operator.';
COMMENT ON COLUMN audit_log.id IS 'Order of insertion.';
COMMENT ON COLUMN audit_log.tenant_id IS 'Tenant.';
COMMENT ON COLUMN audit_log.at IS 'When.';
COMMENT ON COLUMN audit_log.actor IS 'Database role that did it.';
COMMENT ON COLUMN audit_log.action IS 'What was done.';
COMMENT ON COLUMN audit_log.detail IS 'Particulars, no secrets.';

INSERT INTO database_epoch DEFAULT VALUES;
