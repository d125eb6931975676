CREATE TABLE shadow_runs (
    tenant_id text COLLATE "C" NOT NULL,
    run_id text COLLATE "C" NOT NULL,
    name text NOT NULL,
    since timestamptz,
    until timestamptz,
    overrides jsonb NOT NULL,
    model text COLLATE "C",
    model_document text,
    settings_version text NOT NULL,
    promotions bigint NOT NULL,
    currency text NOT NULL,
    state text NOT NULL CHECK (state IN ('running', 'complete', 'failed', 'promoted')),
    conversions bigint NOT NULL,
    error text,
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    PRIMARY KEY (tenant_id, run_id)
);
COMMENT ON TABLE shadow_runs IS 'A shadow replay: the conversions of a window credited under other settings, beside production. Read it as attribution_shadow_runs. Writer: shadow.';
COMMENT ON COLUMN shadow_runs.tenant_id IS 'Tenant.';
COMMENT ON COLUMN shadow_runs.run_id IS 'The run.';
COMMENT ON COLUMN shadow_runs.name IS 'What the operator calls it.';
COMMENT ON COLUMN shadow_runs.since IS 'Conversions from then on; null: from the first.';
COMMENT ON COLUMN shadow_runs.until IS 'Conversions before then; null: to the last.';
COMMENT ON COLUMN shadow_runs.overrides IS 'The settings that the shadow side has and production has not, as `tenant set` takes them.';
COMMENT ON COLUMN shadow_runs.model IS 'Version of the trained model that the shadow side has, untrained for the fallback; null: the same as production.';
COMMENT ON COLUMN shadow_runs.model_document IS 'Its document; empty for the fallback.';
COMMENT ON COLUMN shadow_runs.settings_version IS 'Version of the tenant''s settings on the production side; a run ends when they change.';
COMMENT ON COLUMN shadow_runs.promotions IS 'How many promotions of models the tenant had; a run ends when there is another.';
COMMENT ON COLUMN shadow_runs.currency IS 'The tenant''s reporting currency when the run began, of all its money.';
COMMENT ON COLUMN shadow_runs.state IS 'running, complete, failed (see error; it can be resumed), promoted (its overrides were put on the log).';
COMMENT ON COLUMN shadow_runs.conversions IS 'Conversions in the window when the run began.';
COMMENT ON COLUMN shadow_runs.error IS 'What stopped it.';
COMMENT ON COLUMN shadow_runs.started_at IS 'When it was asked for.';
COMMENT ON COLUMN shadow_runs.ended_at IS 'When it was complete or stopped; null while it runs.';

CREATE TABLE shadow_ranges (
    tenant_id text COLLATE "C" NOT NULL,
    run_id text COLLATE "C" NOT NULL,
    range smallint NOT NULL,
    last_id text COLLATE "C",
    checkpoint text COLLATE "C" NOT NULL,
    done bigint NOT NULL DEFAULT 0,
    complete boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, run_id, range)
);
COMMENT ON TABLE shadow_ranges IS 'The share of conversion ids that one worker of a shadow replay does, and how far it is; its row is locked while a chunk is done. Writer: shadow.';
COMMENT ON COLUMN shadow_ranges.tenant_id IS 'Tenant.';
COMMENT ON COLUMN shadow_ranges.run_id IS 'The run.';
COMMENT ON COLUMN shadow_ranges.range IS 'Number of the range, from 0.';
COMMENT ON COLUMN shadow_ranges.last_id IS 'The greatest conversion id of the range; null: to the end.';
COMMENT ON COLUMN shadow_ranges.checkpoint IS 'Conversion ids up to this one, itself included, are done or are not of the range.';
COMMENT ON COLUMN shadow_ranges.done IS 'Conversions done.';
COMMENT ON COLUMN shadow_ranges.complete IS 'Nothing of the range is left.';

