-- connection --
SELECT account_id, credentials_encrypted, enabled FROM platform_connections
WHERE tenant_id = $1 AND platform = $2

-- locked_connection --
-- Nobody else renews, connects or disconnects it until the transaction ends.
SELECT account_id, credentials_encrypted, enabled FROM platform_connections
WHERE tenant_id = $1 AND platform = $2
FOR NO KEY UPDATE

-- put_connection --
INSERT INTO platform_connections (
    tenant_id, platform, account_id, credentials_encrypted, ad_account_id, enabled
)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant_id, platform) DO UPDATE SET
    account_id = excluded.account_id,
    credentials_encrypted = excluded.credentials_encrypted,
    ad_account_id = excluded.ad_account_id,
    enabled = CASE WHEN platform_connections.account_id = '' THEN excluded.enabled
        ELSE platform_connections.enabled END

-- begin_connection --
INSERT INTO platform_connections (tenant_id, platform, account_id, credentials_encrypted, enabled)
VALUES ($1, $2, '', $3, false)
ON CONFLICT (tenant_id, platform) DO NOTHING

-- change_connection --
UPDATE platform_connections
SET account_id = $3, credentials_encrypted = $4, ad_account_id = $5, enabled = $6
WHERE tenant_id = $1 AND platform = $2

-- renew_connection --
UPDATE platform_connections SET credentials_encrypted = $3
WHERE tenant_id = $1 AND platform = $2

-- switch_connection --
UPDATE platform_connections SET enabled = $3
WHERE tenant_id = $1 AND platform = $2 AND account_id <> ''
RETURNING platform

-- remove_connection --
DELETE FROM platform_connections
WHERE tenant_id = $1 AND platform = $2
RETURNING platform

-- connections_of --
SELECT platform, account_id, enabled FROM platform_connections
WHERE tenant_id = $1
ORDER BY platform

-- begin_attempt --
INSERT INTO connection_attempts (
    nonce_sha256, tenant_id, platform, verifier_encrypted, redirect_url, expires_at
)
VALUES ($1, $2, $3, $4, $5, timestamptz 'epoch' + $6::bigint * interval '1 millisecond')

-- take_attempt --
DELETE FROM connection_attempts
WHERE nonce_sha256 = $1 AND tenant_id = $2 AND platform = $3
RETURNING verifier_encrypted, redirect_url

-- forget_attempts --
DELETE FROM connection_attempts
WHERE expires_at < timestamptz 'epoch' + $1::bigint * interval '1 millisecond'

-- sealed --
SELECT tenant_id, platform, credentials_encrypted AS sealed FROM platform_connections
ORDER BY tenant_id, platform

-- reseal --
UPDATE platform_connections SET credentials_encrypted = $4
WHERE tenant_id = $1 AND platform = $2 AND credentials_encrypted = $3
RETURNING platform

-- to_check --
SELECT tenant_id, platform, account_id, credentials_encrypted, enabled
FROM platform_connections
WHERE ($1::text IS NULL OR tenant_id = $1) AND platform = ANY ($2::text[])
ORDER BY tenant_id, platform

-- latest_attempts --
SELECT status, http_status,
       (extract(epoch FROM created_at) * 1000)::bigint AS created_at
FROM capi_delivery_log
WHERE tenant_id = $1 AND platform = $2
    AND created_at > timestamptz 'epoch' + $3::bigint * interval '1 millisecond'
ORDER BY created_at DESC
LIMIT 20

-- put_check --
INSERT INTO connection_checks (tenant_id, platform, state, reason, source, checked_at, since)
VALUES ($1, $2, $3, $4, $5,
    timestamptz 'epoch' + $6::bigint * interval '1 millisecond',
    timestamptz 'epoch' + $6::bigint * interval '1 millisecond')
ON CONFLICT (tenant_id, platform) DO UPDATE SET
    state = excluded.state, reason = excluded.reason, source = excluded.source,
    checked_at = excluded.checked_at,
    since = CASE WHEN connection_checks.state = excluded.state THEN connection_checks.since
        ELSE excluded.since END

-- put_spend_refusal --
-- Who may send and not read does half of its work.
INSERT INTO connection_checks (tenant_id, platform, state, reason, source, checked_at, since)
VALUES ($1, $2, 'needs_reauth', $3, 'spend',
    timestamptz 'epoch' + $4::bigint * interval '1 millisecond',
    timestamptz 'epoch' + $4::bigint * interval '1 millisecond')
ON CONFLICT (tenant_id, platform) DO UPDATE SET
    state = CASE WHEN connection_checks.state IN ('healthy', 'degraded') THEN 'degraded'
        ELSE excluded.state END,
    reason = excluded.reason, source = excluded.source, checked_at = excluded.checked_at,
    since = CASE WHEN connection_checks.state IN ('degraded', 'needs_reauth')
        THEN connection_checks.since ELSE excluded.since END

-- put_spend_success --
-- What only the reading of spend found is over; who is asked otherwise finds the rest.
UPDATE connection_checks
SET state = 'healthy', reason = $3,
    checked_at = timestamptz 'epoch' + $4::bigint * interval '1 millisecond',
    since = timestamptz 'epoch' + $4::bigint * interval '1 millisecond'
WHERE tenant_id = $1 AND platform = $2 AND source = 'spend' AND state <> 'healthy'

-- forget_checks --
DELETE FROM connection_checks AS c
WHERE NOT EXISTS (
    SELECT FROM platform_connections AS p
    WHERE p.tenant_id = c.tenant_id AND p.platform = c.platform
)

-- checks_of --
SELECT platform, state, reason, checked_at, since FROM connection_health
WHERE tenant_id = $1
ORDER BY platform
