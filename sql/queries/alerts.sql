-- alert --
SELECT config_id, metric, platform, comparison, threshold, least_cases, window_minutes,
    cooldown_minutes, emails, webhook_url, webhook_secret_encrypted, created_at
FROM pixel_alert_configs
WHERE tenant_id = $1 AND ($2::text IS NULL OR config_id = $2)
ORDER BY config_id

-- add_alert --
INSERT INTO pixel_alert_configs (
    tenant_id, config_id, metric, platform, comparison, threshold, least_cases, window_minutes,
    cooldown_minutes, emails, webhook_url, webhook_secret_encrypted
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT DO NOTHING
RETURNING config_id

-- remove_alert --
DELETE FROM pixel_alert_configs WHERE tenant_id = $1 AND config_id = $2 RETURNING config_id

-- end_removed --
UPDATE alert_incidents SET ended_at = now(), ended_by = 'removed'
WHERE tenant_id = $1 AND config_id = $2 AND ended_at IS NULL

-- cancel_removed --
UPDATE alert_notifications SET state = 'given_up', error = 'the alert was removed', finished_at = now()
WHERE tenant_id = $1 AND config_id = $2 AND state = 'pending'

-- sealed_alerts --
SELECT tenant_id, config_id, webhook_secret_encrypted AS sealed FROM pixel_alert_configs
WHERE webhook_secret_encrypted IS NOT NULL
ORDER BY tenant_id, config_id

-- reseal_alert --
UPDATE pixel_alert_configs SET webhook_secret_encrypted = $4
WHERE tenant_id = $1 AND config_id = $2 AND webhook_secret_encrypted = $3
RETURNING config_id

-- open_incidents_of --
SELECT config_id, platform, metric, started_at, latest_value, seen_at
FROM alert_incidents
WHERE tenant_id = $1 AND ended_at IS NULL
ORDER BY started_at

-- alerts --
SELECT tenant_id, config_id, metric, platform, comparison, threshold::float8 AS threshold,
    least_cases, window_minutes, cooldown_minutes, emails, webhook_url
FROM pixel_alert_configs
WHERE $1::text IS NULL OR tenant_id = $1

-- standing --
-- The latest incident of each alert at each platform.
SELECT DISTINCT ON (c.tenant_id, c.config_id, i.platform)
    c.tenant_id, c.config_id, i.platform, i.incident_id, i.metric, i.comparison,
    i.threshold::float8 AS threshold, i.latest_value::float8 AS latest_value, i.cases,
    (extract(epoch FROM i.started_at) * 1000)::bigint AS started_at,
    (extract(epoch FROM i.ended_at) * 1000)::bigint AS ended_at,
    (extract(epoch FROM i.seen_at) * 1000)::bigint AS seen_at
FROM pixel_alert_configs AS c
JOIN alert_incidents AS i ON i.tenant_id = c.tenant_id AND i.config_id = c.config_id
WHERE $1::text IS NULL OR c.tenant_id = $1
ORDER BY c.tenant_id, c.config_id, i.platform, i.started_at DESC

-- read_conservation --
SELECT tenant_id, config_id, platform, value::float8 AS value, cases
FROM attributary_conservation_readings(timestamptz 'epoch' + $1::bigint * interval '1 millisecond', $2)

-- read_deliveries --
SELECT tenant_id, config_id, platform, value::float8 AS value, cases
FROM attributary_delivery_readings(timestamptz 'epoch' + $1::bigint * interval '1 millisecond', $2)
WHERE value IS NOT NULL

-- read_health --
SELECT tenant_id, config_id, platform, value::float8 AS value, cases
FROM attributary_health_readings(timestamptz 'epoch' + $1::bigint * interval '1 millisecond', $2)

-- read_matches --
SELECT tenant_id, config_id, platform, value::float8 AS value, cases
FROM attributary_match_readings(timestamptz 'epoch' + $1::bigint * interval '1 millisecond', $2)

-- read_platform_matches --
SELECT tenant_id, config_id, platform, value::float8 AS value, cases
FROM attributary_platform_match_readings(
    timestamptz 'epoch' + $1::bigint * interval '1 millisecond', $2
)

-- read_orders --
SELECT tenant_id, config_id, platform, value::float8 AS value, cases
FROM attributary_order_readings(timestamptz 'epoch' + $1::bigint * interval '1 millisecond', $2)
WHERE value IS NOT NULL

-- read_pipeline --
SELECT tenant_id, config_id, platform, value::float8 AS value, cases
FROM attributary_pipeline_readings(timestamptz 'epoch' + $1::bigint * interval '1 millisecond', $2)
WHERE value IS NOT NULL

-- read_pixels --
SELECT tenant_id, config_id, platform, value::float8 AS value, cases
FROM attributary_pixel_readings(timestamptz 'epoch' + $1::bigint * interval '1 millisecond', $2)

-- read_spend --
SELECT tenant_id, config_id, platform, value::float8 AS value, cases
FROM attributary_spend_readings(timestamptz 'epoch' + $1::bigint * interval '1 millisecond', $2)

-- start_incidents --
-- Of two that find the same at once one starts it: the other's row meets the index of what is open.
INSERT INTO alert_incidents (
    tenant_id, incident_id, config_id, platform, metric, comparison, threshold, started_at,
    started_value, latest_value, cases, seen_at
)
SELECT tenant_id, incident_id, config_id, platform, metric, comparison, threshold,
    timestamptz 'epoch' + $10::bigint * interval '1 millisecond', value, value, cases,
    timestamptz 'epoch' + $10::bigint * interval '1 millisecond'
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::numeric[],
    $8::numeric[], $9::bigint[]
) AS found (
    tenant_id, incident_id, config_id, platform, metric, comparison, threshold, value, cases
)
ON CONFLICT DO NOTHING
RETURNING incident_id

