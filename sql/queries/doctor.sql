-- server --
SELECT
    current_setting('max_connections')::integer AS most,
    current_setting('superuser_reserved_connections')::integer AS reserved,
    (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
    pg_is_in_recovery() AS standby,
    (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS clock_ms

-- long_transactions --
SELECT pid, application_name, state, xact_start AS since
FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend'
    AND pid <> pg_backend_pid() AND xact_start < now() - interval '5 minutes'
ORDER BY xact_start
LIMIT 5

-- blocking --
SELECT b.pid, b.application_name, b.state, count(*) AS n, min(w.query_start) AS since
FROM pg_stat_activity AS w
CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) AS blocker (pid)
JOIN pg_stat_activity AS b ON b.pid = blocker.pid
WHERE w.datname = current_database() AND w.wait_event_type = 'Lock'
    AND w.query_start < now() - interval '10 seconds'
GROUP BY b.pid, b.application_name, b.state
ORDER BY n DESC
LIMIT 5

-- replicas --
SELECT coalesce(nullif(application_name, ''), client_addr::text, 'unnamed') AS name, state,
    coalesce(extract(epoch FROM replay_lag), 0)::float8 AS seconds,
    coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)::bigint AS bytes
FROM pg_stat_replication
WHERE NOT pg_is_in_recovery()

-- slots --
SELECT slot_name AS name,
    coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint AS bytes
FROM pg_replication_slots
WHERE NOT active AND NOT temporary AND NOT pg_is_in_recovery()

-- archiver --
SELECT last_failed_wal, last_failed_time AS since
FROM pg_stat_archiver
WHERE current_setting('archive_mode') <> 'off' AND last_failed_time IS NOT NULL
    AND (last_archived_time IS NULL OR last_failed_time > last_archived_time)

-- open_circuits --
SELECT tenant_id, platform, open_until, trips
FROM delivery_gates
WHERE open_until > now()
ORDER BY platform, tenant_id
LIMIT 20

-- sick_connections --
SELECT tenant_id, platform, state, reason, since
FROM connection_checks
WHERE state IN ('degraded', 'needs_reauth', 'revoked')
ORDER BY state DESC, since
LIMIT 20

-- waiting_deliveries --
SELECT platform,
    count(*) FILTER (WHERE state = 'queued') AS queued,
    count(*) FILTER (WHERE state = 'parked') AS parked,
    count(*) FILTER (
        WHERE state IN ('queued', 'parked') AND next_attempt_at < now() - interval '5 minutes'
    ) AS overdue,
    count(*) FILTER (
        WHERE state = 'sending' AND leased_until < now() - interval '5 minutes'
    ) AS stuck,
    min(next_attempt_at) FILTER (WHERE state IN ('queued', 'parked')) AS oldest
FROM deliveries
WHERE state IN ('queued', 'parked', 'sending')
GROUP BY platform
ORDER BY platform

-- money_at_risk --
SELECT platform, currency, sum(deliveries)::bigint AS deliveries, sum(value) AS value
FROM delivery_revenue_at_risk
WHERE deadline = 'next_hour'
GROUP BY platform, currency
ORDER BY platform, currency

-- dead_deliveries --
SELECT q.platform, q.reason, d.currency, count(*) AS n, min(q.created_at) AS oldest,
    sum(d.value) * attributary_unit(d.currency) AS value
FROM delivery_dlq AS q
LEFT JOIN deliveries AS d
    ON d.tenant_id = q.tenant_id AND d.platform = q.platform AND d.event_id = q.event_id
    AND d.kind = q.kind
WHERE q.replayed_at IS NULL
GROUP BY q.platform, q.reason, d.currency
ORDER BY n DESC
LIMIT 20

-- replayed_letters --
SELECT topic, count(*) AS n FROM dead_letter_replays GROUP BY topic

-- untold_alerts --
SELECT tenant_id, channel, state, count(*) AS n, min(created_at) AS since,
    coalesce(max(error), 'not tried yet') AS error
FROM alert_notifications
WHERE (state = 'pending' AND created_at < now() - interval '10 minutes')
    OR (state = 'given_up' AND created_at > now() - interval '1 day')
GROUP BY tenant_id, channel, state
ORDER BY since
LIMIT 10

-- database_made --
SELECT min(applied_at) FROM schema_migrations

-- open_incidents --
SELECT tenant_id, metric, platform, comparison, threshold, latest_value AS value,
    started_at AS since
FROM alert_incidents
WHERE ended_at IS NULL
ORDER BY started_at
LIMIT 10

-- ending_keys --
SELECT tenant_id, kind, key_sha256, expires_at
FROM api_keys
WHERE revoked_at IS NULL AND expires_at BETWEEN now() AND now() + interval '14 days'
ORDER BY expires_at
LIMIT 20

-- wrong_lines --
SELECT tenant_id, day, consumer_group, topic, gap, surplus
FROM conservation_ledger
WHERE state = 'wrong'
ORDER BY day DESC, consumer_group, topic, tenant_id
LIMIT $1

-- ledger_checked --
SELECT min(checked_at) FROM conservation_offsets

-- quarantined_ids --
SELECT tenant_id, count(*) AS n FROM identity_nodes WHERE quarantined
GROUP BY tenant_id
ORDER BY tenant_id

-- open_browser_keys --
SELECT tenant_id, key_sha256, label
FROM api_keys
WHERE kind = 'browser' AND origins = '{}' AND revoked_at IS NULL
    AND (expires_at IS NULL OR expires_at > now())
ORDER BY tenant_id, created_at
