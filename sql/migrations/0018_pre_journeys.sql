CREATE TABLE journeys (
    converted_at timestamptz NOT NULL,
    revenue bigint,
    date date NOT NULL,
    counts boolean NOT NULL,
    tenant_id text COLLATE "C" NOT NULL,
    conversion_id text COLLATE "C" NOT NULL,
    path text COLLATE "C" NOT NULL,
    steps text COLLATE "C" NOT NULL,
    touches integer[] NOT NULL,
    seconds integer[] NOT NULL,
    path_starts integer[] NOT NULL,
    steps_starts integer[] NOT NULL,
    PRIMARY KEY (tenant_id, conversion_id)
)
-- A row that is told anew stays on its page: order times and dates, which indexes hold, seldom change.
WITH (fillfactor = 90);
COMMENT ON TABLE journeys IS 'The way to each conversion, narrow, so that a year of them is read at once. A longer window holds all of a shorter one, so each window''s path is an end of the longest. Read it as attribution_journeys and attribution_path_facts. Writer: summary.';
COMMENT ON COLUMN journeys.converted_at IS 'Order time, milliseconds.';
COMMENT ON COLUMN journeys.revenue IS 'Net, minor units of the reporting currency; null until a rate is known.';
COMMENT ON COLUMN journeys.date IS 'The order''s date in the tenant''s time zone.';
COMMENT ON COLUMN journeys.counts IS 'It adds to the summary, and its revenue is known.';
COMMENT ON COLUMN journeys.tenant_id IS 'Tenant.';
COMMENT ON COLUMN journeys.conversion_id IS 'The conversion.';
COMMENT ON COLUMN journeys.path IS 'Channels of all touches that count, oldest first, with '' > '' between; empty without touches.';
COMMENT ON COLUMN journeys.steps IS 'The same with a channel that follows itself told once.';
COMMENT ON COLUMN journeys.touches IS '[window]: touches that count.';
COMMENT ON COLUMN journeys.seconds IS '[window]: from the first of them to the conversion; null without touches, or when credit did not tell their times.';
COMMENT ON COLUMN journeys.path_starts IS '[window]: character of path, from 1, at which the window''s path starts.';
COMMENT ON COLUMN journeys.steps_starts IS '[window]: the same of steps.';
CREATE INDEX journeys_date ON journeys (tenant_id, date);
CREATE INDEX journeys_page ON journeys (tenant_id, converted_at, conversion_id);

CREATE TABLE journey_cells (
    tenant_id text COLLATE "C" NOT NULL,
    date date NOT NULL,
    kind text COLLATE "C" NOT NULL
        CHECK (kind IN ('first', 'last', 'only', 'assisted', 'touches', 'seconds')),
    key text COLLATE "C" NOT NULL,
    shard integer NOT NULL,
    conversions bigint[] NOT NULL,
    revenue bigint[] NOT NULL,
    PRIMARY KEY (tenant_id, date, kind, key, shard)
);
COMMENT ON TABLE journey_cells IS 'Counting conversions by the part that a channel played in them, and by the length of their paths. Read it as attribution_assists and attribution_path_lengths. Writer: summary.';
COMMENT ON COLUMN journey_cells.tenant_id IS 'Tenant.';
COMMENT ON COLUMN journey_cells.date IS 'The order''s date in the tenant''s time zone.';
COMMENT ON COLUMN journey_cells.kind IS 'Part of a channel: first, last, only (no other in the path), assisted (in the path of another''s last touch); or a length: touches, seconds from the first touch.';
COMMENT ON COLUMN journey_cells.key IS 'The channel; of a length, the least one of its bucket, or none.';
COMMENT ON COLUMN journey_cells.shard IS 'Partition of credits.v1 whose conversions it sums, so that replicas do not meet.';
COMMENT ON COLUMN journey_cells.conversions IS '[window]: how many.';
COMMENT ON COLUMN journey_cells.revenue IS '[window]: their net, minor units of the reporting currency.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['journeys', 'journey_cells'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY processor ON %I TO attributary_processor USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY operator ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY analyst ON %I FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()))', name);
    END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE, DELETE ON journeys, journey_cells TO attributary_processor;
GRANT SELECT ON journeys, journey_cells TO attributary_analyst;

-- People who have not bought are listed by their latest touch.
CREATE INDEX attribution_touchpoints_time ON attribution_touchpoints (tenant_id, occurred_at);

-- It reads one row of the login's own: unsafe, as functions are by default, it kept every query of
-- an analyst from running in parallel.
ALTER FUNCTION attributary_tenant() PARALLEL SAFE;
