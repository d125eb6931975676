-- api_keys --
SELECT key_sha256, tenant_id, kind, origins, events_per_second, burst_events, events_denied, dry_run,
       signing_secret_encrypted, (extract(epoch FROM expires_at) * 1000)::bigint AS expires_at
FROM api_keys
WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())

-- users --
SELECT u.email, u.password_hash, u.generation, u.role,
       array_agg(t.tenant_id ORDER BY t.tenant_id) AS tenants
FROM users AS u
JOIN user_tenants AS t USING (email)
WHERE u.disabled_at IS NULL
GROUP BY u.email

-- webhook_sources --
SELECT source, account, tenant_id, secret_encrypted, previous_secret_encrypted,
       verify_token_sha256,
       (extract(epoch FROM rotated_at) * 1000)::bigint AS rotated_at
FROM webhook_sources

-- platforms --
SELECT tenant_id, platform
FROM platform_connections
WHERE enabled
ORDER BY tenant_id, platform

-- failing_platforms --
SELECT tenant_id, platform
FROM attributary_failing_platforms()

-- currencies --
SELECT tenant_id, value
FROM tenant_settings
WHERE key = 'currency'

-- redirect_hosts --
SELECT tenant_id, value
FROM tenant_settings
WHERE key = 'redirect_hosts'

-- measurement_ids --
SELECT tenant_id, measurement_id
FROM attributary_measurement_ids()

-- privacy --
SELECT tenant_id, key, value
FROM tenant_settings
WHERE key = ANY ($1::text[])

-- offline_batches --
SELECT * FROM attributary_offline_batches($1, $2, $3)

-- offline_match_rate --
SELECT attributary_offline_match_rate($1, $2)

-- emq_of --
SELECT * FROM attributary_emq_of($1)

-- quality_report --
SELECT attributary_quality_report($1)::text AS report
