CREATE TABLE attribution_models (
    tenant_id text COLLATE "C" NOT NULL,
    issued_at bigint NOT NULL,
    command_id text COLLATE "C" NOT NULL,
    applies_from bigint NOT NULL,
    version text COLLATE "C" NOT NULL,
    model text NOT NULL,
    document text NOT NULL,
    PRIMARY KEY (tenant_id, issued_at, command_id, applies_from, version)
);
COMMENT ON TABLE attribution_models IS 'Promotions of trained models, as told by commands; it only grows. Of those whose applies_from a conversion has reached the greatest (issued_at, command_id) stands. Read it as attribution_model_versions. Writer: identity.';
COMMENT ON COLUMN attribution_models.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_models.issued_at IS 'Command time, epoch milliseconds.';
COMMENT ON COLUMN attribution_models.command_id IS 'Tie-break between commands of one time.';
COMMENT ON COLUMN attribution_models.applies_from IS 'Conversions since then are credited by it, epoch milliseconds.';
COMMENT ON COLUMN attribution_models.version IS 'Hash of the document; untrained without one.';
COMMENT ON COLUMN attribution_models.model IS 'data_driven.';
COMMENT ON COLUMN attribution_models.document IS 'The trained model, JSON; empty: back to the untrained fallback.';

CREATE TABLE attribution_trainings (
    tenant_id text COLLATE "C" NOT NULL,
    trained_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('trained', 'insufficient_data', 'failed')),
    reason text,
    promotion text CHECK (promotion IN ('promoted', 'standing', 'manual')),
    version text COLLATE "C",
    document text,
    since timestamptz,
    until timestamptz,
    one_in integer,
    people bigint,
    touches bigint,
    journeys bigint,
    conversions bigint,
    metrics jsonb,
    channels jsonb,
    half_life jsonb,
    removal jsonb,
    PRIMARY KEY (tenant_id, trained_at)
);
COMMENT ON TABLE attribution_trainings IS 'Every training of a tenant''s data_driven model. Read it as attribution_model_trainings. Writer: schedule.';
COMMENT ON COLUMN attribution_trainings.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_trainings.trained_at IS 'When the run began.';
COMMENT ON COLUMN attribution_trainings.state IS 'trained, insufficient_data (the reason says of what), failed.';
COMMENT ON COLUMN attribution_trainings.reason IS 'Why there is no model.';
COMMENT ON COLUMN attribution_trainings.promotion IS 'promoted (a command of the log asks for it), standing (the same model credits already), manual (waits for an operator); null without a model.';
COMMENT ON COLUMN attribution_trainings.version IS 'Hash of the document.';
COMMENT ON COLUMN attribution_trainings.document IS 'The model, JSON of integers.';
COMMENT ON COLUMN attribution_trainings.since IS 'Touches since then were read.';
COMMENT ON COLUMN attribution_trainings.until IS 'Journeys without a conversion end here: the newest touch or order.';
COMMENT ON COLUMN attribution_trainings.one_in IS 'One person in so many was read, chosen by a hash of the id.';
COMMENT ON COLUMN attribution_trainings.people IS 'People with a touch.';
COMMENT ON COLUMN attribution_trainings.touches IS 'Their touches.';
COMMENT ON COLUMN attribution_trainings.journeys IS 'Their journeys, each up to a conversion or to the end of the data.';
COMMENT ON COLUMN attribution_trainings.conversions IS 'Journeys that ended in a conversion.';
COMMENT ON COLUMN attribution_trainings.metrics IS 'On journeys that were kept from the training: auc, log_loss, base_log_loss, calibration.';
COMMENT ON COLUMN attribution_trainings.channels IS 'Of each channel its share of the conversions, low and high of the 95 % interval, in millionths.';
COMMENT ON COLUMN attribution_trainings.half_life IS 'The fitted half-life of time_decay in days, its interval, or why there is none.';
COMMENT ON COLUMN attribution_trainings.removal IS 'Of each channel its removal effect by the Markov chain of the paths, in millionths.';

