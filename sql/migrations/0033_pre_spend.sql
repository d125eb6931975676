-- A subject of spend outlives its name and its channel: of two reports of one campaign, renamed or
-- mapped to another channel, one stands. A summary of the release before refuses spend from here
-- on, and waits with it; whoever has replaced it goes on where it stopped.
ALTER TABLE daily_spend
    ADD COLUMN subject text COLLATE "C",
    ADD COLUMN campaign_id text COLLATE "C",
    ADD COLUMN campaign_type text COLLATE "C",
    ADD COLUMN video_views bigint,
    ADD COLUMN conversions numeric(15, 6),
    ADD COLUMN conversion_value bigint;
UPDATE daily_spend
SET subject = CASE WHEN campaign <> '' THEN 'name:' || campaign ELSE 'channel:' || channel END;
DELETE FROM daily_spend AS lesser
USING daily_spend AS greater
WHERE greater.tenant_id = lesser.tenant_id AND greater.source = lesser.source
    AND greater.account_id = lesser.account_id AND greater.date = lesser.date
    AND greater.platform = lesser.platform AND greater.subject = lesser.subject
    AND (
        lesser.reported_at, lesser.amount, lesser.currency COLLATE "C",
        coalesce(lesser.impressions, -1), coalesce(lesser.clicks, -1), coalesce(lesser.reach, -1),
        coalesce(lesser.frequency, -1), coalesce(lesser.view_conversions, -1),
        coalesce(lesser.click_conversions, -1), coalesce(lesser.view_value, -1),
        coalesce(lesser.click_value, -1), lesser.channel
    ) < (
        greater.reported_at, greater.amount, greater.currency COLLATE "C",
        coalesce(greater.impressions, -1), coalesce(greater.clicks, -1),
        coalesce(greater.reach, -1), coalesce(greater.frequency, -1),
        coalesce(greater.view_conversions, -1), coalesce(greater.click_conversions, -1),
        coalesce(greater.view_value, -1), coalesce(greater.click_value, -1), greater.channel
    );
ALTER TABLE daily_spend
    ALTER COLUMN subject SET NOT NULL,
    DROP CONSTRAINT daily_spend_pkey,
    ADD PRIMARY KEY (tenant_id, source, account_id, date, platform, subject);
CREATE INDEX daily_spend_date ON daily_spend (tenant_id, date);
COMMENT ON TABLE daily_spend IS 'What ad accounts spent on campaigns and what their platforms say of it, totals only; the greatest (reported_at, amount, and then the rest) stands. Read it as attribution_spend_facts. Writer: summary.';
COMMENT ON COLUMN daily_spend.subject IS 'What the figure is of: id: and a campaign''s id; without one, name: and its name; without both, channel: and the channel, for the account as a whole.';
COMMENT ON COLUMN daily_spend.channel IS 'Channel: as told, else by campaign type, else the platform''s default.';
COMMENT ON COLUMN daily_spend.campaign IS 'What the campaign is called, by the figure that stands, else its id; empty for the account as a whole.';
COMMENT ON COLUMN daily_spend.campaign_id IS 'The vendor''s id of the campaign, if told.';
COMMENT ON COLUMN daily_spend.campaign_type IS 'Type of the campaign, as the vendor calls it.';
COMMENT ON COLUMN daily_spend.video_views IS 'Views of videos, as the vendor counts them.';
COMMENT ON COLUMN daily_spend.conversions IS 'Conversions that the platform claims, of all its windows together; they may be fractions.';
COMMENT ON COLUMN daily_spend.conversion_value IS 'Value of conversions, minor units of currency.';

