-- Creatives: which are tired, and how somebody likes to look at them.
CREATE TABLE creative_fatigue_alerts (
    tenant_id text COLLATE "C" NOT NULL,
    date date NOT NULL,
    platform text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    ad_id text COLLATE "C" NOT NULL,
    score numeric(5, 2) NOT NULL,
    level text NOT NULL CHECK (level IN ('watch', 'tired', 'exhausted')),
    reason text NOT NULL,
    detected_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, date, platform, account_id, ad_id)
);
COMMENT ON TABLE creative_fatigue_alerts IS 'Ads that were found tired, one row an ad and day of judgement. Bookkeeping: computed again from daily_ad_spend; a day that is judged again is replaced whole. Writer: creatives.';
COMMENT ON COLUMN creative_fatigue_alerts.tenant_id IS 'Tenant.';
COMMENT ON COLUMN creative_fatigue_alerts.date IS 'Day of judgement: the latest day with figures, included.';
COMMENT ON COLUMN creative_fatigue_alerts.platform IS 'Traffic platform.';
COMMENT ON COLUMN creative_fatigue_alerts.account_id IS 'Ad account.';
COMMENT ON COLUMN creative_fatigue_alerts.ad_id IS 'The vendor''s id of the ad.';
COMMENT ON COLUMN creative_fatigue_alerts.score IS '0 to 100, as in creative_fatigue.';
COMMENT ON COLUMN creative_fatigue_alerts.level IS 'watch from 25 on, tired from 50, exhausted from 75.';
COMMENT ON COLUMN creative_fatigue_alerts.reason IS 'What weighs most: ctr, conversion_rate or frequency.';
COMMENT ON COLUMN creative_fatigue_alerts.detected_at IS 'When it was judged.';

CREATE TABLE creative_saved_views (
    tenant_id text COLLATE "C" NOT NULL,
    view_id text COLLATE "C" NOT NULL,
    name text NOT NULL,
    filters jsonb NOT NULL DEFAULT '{}',
    columns text[] NOT NULL,
    sort text NOT NULL DEFAULT '',
    created_by text NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, view_id)
);
COMMENT ON TABLE creative_saved_views IS 'Ways of looking at creatives that somebody keeps: filters, columns and order of a page. Control data, kept through a rebuild. Writer: creatives.';
COMMENT ON COLUMN creative_saved_views.tenant_id IS 'Tenant.';
COMMENT ON COLUMN creative_saved_views.view_id IS 'Short name, unique within the tenant.';
COMMENT ON COLUMN creative_saved_views.name IS 'What the page calls it.';
COMMENT ON COLUMN creative_saved_views.filters IS 'Conditions, an object of columns of creative_performance and their values.';
COMMENT ON COLUMN creative_saved_views.columns IS 'Columns that are shown, in their order.';
COMMENT ON COLUMN creative_saved_views.sort IS 'Column that it is sorted by, descending with a minus before it; empty for none.';
COMMENT ON COLUMN creative_saved_views.created_by IS 'Who saved it.';
COMMENT ON COLUMN creative_saved_views.updated_at IS 'When it was last saved.';

ALTER TABLE creative_fatigue_alerts ENABLE ROW LEVEL SECURITY;
ALTER TABLE creative_fatigue_alerts FORCE ROW LEVEL SECURITY;
CREATE POLICY processor ON creative_fatigue_alerts FOR SELECT TO attributary_processor USING (true);
CREATE POLICY operator ON creative_fatigue_alerts TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY analyst ON creative_fatigue_alerts FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()));
GRANT SELECT ON creative_fatigue_alerts TO attributary_processor, attributary_analyst;
ALTER TABLE creative_saved_views ENABLE ROW LEVEL SECURITY;
ALTER TABLE creative_saved_views FORCE ROW LEVEL SECURITY;
CREATE POLICY processor ON creative_saved_views FOR SELECT TO attributary_processor USING (true);
CREATE POLICY operator ON creative_saved_views TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY analyst ON creative_saved_views FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()));
GRANT SELECT ON creative_saved_views TO attributary_processor, attributary_analyst;
CREATE POLICY scheduler ON creative_fatigue_alerts TO attributary_scheduler USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON creative_fatigue_alerts TO attributary_scheduler;
