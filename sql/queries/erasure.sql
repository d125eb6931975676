-- begin --
INSERT INTO person_erasures (tenant_id, erasure_id, erased_at, reason, subjects, counts)
VALUES ($1, $2, $3, $4, $5, $6::jsonb)

-- unfinished --
SELECT tenant_id, erasure_id, erased_at, subjects
FROM person_erasures
WHERE tenant_id = $1 AND finished_at IS NULL
ORDER BY asked_at, erasure_id

-- is_applied --
SELECT count(*) FROM erased_ids
WHERE tenant_id = $1 AND subject = ANY($2::text[]) AND erased_at >= $3

-- known --
SELECT EXISTS (SELECT FROM person_keys WHERE tenant_id = $1 AND subject = ANY($2::text[]))
    OR EXISTS (SELECT FROM consent_flags WHERE tenant_id = $1 AND node = ANY($3::text[]))

-- mentions --
SELECT audited, predictions, checkpoints FROM attributary_erase_mentions($1, $2)

-- wait_for_writers --
-- Whoever took deliveries in without knowing of the erasure has ended once this is given.
LOCK TABLE deliveries IN SHARE MODE

-- deliveries --
SELECT stripped, cancelled, under_way
FROM attributary_erase_deliveries(
    $1, $2, timestamptz 'epoch' + $3::bigint * interval '1 millisecond'
)

-- finish --
UPDATE person_erasures SET counts = counts || $3::jsonb, finished_at = now()
WHERE tenant_id = $1 AND erasure_id = $2
