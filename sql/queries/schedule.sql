-- try_lead --
SELECT pg_try_advisory_lock(hashtextextended('attributary.schedule', 0))

-- hold_lead --
-- A leader that is paused, or cut off, does not ask any more: the server ends its session.
SELECT set_config('idle_session_timeout', $1, false)

-- still_there --
SELECT 1

-- latest_runs --
SELECT DISTINCT ON (name)
    name, attempt, outcome,
    (extract(epoch FROM scheduled_for) * 1000)::bigint AS scheduled_for,
    (extract(epoch FROM finished_at) * 1000)::bigint AS finished_at
FROM job_runs
WHERE NOT manual
ORDER BY name, scheduled_for DESC, attempt DESC

-- shown_runs --
SELECT DISTINCT ON (name)
    name, attempt, outcome, manual, detail::text AS detail, scheduled_for, started_at, finished_at
FROM job_runs
WHERE outcome <> 'registered'
ORDER BY name, started_at DESC

-- claim_run --
INSERT INTO job_runs (
    name, scheduled_for, attempt, manual, started_at, finished_at, outcome
)
VALUES (
    $1, timestamptz 'epoch' + $2::bigint * interval '1 millisecond', $3, $4,
    timestamptz 'epoch' + $5::bigint * interval '1 millisecond',
    CASE WHEN $6 = 'running' THEN NULL
        ELSE timestamptz 'epoch' + $5::bigint * interval '1 millisecond' END,
    $6
)
ON CONFLICT (name, scheduled_for, attempt) DO NOTHING
RETURNING name

-- finish_run --
UPDATE job_runs
SET finished_at = timestamptz 'epoch' + $4::bigint * interval '1 millisecond', outcome = $5,
    detail = $6::jsonb
WHERE name = $1 AND scheduled_for = timestamptz 'epoch' + $2::bigint * interval '1 millisecond'
    AND attempt = $3 AND outcome = 'running'

-- abandon_runs --
UPDATE job_runs
SET finished_at = timestamptz 'epoch' + $1::bigint * interval '1 millisecond',
    outcome = 'abandoned'
WHERE outcome = 'running' AND NOT manual AND name <> ALL ($2::text[])
RETURNING name

-- tenants --
SELECT tenant_id FROM tenants WHERE $1::text IS NULL OR tenant_id = $1 ORDER BY tenant_id

-- connections --
SELECT c.tenant_id, c.credentials_encrypted, w.account, w.secret_encrypted
FROM platform_connections AS c
LEFT JOIN webhook_sources AS w ON w.tenant_id = c.tenant_id AND w.source = c.platform
WHERE c.platform = $1 AND ($2::text IS NULL OR c.tenant_id = $2)
ORDER BY c.tenant_id

-- switched_on --
SELECT tenant_id FROM tenant_settings
WHERE key = $1 AND lower(trim(value)) IN ('true', 'yes', 'on', '1')

-- conversions_of_orders --
SELECT c.order_id, c.gross, c.refunded, c.status, coalesce(r.state, c.state) AS state
FROM conversions AS c
LEFT JOIN credit_rows AS r USING (tenant_id, conversion_id)
WHERE c.tenant_id = $1 AND c.source = 'shopify' AND c.order_id = ANY ($2::text[])

-- note_reconciliation --
INSERT INTO order_reconciliation (
    tenant_id, run_at, since, dry_run, orders_in_shop, found, missing, differing, repaired,
    unattributed, state, error
)
VALUES (
    $1, timestamptz 'epoch' + $2::bigint * interval '1 millisecond',
    timestamptz 'epoch' + $3::bigint * interval '1 millisecond',
    $4, $5, $6, $7, $8, $9, $10, $11, $12
)

-- unattributed_orders --
SELECT conversion_id, unattributed_reason
FROM attribution_unattributed_orders
WHERE tenant_id = $1
    AND converted_at >= timestamptz 'epoch' + $2::bigint * interval '1 millisecond'
    AND conversion_id > $3
    AND unattributed_reason NOT IN ('pending_order', 'pending_rate')
ORDER BY conversion_id
LIMIT $4

-- survey_cursor --
SELECT last_id, (extract(epoch FROM reread_at) * 1000)::bigint AS reread_at
FROM survey_cursors
WHERE tenant_id = $1 AND provider = $2

-- put_survey_cursor --
INSERT INTO survey_cursors (tenant_id, provider, last_id, reread_at)
VALUES ($1, $2, $3, timestamptz 'epoch' + $4::bigint * interval '1 millisecond')
ON CONFLICT (tenant_id, provider) DO UPDATE
    SET last_id = excluded.last_id, reread_at = excluded.reread_at

-- spend_cursor --
SELECT read_to
FROM spend_cursors
WHERE tenant_id = $1 AND source = $2 AND account_id = $3

-- put_spend_cursor --
INSERT INTO spend_cursors (tenant_id, source, account_id, read_to)
VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant_id, source, account_id) DO UPDATE SET read_to = excluded.read_to
