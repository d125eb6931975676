-- is_used --
SELECT EXISTS (SELECT 1 FROM consumed_offsets) OR EXISTS (SELECT 1 FROM deliveries)

-- wipe --
TRUNCATE
    consumed_offsets, outcome_counts, conservation_offsets, conservation_counts,
    dead_letter_replays,
    attribution_touchpoints, identity_nodes, identity_edges, identity_unlinks, identity_dirty,
    order_versions, order_refunds, conversions, conversion_nodes, conversion_revision,
    conversions_due, pixel_events, survey_responses, consent_flags, tenant_settings, fx_rates,
    erased_ids, erased_records, erasure_turns,
    channel_rule_passes, influencers, attribution_models, attribution_training_checkpoints,
    attribution_transitions,
    offline_rows, offline_contents, offline_reports,
    credit_applied, credit_rows, summary_cells, journeys, journey_cells, daily_spend,
    daily_ad_spend, customer_days_due, customer_days, cohort_days,
    shadow_runs, shadow_ranges, shadow_credit_rows, shadow_cells,
    dedupe_keys, deliveries, delivery_dlq, capi_delivery_log, delivery_circuit_openings,
    delivery_gates, delivery_consent_log, delivery_receipts
RESTART IDENTITY

-- new_epoch --
UPDATE database_epoch SET epoch = gen_random_uuid()

-- forget_ends --
DELETE FROM rebuild_ends

-- note_ends --
INSERT INTO rebuild_ends (topic, partition, end_offset)
SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[])

-- restore_claims --
INSERT INTO dedupe_keys (
    tenant_id, platform, event_id, kind, source_topic, source_partition, source_offset, first_seen,
    conversion_id, amount, turn
)
SELECT
    tenant_id, platform, event_id, kind, 'delivery_outcomes.v1', part, record_offset,
    timestamptz 'epoch' + occurred_at * interval '1 millisecond', conversion_id, amount, turn
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::bigint[], $7::bigint[],
    $8::text[], $9::bigint[], $10::integer[]
) AS restored (
    tenant_id, platform, event_id, kind, part, record_offset, occurred_at, conversion_id, amount,
    turn
)
ON CONFLICT DO NOTHING

-- restore_ledger --
INSERT INTO deliveries (
    tenant_id, platform, event_id, kind, event_name, order_id, occurred_at, state, attempts,
    next_attempt_at, deadline_at, http_status, error, finished_at, published, turn, after_event_id
)
SELECT
    tenant_id, platform, event_id, kind, event_name, order_id,
    timestamptz 'epoch' + occurred_at * interval '1 millisecond', state, attempts,
    timestamptz 'epoch' + finished_at * interval '1 millisecond',
    timestamptz 'epoch' + finished_at * interval '1 millisecond', http_status, error,
    timestamptz 'epoch' + finished_at * interval '1 millisecond', true, turn, after_event_id
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[],
    $8::text[], $9::integer[], $10::bigint[], $11::integer[], $12::text[], $13::integer[],
    $14::text[]
) AS restored (
    tenant_id, platform, event_id, kind, event_name, order_id, occurred_at, state, attempts,
    finished_at, http_status, error, turn, after_event_id
)
ON CONFLICT DO NOTHING

-- restore_dead --
INSERT INTO delivery_dlq (
    tenant_id, platform, event_id, kind, reason, error, attempts, created_at
)
SELECT tenant_id, platform, event_id, kind, state, error, attempts, finished_at
FROM deliveries
WHERE state IN ('rejected', 'expired', 'unknown')
ON CONFLICT DO NOTHING
