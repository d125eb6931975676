-- accounts --
-- Where nothing is sent, be it for want of an account to send to, nobody switches anything on.
SELECT tenant_id, account_id, credentials_encrypted
FROM platform_connections
WHERE platform = $1 AND ($2::text IS NULL OR tenant_id = $2) 
    AND (enabled OR account_id = '' OR NOT $3::boolean)
ORDER BY tenant_id

-- local_date --
SELECT ((timestamptz 'epoch' + $2::bigint * interval '1 millisecond') AT TIME ZONE time_zone)::date
FROM attribution_settings
WHERE tenant_id = $1

-- reading --
SELECT read_to, (extract(epoch FROM restated_at) * 1000)::bigint AS restated_at,
    (extract(epoch FROM last_success_at) * 1000)::bigint AS last_success_at,
    (extract(epoch FROM paused_until) * 1000)::bigint AS paused_until
FROM spend_readings
WHERE tenant_id = $1 AND platform = $2 AND account_id = $3 AND level = $4

-- note_read_to --
INSERT INTO spend_readings (tenant_id, platform, account_id, level, connection, read_to)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant_id, platform, account_id, level) DO UPDATE
SET read_to = greatest(spend_readings.read_to, excluded.read_to)

-- note_success --
UPDATE spend_readings
SET last_success_at = timestamptz 'epoch' + $5::bigint * interval '1 millisecond',
    restated_at = CASE WHEN $6::boolean
        THEN timestamptz 'epoch' + $5::bigint * interval '1 millisecond' ELSE restated_at END,
    last_error = NULL, last_error_at = NULL, refused = false, paused_until = NULL
WHERE tenant_id = $1 AND platform = $2 AND account_id = $3 AND level = $4

-- note_error --
INSERT INTO spend_readings (
    tenant_id, platform, account_id, level, connection, last_error, last_error_at, refused,
    paused_until
)
VALUES (
    $1, $2, $3, $4, $5, $6, timestamptz 'epoch' + $7::bigint * interval '1 millisecond', $8,
    timestamptz 'epoch' + $9::bigint * interval '1 millisecond'
)
ON CONFLICT (tenant_id, platform, account_id, level) DO UPDATE
SET last_error = excluded.last_error, last_error_at = excluded.last_error_at,
    refused = excluded.refused, paused_until = excluded.paused_until

-- refusal --
SELECT last_error
FROM spend_readings
WHERE tenant_id = $1 AND connection = $2 AND refused
ORDER BY last_error_at DESC
LIMIT 1

-- campaigns_known --
SELECT date, subject, channel, campaign, campaign_id, campaign_type, currency
FROM daily_spend
WHERE tenant_id = $1 AND source = $2 AND account_id = $3 AND platform = $2
    AND date BETWEEN $4 AND $5
    AND (
        amount, coalesce(impressions, 0), coalesce(clicks, 0), coalesce(conversions, 0),
        coalesce(view_conversions, 0), coalesce(click_conversions, 0)
    ) <> (0, 0, 0, 0, 0, 0)

-- ads_known --
SELECT date, ad_id AS subject, channel, campaign, campaign_id, campaign_type, currency, ad_id, ad,
    ad_group_id, ad_group, creative_id
FROM daily_ad_spend
WHERE tenant_id = $1 AND source = $2 AND account_id = $3 AND platform = $2
    AND date BETWEEN $4 AND $5
    AND (
        amount, coalesce(impressions, 0), coalesce(clicks, 0), coalesce(conversions, 0),
        coalesce(view_conversions, 0), coalesce(click_conversions, 0)
    ) <> (0, 0, 0, 0, 0, 0)

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

-- promised --
-- What is older was asked for before figures that are newer may have been read.
SELECT report
FROM spend_reports
WHERE tenant_id = $1 AND platform = $2 AND account_id = $3 AND question = $4
    AND promised_at > timestamptz 'epoch' + $5::bigint * interval '1 millisecond'

-- note_report --
INSERT INTO spend_reports (tenant_id, platform, account_id, question, report, promised_at)
VALUES ($1, $2, $3, $4, $5, timestamptz 'epoch' + $6::bigint * interval '1 millisecond')
ON CONFLICT (tenant_id, platform, account_id, question) DO UPDATE
SET report = excluded.report, promised_at = excluded.promised_at

-- forget_report --
-- And those of the account that nobody will ask for again.
DELETE FROM spend_reports
WHERE tenant_id = $1 AND platform = $2 AND account_id = $3
    AND (
        question = $4 OR promised_at <= timestamptz 'epoch' + $5::bigint * interval '1 millisecond'
    )
