-- lock_offsets --
SELECT topic, partition, next_offset
FROM consumed_offsets
WHERE consumer_group = $1
  AND (topic, partition) IN (SELECT * FROM unnest($2::text[], $3::int[]))
ORDER BY topic, partition
FOR UPDATE

-- claim_offsets --
INSERT INTO consumed_offsets (consumer_group, topic, partition, base_offset, next_offset)
SELECT $1, topic, partition, first, first
FROM unnest($2::text[], $3::int[], $4::bigint[]) AS claimed (topic, partition, first)
ORDER BY topic, partition
ON CONFLICT (consumer_group, topic, partition) DO NOTHING

-- record_progress --
WITH moved AS (
    UPDATE consumed_offsets AS stored
    SET next_offset = seen.after
    FROM unnest($2::text[], $3::int[], $4::bigint[]) AS seen (topic, partition, after)
    WHERE stored.consumer_group = $1
      AND stored.topic = seen.topic
      AND stored.partition = seen.partition
      AND stored.next_offset < seen.after
)
INSERT INTO outcome_counts
    (consumer_group, topic, partition, tenant_id, day, outcome, rule, n)
SELECT $1, topic, partition, tenant_id, day, outcome, rule, n
FROM unnest(
    $5::text[], $6::int[], $7::text[], $8::date[], $9::text[], $10::text[], $11::bigint[]
) AS counted (topic, partition, tenant_id, day, outcome, rule, n)
ORDER BY topic, partition, tenant_id, day, outcome, rule
ON CONFLICT (consumer_group, topic, partition, tenant_id, day, outcome, rule)
DO UPDATE SET n = outcome_counts.n + excluded.n

-- replayed --
SELECT partition, record_offset, consumer_group
FROM dead_letter_replays
WHERE topic = $1

-- note_replays --
INSERT INTO dead_letter_replays (topic, partition, record_offset, consumer_group)
SELECT $1, partition, record_offset, consumer_group
FROM unnest($2::int[], $3::bigint[], $4::text[]) AS done (partition, record_offset, consumer_group)
ON CONFLICT (topic, partition, record_offset, consumer_group)
DO UPDATE SET replayed_at = now()
