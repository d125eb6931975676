ALTER TABLE daily_spend
    ADD COLUMN reach bigint,
    ADD COLUMN frequency numeric(15, 6),
    ADD COLUMN view_conversions bigint,
    ADD COLUMN click_conversions bigint,
    ADD COLUMN view_value bigint,
    ADD COLUMN click_value bigint;
COMMENT ON TABLE daily_spend IS 'What ad accounts spent and what their platforms say of it, totals only; the greatest (reported_at, amount, and then the rest) stands. Read it as attribution_spend. Writer: summary.';
COMMENT ON COLUMN daily_spend.reach IS 'How many people saw the ads, if the vendor tells; who, no vendor tells. Not to be added up: a person of two days or campaigns counts in both.';
COMMENT ON COLUMN daily_spend.frequency IS 'Impressions per person reached, if the vendor tells.';
COMMENT ON COLUMN daily_spend.view_conversions IS 'Purchases that the platform claims for views without a click (Meta: within 1 day), if it tells.';
COMMENT ON COLUMN daily_spend.click_conversions IS 'Purchases that the platform claims for clicks (Meta: within 7 days), if it tells.';
COMMENT ON COLUMN daily_spend.view_value IS 'Value of view_conversions, minor units of currency.';
COMMENT ON COLUMN daily_spend.click_value IS 'Value of click_conversions, minor units of currency.';

CREATE TABLE spend_cursors (
    tenant_id text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    read_to date NOT NULL,
    PRIMARY KEY (tenant_id, source, account_id)
);
COMMENT ON TABLE spend_cursors IS 'How far an ad account has been read. Bookkeeping: what is read twice is absorbed. Writer: schedule.';
COMMENT ON COLUMN spend_cursors.tenant_id IS 'Tenant.';
COMMENT ON COLUMN spend_cursors.source IS 'Ad platform that was read.';
COMMENT ON COLUMN spend_cursors.account_id IS 'Ad account.';
COMMENT ON COLUMN spend_cursors.read_to IS 'Last date, in the ad account''s time zone, whose figures the gateway has taken.';

ALTER TABLE spend_cursors ENABLE ROW LEVEL SECURITY;
ALTER TABLE spend_cursors FORCE ROW LEVEL SECURITY;
CREATE POLICY processor ON spend_cursors TO attributary_processor USING (true) WITH CHECK (true);
CREATE POLICY operator ON spend_cursors TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY analyst ON spend_cursors FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()));
CREATE POLICY scheduler ON spend_cursors TO attributary_scheduler USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON spend_cursors TO attributary_scheduler;
