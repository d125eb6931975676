-- What was received, counted from the topics by itself, beside what became of it.
CREATE TABLE conservation_offsets (
    consumer_group text COLLATE "C" NOT NULL,
    topic text COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    base_offset bigint NOT NULL,
    next_offset bigint NOT NULL,
    end_offset bigint NOT NULL,
    is_level boolean NOT NULL,
    expired_until date,
    checked_at timestamptz NOT NULL,
    PRIMARY KEY (consumer_group, topic, partition),
    CHECK (base_offset <= next_offset AND next_offset <= end_offset)
);
COMMENT ON TABLE conservation_offsets IS 'How far each topic was counted for each of its groups, moved in the transaction that has the counts. Bookkeeping: made again from the topics. Writer: conservation.';
COMMENT ON COLUMN conservation_offsets.consumer_group IS 'Consumer group.';
COMMENT ON COLUMN conservation_offsets.topic IS 'Logical topic name.';
COMMENT ON COLUMN conservation_offsets.partition IS 'Partition.';
COMMENT ON COLUMN conservation_offsets.base_offset IS 'First offset that is counted.';
COMMENT ON COLUMN conservation_offsets.next_offset IS 'Records below it are counted as reached by the group.';
COMMENT ON COLUMN conservation_offsets.end_offset IS 'Records below it are counted as received.';
COMMENT ON COLUMN conservation_offsets.is_level IS 'Whether next_offset is where the group''s own counts stood at that moment: only then may the two be compared.';
COMMENT ON COLUMN conservation_offsets.expired_until IS 'Records of days up to this one may have gone by the topic''s retention before they were counted, so those cannot be compared; null for none.';
COMMENT ON COLUMN conservation_offsets.checked_at IS 'When it was counted last.';

CREATE TABLE conservation_counts (
    tenant_id text COLLATE "C" NOT NULL,
    consumer_group text COLLATE "C" NOT NULL,
    topic text COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    day date NOT NULL,
    received bigint NOT NULL DEFAULT 0,
    reached bigint NOT NULL DEFAULT 0,
    applied bigint NOT NULL DEFAULT 0,
    duplicate bigint NOT NULL DEFAULT 0,
    filtered bigint NOT NULL DEFAULT 0,
    dead bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, consumer_group, topic, partition, day)
);
CREATE INDEX conservation_counts_days ON conservation_counts (consumer_group, topic, day);
CREATE INDEX conservation_counts_gaps ON conservation_counts (tenant_id)
    WHERE reached <> applied + duplicate + filtered + dead;
COMMENT ON TABLE conservation_counts IS 'Records as they lie on the topics, and how the group says that they ended, at one moment. Bookkeeping: made again from the topics. Read it as conservation_ledger. Writer: conservation.';
COMMENT ON COLUMN conservation_counts.tenant_id IS 'Tenant of the record''s key; ? when it has none.';
COMMENT ON COLUMN conservation_counts.consumer_group IS 'Consumer group.';
COMMENT ON COLUMN conservation_counts.topic IS 'Logical topic name.';
COMMENT ON COLUMN conservation_counts.partition IS 'Partition.';
COMMENT ON COLUMN conservation_counts.day IS 'UTC date of the record''s receipt.';
COMMENT ON COLUMN conservation_counts.received IS 'Records on the topic.';
COMMENT ON COLUMN conservation_counts.reached IS 'Of these, those below the offset up to which the group had counted.';
COMMENT ON COLUMN conservation_counts.applied IS 'As outcome_counts had it at that moment, and so are the columns that follow.';
COMMENT ON COLUMN conservation_counts.duplicate IS 'Repetitions of what was there.';
COMMENT ON COLUMN conservation_counts.filtered IS 'Left out by a rule.';
COMMENT ON COLUMN conservation_counts.dead IS 'Dead-lettered.';

ALTER TABLE conservation_counts ENABLE ROW LEVEL SECURITY;
ALTER TABLE conservation_counts FORCE ROW LEVEL SECURITY;
CREATE POLICY processor ON conservation_counts FOR SELECT TO attributary_processor USING (true);
CREATE POLICY operator ON conservation_counts TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY scheduler ON conservation_counts TO attributary_scheduler USING (true) WITH CHECK (true);
CREATE POLICY analyst ON conservation_counts FOR SELECT TO attributary_analyst
    USING (tenant_id = (SELECT attributary_tenant()));
CREATE POLICY scheduler ON outcome_counts FOR SELECT TO attributary_scheduler USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON conservation_offsets, conservation_counts
TO attributary_scheduler;
GRANT SELECT ON consumed_offsets, outcome_counts TO attributary_scheduler;
GRANT SELECT ON conservation_counts TO attributary_analyst;
-- Where a topic ends tells of other tenants, so that much is left out.
GRANT SELECT (consumer_group, topic, partition, is_level, expired_until, checked_at)
ON conservation_offsets TO attributary_analyst;

COMMENT ON COLUMN pixel_alert_configs.metric IS 'What is watched: pixel_failure_rate, pixel_silence_minutes, delivery_success_rate, retry_rate, p95_latency_ms, match_quality (ours, 0 to 100), platform_match_quality (the platform''s own, 0 to 10), pipeline_lag_records, conservation_gap (records received and not accounted for, or counted too often), signal_health (HEALTHY from 70), spend_staleness_hours, unattributed_share or order_volume_anomaly.';