CREATE TABLE daily_ad_spend (
    tenant_id text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    date date NOT NULL,
    platform text COLLATE "C" NOT NULL,
    ad_id text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    campaign text COLLATE "C" NOT NULL,
    campaign_id text COLLATE "C",
    campaign_type text COLLATE "C",
    ad_group_id text COLLATE "C",
    ad_group text COLLATE "C",
    ad text COLLATE "C",
    creative_id text COLLATE "C",
    currency text NOT NULL,
    amount bigint NOT NULL,
    impressions bigint,
    clicks bigint,
    reach bigint,
    frequency numeric(15, 6),
    view_conversions bigint,
    click_conversions bigint,
    view_value bigint,
    click_value bigint,
    video_views bigint,
    conversions numeric(15, 6),
    conversion_value bigint,
    reported_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, source, account_id, date, platform, ad_id)
);
CREATE INDEX daily_ad_spend_date ON daily_ad_spend (tenant_id, date);
COMMENT ON TABLE daily_ad_spend IS 'What ad accounts spent on single ads, beside daily_spend and never added to it: some campaigns have no ads to tell. The greatest (reported_at, amount, and then the rest) stands. Writer: summary.';
COMMENT ON COLUMN daily_ad_spend.tenant_id IS 'Tenant.';
COMMENT ON COLUMN daily_ad_spend.source IS 'Where the figure comes from.';
COMMENT ON COLUMN daily_ad_spend.account_id IS 'Ad account.';
COMMENT ON COLUMN daily_ad_spend.date IS 'The ad account''s date.';
COMMENT ON COLUMN daily_ad_spend.platform IS 'Traffic platform.';
COMMENT ON COLUMN daily_ad_spend.ad_id IS 'The vendor''s id of the ad.';
COMMENT ON COLUMN daily_ad_spend.channel IS 'Channel: as told, else by campaign type, else the platform''s default.';
COMMENT ON COLUMN daily_ad_spend.campaign IS 'What its campaign is called, by the figure that stands, else the campaign''s id; empty when neither was told.';
COMMENT ON COLUMN daily_ad_spend.campaign_id IS 'The vendor''s id of the campaign, if told.';
COMMENT ON COLUMN daily_ad_spend.campaign_type IS 'Type of the campaign, as the vendor calls it.';
COMMENT ON COLUMN daily_ad_spend.ad_group_id IS 'Id of its ad group, ad set or squad, if told.';
COMMENT ON COLUMN daily_ad_spend.ad_group IS 'What that is called.';
COMMENT ON COLUMN daily_ad_spend.ad IS 'What the ad is called, by the figure that stands.';
COMMENT ON COLUMN daily_ad_spend.creative_id IS 'The vendor''s id of what it shows, if told.';
COMMENT ON COLUMN daily_ad_spend.currency IS 'The ad account''s currency.';
COMMENT ON COLUMN daily_ad_spend.amount IS 'Minor units of currency.';
COMMENT ON COLUMN daily_ad_spend.impressions IS 'Impressions, if the vendor tells.';
COMMENT ON COLUMN daily_ad_spend.clicks IS 'Clicks, if the vendor tells.';
COMMENT ON COLUMN daily_ad_spend.reach IS 'How many people saw the ad, if the vendor tells. Not to be added up.';
COMMENT ON COLUMN daily_ad_spend.frequency IS 'Impressions per person reached, if the vendor tells.';
COMMENT ON COLUMN daily_ad_spend.view_conversions IS 'Purchases that the platform claims for views without a click, if it tells.';
COMMENT ON COLUMN daily_ad_spend.click_conversions IS 'Purchases that the platform claims for clicks, if it tells.';
COMMENT ON COLUMN daily_ad_spend.view_value IS 'Value of view_conversions, minor units of currency.';
COMMENT ON COLUMN daily_ad_spend.click_value IS 'Value of click_conversions, minor units of currency.';
COMMENT ON COLUMN daily_ad_spend.video_views IS 'Views of videos, as the vendor counts them.';
COMMENT ON COLUMN daily_ad_spend.conversions IS 'Conversions that the platform claims, of all its windows together; they may be fractions.';
COMMENT ON COLUMN daily_ad_spend.conversion_value IS 'Value of conversions, minor units of currency.';
COMMENT ON COLUMN daily_ad_spend.reported_at IS 'When the vendor said so, epoch milliseconds.';