-- end_incidents --
UPDATE alert_incidents AS i
SET ended_at = timestamptz 'epoch' + $6::bigint * interval '1 millisecond', ended_by = f.ended_by,
    latest_value = f.value,
    cases = f.cases
FROM unnest($1::text[], $2::text[], $3::text[], $4::numeric[], $5::bigint[])
    AS f (tenant_id, incident_id, ended_by, value, cases)
WHERE i.tenant_id = f.tenant_id AND i.incident_id = f.incident_id AND i.ended_at IS NULL
RETURNING i.incident_id

-- see_incidents --
UPDATE alert_incidents AS i
SET seen_at = timestamptz 'epoch' + $5::bigint * interval '1 millisecond', latest_value = f.value,
    cases = f.cases
FROM unnest($1::text[], $2::text[], $3::numeric[], $4::bigint[])
    AS f (tenant_id, incident_id, value, cases)
WHERE i.tenant_id = f.tenant_id AND i.incident_id = f.incident_id AND i.ended_at IS NULL

-- put_notifications --
INSERT INTO alert_notifications (
    tenant_id, notification_id, incident_id, config_id, change, channel, target, body, created_at,
    next_attempt_at
)
SELECT tenant_id, notification_id, incident_id, config_id, change, channel, target, body::jsonb,
    timestamptz 'epoch' + $9::bigint * interval '1 millisecond',
    timestamptz 'epoch' + $9::bigint * interval '1 millisecond'
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]
) AS made (
    tenant_id, notification_id, incident_id, config_id, change, channel, target, body
)
ON CONFLICT DO NOTHING

-- claim_notifications --
-- A claim is a try: whoever dies with it leaves it to be tried again later. An end waits until its
-- start has been told.
UPDATE alert_notifications AS n
SET attempts = n.attempts + 1,
    next_attempt_at = timestamptz 'epoch' + $1::bigint * interval '1 millisecond'
        + $3::integer * power(2, least(n.attempts, 6)) * interval '1 second'
FROM (
    SELECT p.tenant_id, p.notification_id
    FROM alert_notifications AS p
    WHERE p.state = 'pending'
      AND p.next_attempt_at <= timestamptz 'epoch' + $1::bigint * interval '1 millisecond'
      AND ($2::text IS NULL OR p.tenant_id = $2)
      AND NOT (p.change = 'ended' AND EXISTS (
          SELECT FROM alert_notifications AS e
          WHERE e.tenant_id = p.tenant_id
            AND e.incident_id = p.incident_id
            AND e.channel = p.channel
            AND e.target = p.target
            AND e.change = 'started'
            AND e.state = 'pending'
      ))
    ORDER BY p.next_attempt_at
    LIMIT $4
    FOR UPDATE SKIP LOCKED
) AS due
WHERE n.tenant_id = due.tenant_id AND n.notification_id = due.notification_id
RETURNING n.tenant_id, n.notification_id, n.config_id, n.channel, n.target, n.body::text AS body,
    (extract(epoch FROM n.created_at) * 1000)::bigint AS created_at, n.attempts,
    (
        SELECT c.webhook_secret_encrypted FROM pixel_alert_configs AS c
        WHERE c.tenant_id = n.tenant_id AND c.config_id = n.config_id
    ) AS sealed

-- settle_notification --
-- What was taken stays taken, whatever a slower try of it says.
UPDATE alert_notifications
SET state = $3, error = $4,
    finished_at = CASE WHEN $3 = 'pending' THEN NULL
        ELSE timestamptz 'epoch' + $5::bigint * interval '1 millisecond' END
WHERE tenant_id = $1 AND notification_id = $2 AND state <> 'sent'
