CREATE TABLE consumed_offsets (
    consumer_group text COLLATE "C" NOT NULL,
    topic text COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    base_offset bigint NOT NULL,
    next_offset bigint NOT NULL,
    PRIMARY KEY (consumer_group, topic, partition)
);
COMMENT ON TABLE consumed_offsets IS 'How far each consumer group''s effects reach, moved in the transaction that has the effects. Writer: engine.';
COMMENT ON COLUMN consumed_offsets.consumer_group IS 'Consumer group, which is the processor''s name.';
COMMENT ON COLUMN consumed_offsets.topic IS 'Logical topic name.';
COMMENT ON COLUMN consumed_offsets.partition IS 'Partition.';
COMMENT ON COLUMN consumed_offsets.base_offset IS 'First offset that this database saw of the partition.';
COMMENT ON COLUMN consumed_offsets.next_offset IS 'Records below it are applied and counted.';

CREATE TABLE outcome_counts (
    consumer_group text COLLATE "C" NOT NULL,
    topic text COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    tenant_id text COLLATE "C" NOT NULL,
    day date NOT NULL,
    outcome text COLLATE "C" NOT NULL CHECK (outcome IN ('applied', 'duplicate', 'filtered', 'dead')),
    rule text COLLATE "C" NOT NULL DEFAULT '',
    n bigint NOT NULL,
    PRIMARY KEY (consumer_group, topic, partition, tenant_id, day, outcome, rule)
);
COMMENT ON TABLE outcome_counts IS 'How records ended, counted once each in the transaction that has the effect. Writer: engine.';
COMMENT ON COLUMN outcome_counts.consumer_group IS 'Consumer group.';
COMMENT ON COLUMN outcome_counts.topic IS 'Logical topic name.';
COMMENT ON COLUMN outcome_counts.partition IS 'Partition; keeps replicas off each other''s rows.';
COMMENT ON COLUMN outcome_counts.tenant_id IS 'Tenant of the record''s key; ? when it has none.';
COMMENT ON COLUMN outcome_counts.day IS 'UTC date of the record''s receipt.';
COMMENT ON COLUMN outcome_counts.outcome IS 'How it ended.';
COMMENT ON COLUMN outcome_counts.rule IS 'The rule that filtered it, or the reason of the dead letter.';
COMMENT ON COLUMN outcome_counts.n IS 'Number of records.';

CREATE TABLE dead_letter_replays (
    topic text COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    record_offset bigint NOT NULL,
    consumer_group text COLLATE "C" NOT NULL,
    replayed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition, record_offset, consumer_group)
);
COMMENT ON TABLE dead_letter_replays IS 'Dead letters that were put back on their topic. Writer: engine.';
COMMENT ON COLUMN dead_letter_replays.topic IS 'Logical topic of the record, not of the dead letter.';
COMMENT ON COLUMN dead_letter_replays.partition IS 'Partition of the record.';
COMMENT ON COLUMN dead_letter_replays.record_offset IS 'Offset of the record.';
COMMENT ON COLUMN dead_letter_replays.consumer_group IS 'The group that had refused it.';
COMMENT ON COLUMN dead_letter_replays.replayed_at IS 'When it was put back.';