-- How far each ad account was read, campaigns and ads by themselves. It takes the place of
-- spend_cursors, which is kept for the scheduler of the release before.
CREATE TABLE spend_readings (
    tenant_id text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    level text COLLATE "C" NOT NULL CHECK (level IN ('campaign', 'ad')),
    connection text COLLATE "C" NOT NULL,
    read_to date,
    restated_at timestamptz,
    last_success_at timestamptz,
    last_error text,
    last_error_at timestamptz,
    refused boolean NOT NULL DEFAULT false,
    paused_until timestamptz,
    PRIMARY KEY (tenant_id, platform, account_id, level)
);
COMMENT ON TABLE spend_readings IS 'How far an ad account has been read. Bookkeeping: what is read twice is absorbed. Writer: spend.';
COMMENT ON COLUMN spend_readings.tenant_id IS 'Tenant.';
COMMENT ON COLUMN spend_readings.platform IS 'Traffic platform of the account.';
COMMENT ON COLUMN spend_readings.account_id IS 'Ad account.';
COMMENT ON COLUMN spend_readings.level IS 'What was read of it: campaign or ad.';
COMMENT ON COLUMN spend_readings.connection IS 'Whose credentials are used: platform of platform_connections.';
COMMENT ON COLUMN spend_readings.restated_at IS 'When all days that the vendor may still restate were last read again.';
COMMENT ON COLUMN spend_readings.read_to IS 'Last date, in the ad account''s time zone, whose figures the gateway has taken; null before the first.';
COMMENT ON COLUMN spend_readings.last_success_at IS 'When a reading last came to its end.';
COMMENT ON COLUMN spend_readings.last_error IS 'Why the latest reading did not, without secrets; null when it did.';
COMMENT ON COLUMN spend_readings.last_error_at IS 'When that was.';
COMMENT ON COLUMN spend_readings.refused IS 'Whether somebody has to act: the credentials, or what they may read, are refused.';
COMMENT ON COLUMN spend_readings.paused_until IS 'Until when it is left alone: the vendor asked for it, or refuses; null when it is not.';
INSERT INTO spend_readings (tenant_id, platform, account_id, level, connection, read_to)
SELECT tenant_id, source, account_id, 'campaign', source, read_to FROM spend_cursors;
COMMENT ON TABLE spend_cursors IS 'Where the release before noted how far an ad account has been read; spend_readings has taken its place. Writer: migrate.';

CREATE TABLE spend_backfills (
    tenant_id text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    level text COLLATE "C" NOT NULL CHECK (level IN ('campaign', 'ad')),
    since date NOT NULL,
    until date NOT NULL,
    read_to date,
    figures bigint NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, platform, account_id, level, since, until)
);
COMMENT ON TABLE spend_backfills IS 'Readings of past days that an operator asked for, and how far they are: a range asked for again goes on where it stopped. Writer: spend.';
COMMENT ON COLUMN spend_backfills.tenant_id IS 'Tenant.';
COMMENT ON COLUMN spend_backfills.platform IS 'Traffic platform of the account.';
COMMENT ON COLUMN spend_backfills.account_id IS 'Ad account.';
COMMENT ON COLUMN spend_backfills.level IS 'What is read: campaign or ad.';
COMMENT ON COLUMN spend_backfills.since IS 'First date that was asked for.';
COMMENT ON COLUMN spend_backfills.until IS 'Last date that was asked for.';
COMMENT ON COLUMN spend_backfills.read_to IS 'Last date of it whose figures the gateway has taken, from since on; null before the first.';
COMMENT ON COLUMN spend_backfills.figures IS 'Figures that the gateway took.';
COMMENT ON COLUMN spend_backfills.updated_at IS 'When it last went on.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['daily_ad_spend', 'spend_readings', 'spend_backfills'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY processor ON %I TO attributary_processor USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY operator ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY analyst ON %I FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()))', name);
        EXECUTE format('GRANT SELECT ON %I TO attributary_analyst', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['spend_readings', 'spend_backfills'] LOOP
        EXECUTE format('CREATE POLICY scheduler ON %I TO attributary_scheduler USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO attributary_scheduler', name);
    END LOOP;
    -- What a complete reading no longer names is told to be nothing, so it asks what there was.
    FOREACH name IN ARRAY ARRAY['daily_spend', 'daily_ad_spend'] LOOP
        EXECUTE format('CREATE POLICY scheduler ON %I FOR SELECT TO attributary_scheduler USING (true)', name);
        EXECUTE format('GRANT SELECT ON %I TO attributary_scheduler', name);
    END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE, DELETE ON daily_ad_spend TO attributary_processor;

ALTER TABLE connection_checks
    DROP CONSTRAINT connection_checks_source_check,
    ADD CONSTRAINT connection_checks_source_check
        CHECK (source IN ('probe', 'deliveries', 'credentials', 'spend'));
COMMENT ON COLUMN connection_checks.source IS 'probe: the platform was asked; deliveries: the fate of late ones; credentials: those stored; spend: reading what ads cost.';

-- From a campaign's id to the names that its touches bear beside it. Servers alone tell ids, so few
-- touches are in it.
CREATE INDEX attribution_touchpoints_campaign
    ON attribution_touchpoints (
        tenant_id COLLATE "C", platform COLLATE "C", campaign_id COLLATE "C", campaign COLLATE "C"
    )
    WHERE campaign_id <> campaign;
