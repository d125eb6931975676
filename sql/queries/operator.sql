-- add_tenant --
INSERT INTO tenants (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING tenant_id

-- tenant --
SELECT tenant_id FROM tenants WHERE tenant_id = $1

-- add_key --
INSERT INTO api_keys (
    key_sha256, tenant_id, kind, label, origins, expires_at, events_per_second, burst_events,
    events_denied, dry_run, signing_secret_encrypted
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)

-- keys --
SELECT key_sha256, kind, label, origins, created_at, expires_at, rotated_at, revoked_at,
       events_per_second, burst_events, events_denied, dry_run,
       signing_secret_encrypted IS NOT NULL AS is_signed,
       revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) AS is_good
FROM api_keys
WHERE tenant_id = $1
ORDER BY created_at, key_sha256

-- change_key --
UPDATE api_keys SET origins = $3, expires_at = $4, events_per_second = $5, burst_events = $6,
    events_denied = $7, dry_run = $8
WHERE tenant_id = $1 AND key_sha256 = $2

-- rotate_key --
UPDATE api_keys SET rotated_at = now(), expires_at = least(expires_at, now() + $3::interval)
WHERE tenant_id = $1 AND key_sha256 = $2

-- revoke_key --
UPDATE api_keys SET revoked_at = now()
WHERE tenant_id = $1 AND key_sha256 = $2 AND revoked_at IS NULL

-- add_user --
INSERT INTO users (email, password_hash, role) VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING
RETURNING email

-- user --
SELECT email FROM users WHERE email = $1

-- give_tenants --
INSERT INTO user_tenants (tenant_id, email)
SELECT given, $1 FROM unnest($2::text[]) AS given

-- take_tenants --
DELETE FROM user_tenants WHERE email = $1

-- tenants_of_user --
SELECT tenant_id FROM user_tenants WHERE email = $1 ORDER BY tenant_id

-- users --
SELECT u.email, u.role, u.created_at, u.disabled_at,
       coalesce(array_agg(t.tenant_id ORDER BY t.tenant_id) FILTER (WHERE t.tenant_id IS NOT NULL),
                '{}') AS tenants
FROM users AS u
LEFT JOIN user_tenants AS t USING (email)
GROUP BY u.email
ORDER BY u.email

-- set_password --
UPDATE users SET password_hash = $2, generation = generation + 1 WHERE email = $1

-- set_role --
UPDATE users SET role = $2, generation = generation + 1 WHERE email = $1

-- set_disabled --
UPDATE users SET disabled_at = CASE WHEN $2 THEN coalesce(disabled_at, now()) END,
    generation = generation + 1
WHERE email = $1

-- void_tokens --
UPDATE users SET generation = generation + 1 WHERE email = $1

-- webhook_source --
SELECT account, secret_encrypted, verify_token_sha256
FROM webhook_sources
WHERE tenant_id = $1 AND source = $2

-- put_webhook_source --
INSERT INTO webhook_sources AS w (source, account, tenant_id, secret_encrypted)
VALUES ($1, $2, $3, $4)
ON CONFLICT (source, account) DO UPDATE SET
    previous_secret_encrypted = w.secret_encrypted,
    secret_encrypted = excluded.secret_encrypted,
    rotated_at = now()
WHERE w.tenant_id = excluded.tenant_id
RETURNING account

-- put_verify_token --
UPDATE webhook_sources SET verify_token_sha256 = $4
WHERE tenant_id = $1 AND source = $2 AND account = $3

-- drop_other_accounts --
DELETE FROM webhook_sources WHERE tenant_id = $1 AND source = $2 AND account <> $3

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

-- suppressed_ids --
SELECT id, since
FROM attribution_suppressions
WHERE tenant_id = $1
ORDER BY since DESC, id

-- deliveries_of_events --
SELECT platform, event_id, d.state
FROM unnest($2::text[], $3::text[]) AS asked (platform, event_id)
JOIN deliveries AS d USING (platform, event_id)
WHERE d.tenant_id = $1 AND d.kind = 'event'

-- sealed_webhooks --
SELECT source, account, secret_encrypted AS sealed, previous_secret_encrypted AS sealed_before
FROM webhook_sources
ORDER BY source, account

-- reseal_webhook --
UPDATE webhook_sources SET secret_encrypted = $4, previous_secret_encrypted = $6
WHERE source = $1 AND account = $2 AND secret_encrypted = $3
    AND previous_secret_encrypted IS NOT DISTINCT FROM $5
RETURNING source

-- sealed_keys --
SELECT key_sha256, signing_secret_encrypted AS sealed FROM api_keys
WHERE signing_secret_encrypted IS NOT NULL
ORDER BY key_sha256

-- reseal_key --
UPDATE api_keys SET signing_secret_encrypted = $3
WHERE key_sha256 = $1 AND signing_secret_encrypted = $2
RETURNING key_sha256
