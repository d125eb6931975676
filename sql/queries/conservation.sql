-- consumed_of --
SELECT consumer_group, partition, base_offset, next_offset
FROM consumed_offsets
WHERE topic = $1

-- counted_of --
SELECT consumer_group, partition, base_offset, next_offset, end_offset, is_level, expired_until
FROM conservation_offsets
WHERE topic = $1

-- put_offsets --
INSERT INTO conservation_offsets (
    topic, consumer_group, partition, base_offset, next_offset, end_offset, is_level, expired_until,
    checked_at
)
SELECT $1, consumer_group, partition, base, next, last, is_level, expired_until,
    timestamptz 'epoch' + $9::bigint * interval '1 millisecond'
FROM unnest(
    $2::text[], $3::integer[], $4::bigint[], $5::bigint[], $6::bigint[], $7::boolean[], $8::date[]
) AS reached (consumer_group, partition, base, next, last, is_level, expired_until)
ON CONFLICT (consumer_group, topic, partition)
DO UPDATE SET next_offset = excluded.next_offset, end_offset = excluded.end_offset,
    is_level = excluded.is_level, expired_until = excluded.expired_until,
    checked_at = excluded.checked_at

-- add_received --
INSERT INTO conservation_counts AS had (
    topic, consumer_group, partition, tenant_id, day, received, reached
)
SELECT $1, consumer_group, partition, tenant_id, day, received, reached
FROM unnest(
    $2::text[], $3::integer[], $4::text[], $5::date[], $6::bigint[], $7::bigint[]
) AS read (consumer_group, partition, tenant_id, day, received, reached)
ON CONFLICT (tenant_id, consumer_group, topic, partition, day)
DO UPDATE SET received = had.received + excluded.received, reached = had.reached + excluded.reached

-- settle --
-- Of the partitions that are level: what the group says of the days since then (null: all), and of
-- the days that were just read. A cell that the group has no count of any more has none here.
WITH days AS (
    SELECT DISTINCT read.partition, read.tenant_id, read.day
    FROM unnest($5::integer[], $6::text[], $7::date[]) AS read (partition, tenant_id, day)
),
said AS (
    SELECT partition, tenant_id, day,
        coalesce(sum(n) FILTER (WHERE outcome = 'applied'), 0)::bigint AS applied,
        coalesce(sum(n) FILTER (WHERE outcome = 'duplicate'), 0)::bigint AS duplicate,
        coalesce(sum(n) FILTER (WHERE outcome = 'filtered'), 0)::bigint AS filtered,
        coalesce(sum(n) FILTER (WHERE outcome = 'dead'), 0)::bigint AS dead
    FROM (
        SELECT partition, tenant_id, day, outcome, n
        FROM outcome_counts
        WHERE consumer_group = $1 AND topic = $2 AND partition = ANY ($3::integer[])
          AND ($4::date IS NULL OR day >= $4 OR (partition, tenant_id, day) IN (SELECT * FROM days))
        UNION ALL
        SELECT partition, tenant_id, day, '', 0
        FROM conservation_counts
        WHERE consumer_group = $1 AND topic = $2 AND partition = ANY ($3::integer[])
          AND ($4::date IS NULL OR day >= $4 OR (partition, tenant_id, day) IN (SELECT * FROM days))
    ) AS told
    GROUP BY partition, tenant_id, day
)
INSERT INTO conservation_counts AS had (
    consumer_group, topic, partition, tenant_id, day, applied, duplicate, filtered, dead
)
SELECT $1, $2, partition, tenant_id, day, applied, duplicate, filtered, dead
FROM said
ON CONFLICT (tenant_id, consumer_group, topic, partition, day)
DO UPDATE SET applied = excluded.applied, duplicate = excluded.duplicate,
    filtered = excluded.filtered, dead = excluded.dead
WHERE (had.applied, had.duplicate, had.filtered, had.dead)
    IS DISTINCT FROM (excluded.applied, excluded.duplicate, excluded.filtered, excluded.dead)

-- wrong --
SELECT tenant_id, day::text AS day, consumer_group, topic, gap, surplus, checked_at::text
FROM conservation_ledger
WHERE state = 'wrong'
ORDER BY day DESC, consumer_group, topic, tenant_id