CREATE TABLE shadow_credit_rows (
    tenant_id text COLLATE "C" NOT NULL,
    run_id text COLLATE "C" NOT NULL,
    conversion_id text COLLATE "C" NOT NULL,
    model_version text NOT NULL,
    fallback_models text[] NOT NULL,
    custom_version text,
    state text NOT NULL,
    counts boolean NOT NULL,
    date date NOT NULL,
    currency text,
    reporting_currency text NOT NULL,
    revenue bigint NOT NULL,
    revenue_reporting bigint,
    touchpoint_ids text[] NOT NULL,
    touch_dates date[] NOT NULL,
    channels text[] NOT NULL,
    platforms text[] NOT NULL,
    campaigns text[] NOT NULL,
    first_windows smallint[] NOT NULL,
    credit integer[] NOT NULL,
    touch_revenue bigint[] NOT NULL,
    touch_revenue_reporting bigint[],
    PRIMARY KEY (tenant_id, run_id, conversion_id)
);
COMMENT ON TABLE shadow_credit_rows IS 'Credit of a conversion under the settings of a shadow replay, in one compact row like that of credit_rows. Read it as attribution_shadow_results. Writer: shadow.';
COMMENT ON COLUMN shadow_credit_rows.tenant_id IS 'Tenant.';
COMMENT ON COLUMN shadow_credit_rows.run_id IS 'The run.';
COMMENT ON COLUMN shadow_credit_rows.conversion_id IS 'The conversion.';
COMMENT ON COLUMN shadow_credit_rows.model_version IS 'Version of the data-driven model.';
COMMENT ON COLUMN shadow_credit_rows.fallback_models IS 'Models that stand in by a simpler one.';
COMMENT ON COLUMN shadow_credit_rows.custom_version IS 'Version of the tenant''s own model, which is the eighth of the arrays; null: they have seven.';
COMMENT ON COLUMN shadow_credit_rows.state IS 'ready, pending_order, pending_rate, unattributed.';
COMMENT ON COLUMN shadow_credit_rows.counts IS 'False: adds nothing to the cells.';
COMMENT ON COLUMN shadow_credit_rows.date IS 'The order''s date in the tenant''s time zone.';
COMMENT ON COLUMN shadow_credit_rows.currency IS 'The order''s currency.';
COMMENT ON COLUMN shadow_credit_rows.reporting_currency IS 'The tenant''s reporting currency.';
COMMENT ON COLUMN shadow_credit_rows.revenue IS 'Net, minor units of currency.';
COMMENT ON COLUMN shadow_credit_rows.revenue_reporting IS 'Net, minor units of reporting_currency; null until a rate is known.';
COMMENT ON COLUMN shadow_credit_rows.touchpoint_ids IS 'Touches in the order of (occurred_at, touchpoint_id).';
COMMENT ON COLUMN shadow_credit_rows.touch_dates IS 'Dates of the touches in the tenant''s time zone.';
COMMENT ON COLUMN shadow_credit_rows.channels IS 'Channels of the touches.';
COMMENT ON COLUMN shadow_credit_rows.platforms IS 'Platforms of the touches.';
COMMENT ON COLUMN shadow_credit_rows.campaigns IS 'Campaigns of the touches.';
COMMENT ON COLUMN shadow_credit_rows.first_windows IS 'Smallest of the eight windows (0 to 7) in which each touch counts.';
COMMENT ON COLUMN shadow_credit_rows.credit IS 'Flat [touch][model][window], 56 numbers a touch, or 64 with a custom_version; units of 1e-9.';
COMMENT ON COLUMN shadow_credit_rows.touch_revenue IS 'Flat like credit, minor units of currency.';
COMMENT ON COLUMN shadow_credit_rows.touch_revenue_reporting IS 'The same in reporting_currency; null when it is equal, or unknown.';

-- Compressing them would cost more than half of the time of a run, which is dropped when it was read.
ALTER TABLE shadow_credit_rows
    ALTER COLUMN credit SET STORAGE EXTERNAL,
    ALTER COLUMN touch_revenue SET STORAGE EXTERNAL,
    ALTER COLUMN touch_revenue_reporting SET STORAGE EXTERNAL;

CREATE TABLE shadow_cells (
    tenant_id text COLLATE "C" NOT NULL,
    run_id text COLLATE "C" NOT NULL,
    side text COLLATE "C" NOT NULL CHECK (side IN ('production', 'shadow')),
    basis text COLLATE "C" NOT NULL CHECK (basis IN ('accrual', 'cash')),
    date date NOT NULL,
    channel text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    range smallint NOT NULL,
    touchpoints bigint[] NOT NULL,
    conversions bigint[] NOT NULL,
    revenue bigint[] NOT NULL,
    PRIMARY KEY (tenant_id, run_id, side, basis, date, channel, platform, range)
);
COMMENT ON TABLE shadow_cells IS 'Both sides of a shadow replay by channel, one wide row a cell, side and range, so that workers do not meet. Read it as attribution_shadow_summary and attribution_shadow_difference. Writer: shadow.';
COMMENT ON COLUMN shadow_cells.tenant_id IS 'Tenant.';
COMMENT ON COLUMN shadow_cells.run_id IS 'The run.';
COMMENT ON COLUMN shadow_cells.side IS 'production: under the standing settings; shadow: under the overrides. Both from the same reading.';
COMMENT ON COLUMN shadow_cells.basis IS 'accrual: dated by the touch; cash: by the order.';
COMMENT ON COLUMN shadow_cells.date IS 'Date in the tenant''s time zone.';
COMMENT ON COLUMN shadow_cells.channel IS 'Channel; unattributed is what no touch earned.';
COMMENT ON COLUMN shadow_cells.platform IS 'Traffic platform.';
COMMENT ON COLUMN shadow_cells.range IS 'The range whose conversions it sums.';
COMMENT ON COLUMN shadow_cells.touchpoints IS '[model][window]: pairs of touch and conversion.';
COMMENT ON COLUMN shadow_cells.conversions IS '[model][window]: credit in units of 1e-9.';
COMMENT ON COLUMN shadow_cells.revenue IS '[model][window]: minor units of the reporting currency.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['shadow_runs', 'shadow_ranges', 'shadow_credit_rows', 'shadow_cells']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY processor ON %I TO attributary_processor USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY operator ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY analyst ON %I FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()))', name);
    END LOOP;
END
$$;
GRANT SELECT ON shadow_runs, shadow_ranges, shadow_credit_rows, shadow_cells TO attributary_analyst;
