CREATE TABLE credit_applied (
    tenant_id text COLLATE "C" NOT NULL,
    conversion_id text COLLATE "C" NOT NULL,
    rev bigint NOT NULL,
    PRIMARY KEY (tenant_id, conversion_id)
);
COMMENT ON TABLE credit_applied IS 'The revision of each conversion that the tables show; lock and version test in one. Writer: summary.';
COMMENT ON COLUMN credit_applied.tenant_id IS 'Tenant.';
COMMENT ON COLUMN credit_applied.conversion_id IS 'The conversion.';
COMMENT ON COLUMN credit_applied.rev IS 'Revision shown.';

CREATE TABLE credit_rows (
    tenant_id text COLLATE "C" NOT NULL,
    conversion_id text COLLATE "C" NOT NULL,
    model_version text NOT NULL,
    fallback_models text[] NOT NULL,
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
    PRIMARY KEY (tenant_id, conversion_id)
);
COMMENT ON TABLE credit_rows IS 'All credit of a conversion in one compact row. Read it as attribution_results. Writer: summary.';
COMMENT ON COLUMN credit_rows.tenant_id IS 'Tenant.';
COMMENT ON COLUMN credit_rows.conversion_id IS 'The conversion.';
COMMENT ON COLUMN credit_rows.model_version IS 'Version of the data-driven model.';
COMMENT ON COLUMN credit_rows.fallback_models IS 'Models that stand in by a simpler one.';
COMMENT ON COLUMN credit_rows.state IS 'ready, pending_order, pending_rate, unattributed.';
COMMENT ON COLUMN credit_rows.counts IS 'False: adds nothing to the summary.';
COMMENT ON COLUMN credit_rows.date IS 'The order''s date in the tenant''s time zone.';
COMMENT ON COLUMN credit_rows.currency IS 'The order''s currency.';
COMMENT ON COLUMN credit_rows.reporting_currency IS 'The tenant''s reporting currency.';
COMMENT ON COLUMN credit_rows.revenue IS 'Net, minor units of currency.';
COMMENT ON COLUMN credit_rows.revenue_reporting IS 'Net, minor units of reporting_currency; null until a rate is known.';
COMMENT ON COLUMN credit_rows.touchpoint_ids IS 'Touches in the order of (occurred_at, touchpoint_id).';
COMMENT ON COLUMN credit_rows.touch_dates IS 'Dates of the touches in the tenant''s time zone.';
COMMENT ON COLUMN credit_rows.channels IS 'Channels of the touches.';
COMMENT ON COLUMN credit_rows.platforms IS 'Platforms of the touches.';
COMMENT ON COLUMN credit_rows.campaigns IS 'Campaigns of the touches.';
COMMENT ON COLUMN credit_rows.first_windows IS 'Smallest of the eight windows (0 to 7) in which each touch counts.';
COMMENT ON COLUMN credit_rows.credit IS 'Flat [touch][model][window], units of 1e-9.';
COMMENT ON COLUMN credit_rows.touch_revenue IS 'Flat [touch][model][window], minor units of currency.';
COMMENT ON COLUMN credit_rows.touch_revenue_reporting IS 'The same in reporting_currency; null when it is equal, or unknown.';

CREATE TABLE summary_cells (
    tenant_id text COLLATE "C" NOT NULL,
    basis text COLLATE "C" NOT NULL CHECK (basis IN ('accrual', 'cash')),
    date date NOT NULL,
    channel text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    campaign text COLLATE "C" NOT NULL,
    shard integer NOT NULL,
    touchpoints bigint[] NOT NULL,
    conversions bigint[] NOT NULL,
    revenue bigint[] NOT NULL,
    PRIMARY KEY (tenant_id, basis, date, channel, platform, campaign, shard)
);
COMMENT ON TABLE summary_cells IS 'The channel summary, one wide row a cell and shard. Read it as attribution_channel_summary. Writer: summary.';
COMMENT ON COLUMN summary_cells.tenant_id IS 'Tenant.';
COMMENT ON COLUMN summary_cells.basis IS 'accrual: dated by the touch; cash: by the order.';
COMMENT ON COLUMN summary_cells.date IS 'Date in the tenant''s time zone.';
COMMENT ON COLUMN summary_cells.channel IS 'Channel.';
COMMENT ON COLUMN summary_cells.platform IS 'Traffic platform.';
COMMENT ON COLUMN summary_cells.campaign IS 'Campaign; empty when there is none.';
COMMENT ON COLUMN summary_cells.shard IS 'Partition of credits.v1 whose conversions it sums, so that replicas do not meet.';
COMMENT ON COLUMN summary_cells.touchpoints IS '[model][window]: number of result rows.';
COMMENT ON COLUMN summary_cells.conversions IS '[model][window]: credit in units of 1e-9.';
COMMENT ON COLUMN summary_cells.revenue IS '[model][window]: minor units of the reporting currency.';

CREATE TABLE daily_spend (
    tenant_id text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    date date NOT NULL,
    platform text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    campaign text COLLATE "C" NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL,
    impressions bigint,
    clicks bigint,
    reported_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, source, account_id, date, platform, channel, campaign)
);
COMMENT ON TABLE daily_spend IS 'What ad accounts spent; the greatest (reported_at, amount) stands. Writer: summary.';
COMMENT ON COLUMN daily_spend.tenant_id IS 'Tenant.';
COMMENT ON COLUMN daily_spend.source IS 'Where the figure comes from.';
COMMENT ON COLUMN daily_spend.account_id IS 'Ad account.';
COMMENT ON COLUMN daily_spend.date IS 'The ad account''s date.';
COMMENT ON COLUMN daily_spend.platform IS 'Traffic platform.';
COMMENT ON COLUMN daily_spend.channel IS 'Channel, by campaign type or the platform''s default.';
COMMENT ON COLUMN daily_spend.campaign IS 'Campaign; empty for the account as a whole.';
COMMENT ON COLUMN daily_spend.currency IS 'The ad account''s currency.';
COMMENT ON COLUMN daily_spend.amount IS 'Minor units of currency.';
COMMENT ON COLUMN daily_spend.impressions IS 'Impressions, if the vendor tells.';
COMMENT ON COLUMN daily_spend.clicks IS 'Clicks, if the vendor tells.';
COMMENT ON COLUMN daily_spend.reported_at IS 'When the vendor said so, epoch milliseconds.';
