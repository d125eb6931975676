-- What ad platforms tell of an account besides its figures: what was changed in it, what they advise.
CREATE TABLE ad_changes (
    tenant_id text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    change_id text COLLATE "C" NOT NULL,
    changed_at timestamptz NOT NULL,
    resource_type text COLLATE "C" NOT NULL,
    resource_name text COLLATE "C" NOT NULL,
    operation text COLLATE "C" NOT NULL,
    client_type text COLLATE "C",
    changed_by_sha256 text COLLATE "C",
    campaign_id text COLLATE "C",
    ad_group_id text COLLATE "C",
    changed_fields text[] NOT NULL,
    old_values jsonb NOT NULL,
    new_values jsonb NOT NULL,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, platform, account_id, change_id)
);
COMMENT ON TABLE ad_changes IS 'What was changed in a tenant''s ad accounts, as the platform''s history tells it. Bookkeeping. Read Google''s as google_ads_changes. Writer: ad_history.';
COMMENT ON COLUMN ad_changes.tenant_id IS 'Tenant.';
COMMENT ON COLUMN ad_changes.platform IS 'Whose history it is.';
COMMENT ON COLUMN ad_changes.account_id IS 'Ad account.';
COMMENT ON COLUMN ad_changes.change_id IS 'The platform''s own id of the change, by which it is known again.';
COMMENT ON COLUMN ad_changes.changed_at IS 'When it was made.';
COMMENT ON COLUMN ad_changes.resource_type IS 'What kind of thing was changed, under the platform''s name.';
COMMENT ON COLUMN ad_changes.resource_name IS 'Which, under the platform''s name.';
COMMENT ON COLUMN ad_changes.operation IS 'CREATE, UPDATE or REMOVE, or what else the platform says.';
COMMENT ON COLUMN ad_changes.client_type IS 'Through what it was made, under the platform''s name; null where it is not told.';
COMMENT ON COLUMN ad_changes.changed_by_sha256 IS 'SHA-256 of the email of who did it, trimmed and in lower case; null where nobody is told.';
COMMENT ON COLUMN ad_changes.campaign_id IS 'Campaign that it touches; null for none.';
COMMENT ON COLUMN ad_changes.ad_group_id IS 'Ad group that it touches; null for none.';
COMMENT ON COLUMN ad_changes.changed_fields IS 'Names of the changed fields.';
COMMENT ON COLUMN ad_changes.old_values IS 'Changed fields before it, under the platform''s names.';
COMMENT ON COLUMN ad_changes.new_values IS 'Changed fields after it, under the platform''s names.';
COMMENT ON COLUMN ad_changes.read_at IS 'When it was first read.';

CREATE INDEX ad_changes_latest ON ad_changes (tenant_id, platform, account_id, changed_at);

CREATE TABLE ad_recommendations (
    tenant_id text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    recommendation_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    campaign_id text COLLATE "C",
    dismissed boolean NOT NULL,
    weekly jsonb NOT NULL,
    potential jsonb NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    gone_at timestamptz,
    PRIMARY KEY (tenant_id, platform, account_id, recommendation_id)
);
COMMENT ON TABLE ad_recommendations IS 'What ad platforms advise for a tenant''s accounts, as of the latest reading; nothing is applied. Bookkeeping. Read Google''s as google_ads_recommendations. Writer: ad_history.';
COMMENT ON COLUMN ad_recommendations.tenant_id IS 'Tenant.';
COMMENT ON COLUMN ad_recommendations.platform IS 'Who advises.';
COMMENT ON COLUMN ad_recommendations.account_id IS 'Ad account.';
COMMENT ON COLUMN ad_recommendations.recommendation_id IS 'The platform''s own id, which may end when it thinks anew.';
COMMENT ON COLUMN ad_recommendations.kind IS 'What is advised, under the platform''s name.';
COMMENT ON COLUMN ad_recommendations.campaign_id IS 'Campaign that it is about; null for the account.';
COMMENT ON COLUMN ad_recommendations.dismissed IS 'Somebody has dismissed it at the platform.';
COMMENT ON COLUMN ad_recommendations.weekly IS 'Figures of a week as it is, by name; money in units of the account''s currency. Empty where the platform tells none.';
COMMENT ON COLUMN ad_recommendations.potential IS 'The same, if the advice were followed, as the platform estimates it.';
COMMENT ON COLUMN ad_recommendations.first_seen_at IS 'When it was first read.';
COMMENT ON COLUMN ad_recommendations.last_seen_at IS 'When it was read last.';
COMMENT ON COLUMN ad_recommendations.gone_at IS 'The first reading without it; null while it stands.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['ad_changes', 'ad_recommendations']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY processor ON %I FOR SELECT TO attributary_processor USING (true)', name);
        EXECUTE format('CREATE POLICY operator ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY analyst ON %I FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()))', name);
        EXECUTE format('CREATE POLICY scheduler ON %I TO attributary_scheduler USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT ON %I TO attributary_processor, attributary_analyst', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO attributary_scheduler', name);
    END LOOP;
END
$$;
