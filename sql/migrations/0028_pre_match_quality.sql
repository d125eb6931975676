-- What a platform itself says of how well it matches a tenant's events: the latest.
CREATE TABLE platform_match_quality (
    tenant_id text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    emq_score numeric(5, 2),
    emq_parameter_scores jsonb NOT NULL,
    last_emq_check_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, platform)
);
COMMENT ON TABLE platform_match_quality IS 'The latest match quality that a platform told of an account, on its own scale. Bookkeeping. Read it as meta_ad_connections. Writer: schedule.';
COMMENT ON COLUMN platform_match_quality.tenant_id IS 'Tenant.';
COMMENT ON COLUMN platform_match_quality.platform IS 'Who told.';
COMMENT ON COLUMN platform_match_quality.account_id IS 'Of which pixel.';
COMMENT ON COLUMN platform_match_quality.emq_score IS '0 to 10: of Purchase, else the mean of all events; null where the platform has seen too little.';
COMMENT ON COLUMN platform_match_quality.emq_parameter_scores IS 'By event: score (0 to 10) and coverage, the percentage of its events that have each identifier, under the platform''s names.';
COMMENT ON COLUMN platform_match_quality.last_emq_check_at IS 'When it was asked.';

ALTER TABLE platform_match_quality ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform_match_quality FORCE ROW LEVEL SECURITY;
CREATE POLICY processor ON platform_match_quality FOR SELECT TO attributary_processor USING (true);
CREATE POLICY operator ON platform_match_quality TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY analyst ON platform_match_quality FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()));
CREATE POLICY scheduler ON platform_match_quality TO attributary_scheduler USING (true) WITH CHECK (true);
GRANT SELECT ON platform_match_quality TO attributary_processor, attributary_analyst;
GRANT SELECT, INSERT, UPDATE ON platform_match_quality TO attributary_scheduler;

ALTER TABLE platform_connections ADD COLUMN ad_account_id text COLLATE "C";
COMMENT ON COLUMN platform_connections.ad_account_id IS 'Whose reports are read, where events go to another kind of account; no secret. Null until it is told.';
GRANT SELECT (ad_account_id) ON platform_connections TO attributary_analyst;
