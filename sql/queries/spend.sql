-- accounts --
-- Where nothing is ever sent, nobody switches anything on.
SELECT tenant_id, account_id, credentials_encrypted
FROM platform_connections
WHERE platform = $1 AND ($2::text IS NULL OR tenant_id = $2) AND (enabled OR NOT $3::boolean)
ORDER BY tenant_id

-- reading --
SELECT read_to, (extract(epoch FROM paused_until) * 1000)::bigint AS paused_until
FROM spend_readings
WHERE tenant_id = $1 AND platform = $2 AND account_id = $3 AND level = $4

-- note_read_to --
INSERT INTO spend_readings (tenant_id, platform, account_id, level, read_to)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, platform, account_id, level) DO UPDATE
SET read_to = greatest(spend_readings.read_to, excluded.read_to)

-- note_success --
INSERT INTO spend_readings (tenant_id, platform, account_id, level, last_success_at)
VALUES ($1, $2, $3, $4, timestamptz 'epoch' + $5::bigint * interval '1 millisecond')
ON CONFLICT (tenant_id, platform, account_id, level) DO UPDATE
SET last_success_at = excluded.last_success_at, last_error = NULL, last_error_at = NULL,
    paused_until = NULL

-- note_error --
INSERT INTO spend_readings (
    tenant_id, platform, account_id, level, last_error, last_error_at, paused_until
)
VALUES (
    $1, $2, $3, $4, $5, timestamptz 'epoch' + $6::bigint * interval '1 millisecond',
    timestamptz 'epoch' + $7::bigint * interval '1 millisecond'
)
ON CONFLICT (tenant_id, platform, account_id, level) DO UPDATE
SET last_error = excluded.last_error, last_error_at = excluded.last_error_at,
    paused_until = excluded.paused_until

-- campaigns_known --
SELECT date, subject, channel, campaign, campaign_id, campaign_type, currency
FROM daily_spend
WHERE tenant_id = $1 AND source = $2 AND account_id = $3 AND platform = $2
    AND date BETWEEN $4 AND $5
    AND (amount, coalesce(impressions, 0), coalesce(clicks, 0), coalesce(conversions, 0))
        <> (0, 0, 0, 0)

-- ads_known --
SELECT date, ad_id AS subject, channel, campaign, campaign_id, campaign_type, currency, ad_id, ad,
    ad_group_id, ad_group, creative_id
FROM daily_ad_spend
WHERE tenant_id = $1 AND source = $2 AND account_id = $3 AND platform = $2
    AND date BETWEEN $4 AND $5
    AND (amount, coalesce(impressions, 0), coalesce(clicks, 0), coalesce(conversions, 0))
        <> (0, 0, 0, 0)

-- backfill --
SELECT read_to, figures
FROM spend_backfills
WHERE tenant_id = $1 AND platform = $2 AND account_id = $3 AND level = $4
    AND since = $5 AND until = $6

-- note_backfill --
INSERT INTO spend_backfills (
    tenant_id, platform, account_id, level, since, until, read_to, figures, updated_at
)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, timestamptz 'epoch' + $9::bigint * interval '1 millisecond'
)
ON CONFLICT (tenant_id, platform, account_id, level, since, until) DO UPDATE
SET read_to = excluded.read_to, figures = excluded.figures, updated_at = excluded.updated_at