CREATE TABLE attribution_training_checkpoints (
    tenant_id text COLLATE "C" NOT NULL,
    chunk integer NOT NULL,
    plan text NOT NULL,
    after text COLLATE "C" NOT NULL,
    people integer NOT NULL,
    channels text[] NOT NULL,
    journeys bigint[] NOT NULL,
    ended_on integer[] NOT NULL,
    converted boolean[] NOT NULL,
    sizes integer[] NOT NULL,
    channel integer[] NOT NULL,
    age_ms bigint[] NOT NULL,
    PRIMARY KEY (tenant_id, chunk)
);
COMMENT ON TABLE attribution_training_checkpoints IS 'Journeys that a training has read so far, from which it goes on when its process died. Bookkeeping. Writer: schedule.';
COMMENT ON COLUMN attribution_training_checkpoints.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_training_checkpoints.chunk IS '1, 2, ... in the order of reading.';
COMMENT ON COLUMN attribution_training_checkpoints.plan IS 'What the run reads; a run with another plan begins anew.';
COMMENT ON COLUMN attribution_training_checkpoints.after IS 'The greatest person of the chunk.';
COMMENT ON COLUMN attribution_training_checkpoints.people IS 'People with a touch.';
COMMENT ON COLUMN attribution_training_checkpoints.channels IS 'Names of the channels that are met in the chunk.';
COMMENT ON COLUMN attribution_training_checkpoints.journeys IS 'Ids of the journeys, start of a hash.';
COMMENT ON COLUMN attribution_training_checkpoints.ended_on IS 'Per journey, the day of its end, in days since 1970.';
COMMENT ON COLUMN attribution_training_checkpoints.converted IS 'Per journey, whether it ended in a conversion.';
COMMENT ON COLUMN attribution_training_checkpoints.sizes IS 'Per journey, its touches.';
COMMENT ON COLUMN attribution_training_checkpoints.channel IS 'Per touch, the place of its channel in channels, from 0 on.';
COMMENT ON COLUMN attribution_training_checkpoints.age_ms IS 'Per touch, milliseconds before the end of its journey.';

CREATE TABLE attribution_transitions (
    tenant_id text COLLATE "C" NOT NULL,
    date date NOT NULL,
    from_channel text COLLATE "C" NOT NULL,
    to_channel text COLLATE "C" NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (tenant_id, date, from_channel, to_channel)
);
COMMENT ON TABLE attribution_transitions IS 'How often paths went from one channel to the next, by the day on which they ended; days add up. As of the latest training. Writer: schedule.';
COMMENT ON COLUMN attribution_transitions.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_transitions.date IS 'Day of the path''s end, UTC.';
COMMENT ON COLUMN attribution_transitions.from_channel IS 'A channel, or (start).';
COMMENT ON COLUMN attribution_transitions.to_channel IS 'A channel, (conversion) or (null).';
COMMENT ON COLUMN attribution_transitions.count IS 'Transitions.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'attribution_models', 'attribution_trainings', 'attribution_training_checkpoints',
        'attribution_transitions']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY processor ON %I TO attributary_processor USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY operator ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY analyst ON %I FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()))', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY[
        'attribution_trainings', 'attribution_training_checkpoints', 'attribution_transitions']
    LOOP
        EXECUTE format('CREATE POLICY scheduler ON %I TO attributary_scheduler USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO attributary_scheduler', name);
    END LOOP;
END
$$;
GRANT SELECT, INSERT ON attribution_models TO attributary_processor;
GRANT SELECT ON attribution_models TO attributary_scheduler;
GRANT SELECT ON attribution_models, attribution_trainings, attribution_transitions TO attributary_analyst;
CREATE POLICY scheduler ON attribution_models FOR SELECT TO attributary_scheduler USING (true);
GRANT SELECT ON database_epoch TO attributary_scheduler;
