-- What ads show. Views read it by tenant, platform and ad, which is its key.
CREATE TABLE creative_assets (
    tenant_id text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    ad_id text COLLATE "C" NOT NULL,
    creative_id text COLLATE "C",
    campaign_id text COLLATE "C",
    ad text,
    type text NOT NULL CHECK (type IN ('image', 'video', 'carousel', 'dynamic', 'text', 'other')),
    title text,
    body text,
    thumbnail_url text,
    landing_page text,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, platform, ad_id)
);
COMMENT ON TABLE creative_assets IS 'What each ad shows, as its platform last told it; one that it names no more stays. Bookkeeping: read again every hour. Writer: creative_assets.';
COMMENT ON COLUMN creative_assets.tenant_id IS 'Tenant.';
COMMENT ON COLUMN creative_assets.platform IS 'Traffic platform.';
COMMENT ON COLUMN creative_assets.account_id IS 'Ad account.';
COMMENT ON COLUMN creative_assets.ad_id IS 'The vendor''s id of the ad.';
COMMENT ON COLUMN creative_assets.creative_id IS 'The vendor''s id of the creative, or of the video or image, that the ad shows.';
COMMENT ON COLUMN creative_assets.campaign_id IS 'The vendor''s id of its campaign.';
COMMENT ON COLUMN creative_assets.ad IS 'What the ad is called.';
COMMENT ON COLUMN creative_assets.type IS 'image, video, carousel, dynamic (the vendor puts it together of several texts and pictures), text or other.';
COMMENT ON COLUMN creative_assets.title IS 'Headline; of a dynamic ad, the first of them.';
COMMENT ON COLUMN creative_assets.body IS 'Text; of a dynamic ad, the first of them.';
COMMENT ON COLUMN creative_assets.thumbnail_url IS 'A picture of it at the vendor; most are signed and end after hours or days.';
COMMENT ON COLUMN creative_assets.landing_page IS 'Where a click leads.';
COMMENT ON COLUMN creative_assets.first_seen_at IS 'When it was first read.';
COMMENT ON COLUMN creative_assets.last_seen_at IS 'When it was last read.';

ALTER TABLE creative_assets ENABLE ROW LEVEL SECURITY;
ALTER TABLE creative_assets FORCE ROW LEVEL SECURITY;
CREATE POLICY processor ON creative_assets FOR SELECT TO attributary_processor USING (true);
CREATE POLICY operator ON creative_assets TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY analyst ON creative_assets FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()));
CREATE POLICY scheduler ON creative_assets TO attributary_scheduler USING (true) WITH CHECK (true);
GRANT SELECT ON creative_assets TO attributary_processor, attributary_analyst;
GRANT SELECT, INSERT, UPDATE ON creative_assets TO attributary_scheduler;

-- What vendors make while one waits is waited for across a restart.
CREATE TABLE spend_reports (
    tenant_id text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    question text NOT NULL,
    report text NOT NULL,
    promised_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, platform, account_id, question)
);
COMMENT ON TABLE spend_reports IS 'Reports that a vendor was asked for and that are not read yet, so that a process that starts again waits on. Bookkeeping: one that is lost is asked for again. Writer: spend.';
COMMENT ON COLUMN spend_reports.tenant_id IS 'Tenant.';
COMMENT ON COLUMN spend_reports.platform IS 'Traffic platform.';
COMMENT ON COLUMN spend_reports.account_id IS 'Ad account.';
COMMENT ON COLUMN spend_reports.question IS 'What was asked for, its SHA-256.';
COMMENT ON COLUMN spend_reports.report IS 'The vendor''s id of the report.';
COMMENT ON COLUMN spend_reports.promised_at IS 'When it was asked for.';

ALTER TABLE spend_reports ENABLE ROW LEVEL SECURITY;
ALTER TABLE spend_reports FORCE ROW LEVEL SECURITY;
CREATE POLICY processor ON spend_reports FOR SELECT TO attributary_processor USING (true);
CREATE POLICY operator ON spend_reports TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY analyst ON spend_reports FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()));
CREATE POLICY scheduler ON spend_reports TO attributary_scheduler USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON spend_reports TO attributary_scheduler;
