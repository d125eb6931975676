-- try_lead --
SELECT pg_try_advisory_lock(hashtextextended('attributary.schedule', 0))

-- hold_lead --
-- A leader that is paused, or cut off, does not ask any more: the server ends its session.
SELECT set_config('idle_session_timeout', $1, false)

-- still_there --
SELECT 1

-- latest_runs --
SELECT
    latest.name, latest.attempt, latest.outcome,
    (extract(epoch FROM latest.scheduled_for) * 1000)::bigint AS scheduled_for,
    (extract(epoch FROM latest.finished_at) * 1000)::bigint AS finished_at
FROM unnest($1::text[]) AS job (name)
CROSS JOIN LATERAL (
    SELECT * FROM job_runs
    WHERE name = job.name AND NOT manual
    ORDER BY scheduled_for DESC, attempt DESC
    LIMIT 1
) AS latest

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

-- training_epoch --
SELECT epoch::text FROM database_epoch

-- training_settings --
SELECT attribution_mode, lookback_days, half_life_days::float8, model_promotion,
    restate_on_promotion, half_life_fit
FROM attribution_settings
WHERE tenant_id = $1

-- training_until --
-- Without a touch nothing can be learned.
SELECT (extract(epoch FROM greatest(
    t.newest,
    (
        SELECT max(converted_at) FROM conversions
        WHERE tenant_id = $1
            AND converted_at <= timestamptz 'epoch' + $2::bigint * interval '1 millisecond'
    )
)) * 1000)::bigint
FROM (
    SELECT max(occurred_at) AS newest FROM attribution_touchpoints
    WHERE tenant_id = $1
        AND occurred_at <= timestamptz 'epoch' + $2::bigint * interval '1 millisecond'
) AS t
WHERE t.newest IS NOT NULL

-- training_size --
SELECT count(*) FROM attribution_touchpoints
WHERE tenant_id = $1
    AND occurred_at >= timestamptz 'epoch' + $2::bigint * interval '1 millisecond'
    AND occurred_at <= timestamptz 'epoch' + $3::bigint * interval '1 millisecond'
    AND ($4::boolean OR touchpoint_type = 'click')

-- training_people --
SELECT DISTINCT person_id FROM identity_nodes
WHERE tenant_id = $1 AND person_id > $2 AND NOT quarantined
ORDER BY person_id
LIMIT $3

-- training_touches --
SELECT n.person_id, own.channel, (extract(epoch FROM own.occurred_at) * 1000)::bigint AS occurred_at
FROM identity_nodes AS n
CROSS JOIN LATERAL (
    SELECT t.channel, t.occurred_at
    FROM attribution_touchpoints AS t
    WHERE t.tenant_id = n.tenant_id AND t.anchor = n.node
        AND t.occurred_at >= timestamptz 'epoch' + $3::bigint * interval '1 millisecond'
        AND t.occurred_at <= timestamptz 'epoch' + $4::bigint * interval '1 millisecond'
        AND ($5::boolean OR t.touchpoint_type = 'click')
        AND NOT t.is_bot
    ORDER BY t.occurred_at DESC, t.touchpoint_id DESC
    LIMIT $6
) AS own
WHERE n.tenant_id = $1 AND n.person_id = ANY ($2::text[]) AND NOT n.quarantined

-- training_conversions --
SELECT person_id, conversion_id, (extract(epoch FROM converted_at) * 1000)::bigint AS converted_at
FROM conversions
WHERE tenant_id = $1 AND person_id = ANY ($2::text[]) AND state <> 'pending_order'
    AND status NOT IN ('refunded', 'cancelled', 'charged_back')
    AND converted_at >= timestamptz 'epoch' + $3::bigint * interval '1 millisecond'
    AND converted_at <= timestamptz 'epoch' + $4::bigint * interval '1 millisecond'

-- training_progress --
SELECT max(chunk) AS chunk, max(after) AS after, min(plan) AS plan, sum(people)::bigint AS people,
    sum(cardinality(age_ms))::bigint AS touches
FROM attribution_training_checkpoints
WHERE tenant_id = $1
HAVING count(*) > 0

-- put_training_chunk --
INSERT INTO attribution_training_checkpoints (
    tenant_id, chunk, plan, after, people, channels, journeys, ended_on, converted, sizes, channel,
    age_ms
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)

-- training_chunks --
SELECT coalesce(max(chunk), 0) FROM attribution_training_checkpoints WHERE tenant_id = $1

-- training_chunk --
SELECT people, channels, journeys, ended_on, converted, sizes, channel, age_ms
FROM attribution_training_checkpoints
WHERE tenant_id = $1 AND chunk = $2

-- forget_training --
DELETE FROM attribution_training_checkpoints WHERE tenant_id = $1

-- note_training --
INSERT INTO attribution_trainings (
    tenant_id, trained_at, state, reason, promotion, version, document, since, until, one_in, people,
    touches, journeys, conversions, metrics, channels, half_life, removal
)
VALUES (
    $1, timestamptz 'epoch' + $2::bigint * interval '1 millisecond', $3, $4, $5, $6, $7,
    timestamptz 'epoch' + $8::bigint * interval '1 millisecond',
    timestamptz 'epoch' + $9::bigint * interval '1 millisecond',
    $10, $11, $12, $13, $14, $15::jsonb, $16::jsonb, $17::jsonb, $18::jsonb
)
ON CONFLICT (tenant_id, trained_at) DO NOTHING

-- standing_model --
SELECT version FROM attribution_models
WHERE tenant_id = $1 AND model = 'data_driven'
ORDER BY issued_at DESC, command_id DESC, applies_from DESC, version DESC
LIMIT 1

-- trained_lately --
SELECT DISTINCT tenant_id FROM attribution_trainings
WHERE state <> 'failed'
    AND trained_at > timestamptz 'epoch' + $1::bigint * interval '1 millisecond'

-- lock_training --
SELECT pg_try_advisory_lock(hashtextextended('attributary.training.' || $1::text, 0))

-- unlock_training --
SELECT pg_advisory_unlock(hashtextextended('attributary.training.' || $1::text, 0))

-- forget_transitions --
DELETE FROM attribution_transitions WHERE tenant_id = $1

-- put_transitions --
INSERT INTO attribution_transitions (tenant_id, date, from_channel, to_channel, count)
SELECT $1, date '1970-01-01' + told.day, told.from_channel, told.to_channel, told.count
FROM unnest($2::int[], $3::text[], $4::text[], $5::bigint[])
    AS told (day, from_channel, to_channel, count)

-- offline_matches --
SELECT tenant_id, taken, matched
FROM attributary_offline_matches($1)
WHERE $2::text IS NULL OR tenant_id = $2
ORDER BY tenant_id

-- put_match_quality --
INSERT INTO platform_match_quality (
    tenant_id, platform, account_id, emq_score, emq_parameter_scores, last_emq_check_at
)
VALUES ($1, $2, $3, $4, $5::jsonb, timestamptz 'epoch' + $6::bigint * interval '1 millisecond')
ON CONFLICT (tenant_id, platform) DO UPDATE
SET account_id = excluded.account_id,
    emq_score = excluded.emq_score,
    emq_parameter_scores = excluded.emq_parameter_scores,
    last_emq_check_at = excluded.last_emq_check_at
