-- add_tenant --
INSERT INTO tenants (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING tenant_id

-- tenant --
SELECT tenant_id FROM tenants WHERE tenant_id = $1

-- add_key --
INSERT INTO api_keys (key_sha256, tenant_id, kind, label) VALUES ($1, $2, $3, $4)

-- revoke_keys --
UPDATE api_keys SET revoked_at = now()
WHERE tenant_id = $1 AND label = $2 AND revoked_at IS NULL
RETURNING key_sha256

-- webhook_source --
SELECT account, secret_encrypted FROM webhook_sources WHERE tenant_id = $1 AND source = $2

-- put_webhook_source --
INSERT INTO webhook_sources AS w (source, account, tenant_id, secret_encrypted)
VALUES ($1, $2, $3, $4)
ON CONFLICT (source, account) DO UPDATE SET
    previous_secret_encrypted = w.secret_encrypted,
    secret_encrypted = excluded.secret_encrypted,
    rotated_at = now()
WHERE w.tenant_id = excluded.tenant_id
RETURNING account

-- drop_other_accounts --
DELETE FROM webhook_sources WHERE tenant_id = $1 AND source = $2 AND account <> $3

-- connection --
SELECT account_id, credentials_encrypted FROM platform_connections
WHERE tenant_id = $1 AND platform = $2

-- put_connection --
INSERT INTO platform_connections (tenant_id, platform, account_id, credentials_encrypted, enabled)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, platform) DO UPDATE SET
    account_id = excluded.account_id,
    credentials_encrypted = excluded.credentials_encrypted,
    enabled = CASE WHEN platform_connections.account_id = '' THEN excluded.enabled
        ELSE platform_connections.enabled END

-- audit --
INSERT INTO audit_log (tenant_id, actor, action, detail)
VALUES ($1, session_user, $2, $3::jsonb)

-- add_analyst --
INSERT INTO analysts (role_name, tenant_id) VALUES ($1, $2)
ON CONFLICT (role_name) DO UPDATE SET tenant_id = excluded.tenant_id

-- role_exists --
SELECT 1 FROM pg_roles WHERE rolname = $1

-- database_name --
SELECT current_database()

-- effective_settings --
SELECT to_jsonb(s) - 'tenant_id' AS effective FROM attribution_settings AS s WHERE s.tenant_id = $1

-- set_settings --
SELECT key, value, issued_at, command_id FROM tenant_settings WHERE tenant_id = $1 ORDER BY key

-- changes_of_settings --
SELECT a.at, a.actor, d.key, d.value
FROM audit_log AS a
CROSS JOIN LATERAL jsonb_each_text(a.detail) AS d (key, value)
WHERE a.tenant_id = $1 AND a.action = 'set'
ORDER BY a.id, d.key

-- channel_rules --
SELECT coalesce(channel_rules, '') FROM attribution_settings WHERE tenant_id = $1

-- model_promotions --
SELECT version, promoted_at, applies_from, is_standing, is_fallback
FROM attribution_model_versions
WHERE tenant_id = $1 AND model = 'data_driven'
ORDER BY promoted_at DESC, command_id DESC

-- model_trainings --
SELECT trained_at, state, reason, promotion, version, since, until, one_in, people, touches, journeys,
    conversions, auc, log_loss, base_log_loss, half_life_days, half_life_low, half_life_high,
    half_life_reason
FROM attribution_model_trainings
WHERE tenant_id = $1
ORDER BY trained_at DESC
LIMIT $2

-- model_training --
SELECT trained_at, state, reason, promotion, version, since, until, one_in, people, touches, journeys,
    conversions, auc, log_loss, base_log_loss, calibration::text AS calibration,
    channels::text AS channels, half_life_days, half_life_low, half_life_high, half_life_reason,
    document
FROM attribution_model_trainings
WHERE tenant_id = $1 AND version = $2
ORDER BY trained_at DESC
LIMIT 1

-- model_document --
SELECT document FROM attribution_trainings WHERE tenant_id = $1 AND version = $2
UNION
SELECT document FROM attribution_models WHERE tenant_id = $1 AND version = $2 AND document <> ''

-- model_standing --
SELECT version FROM attribution_model_versions
WHERE tenant_id = $1 AND model = 'data_driven' AND is_standing

-- model_latest --
SELECT version FROM attribution_trainings
WHERE tenant_id = $1 AND version IS NOT NULL
ORDER BY trained_at DESC
LIMIT 1
