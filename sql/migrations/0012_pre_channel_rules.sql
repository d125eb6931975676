ALTER TABLE attribution_touchpoints ALTER COLUMN rules_version TYPE text COLLATE "C" USING rules_version::text;
COMMENT ON COLUMN attribution_touchpoints.rules_version IS 'Version of the channel rules that resolved it: of the defaults, and a hash of the tenant''s own.';

CREATE TABLE channel_rule_passes (
    tenant_id text COLLATE "C" PRIMARY KEY,
    after text COLLATE "C" NOT NULL
);
COMMENT ON TABLE channel_rule_passes IS 'Tenants whose touches are being resolved again, since their channel rules changed. Writer: identity.';
COMMENT ON COLUMN channel_rule_passes.tenant_id IS 'Tenant.';
COMMENT ON COLUMN channel_rule_passes.after IS 'touchpoint_id up to which it is done.';

CREATE TABLE influencers (
    tenant_id text COLLATE "C" NOT NULL,
    influencer_id text COLLATE "C" NOT NULL,
    name text NOT NULL,
    discount_codes text[] NOT NULL,
    ref_codes text[] NOT NULL,
    commission_rate numeric NOT NULL CHECK (commission_rate BETWEEN 0 AND 1),
    removed boolean NOT NULL,
    issued_at bigint NOT NULL,
    command_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, influencer_id)
);
COMMENT ON TABLE influencers IS 'Influencers as set by commands; the greatest (issued_at, command_id) stands. Read it as attribution_influencers. Writer: identity.';
COMMENT ON COLUMN influencers.tenant_id IS 'Tenant.';
COMMENT ON COLUMN influencers.influencer_id IS 'Short name, unique within the tenant.';
COMMENT ON COLUMN influencers.name IS 'Name.';
COMMENT ON COLUMN influencers.discount_codes IS 'Discount codes, as given.';
COMMENT ON COLUMN influencers.ref_codes IS 'Ref and creator codes of links, as given.';
COMMENT ON COLUMN influencers.commission_rate IS 'Share of the revenue, 0 to 1.';
COMMENT ON COLUMN influencers.removed IS 'Taken away; kept so that an older command cannot bring it back.';
COMMENT ON COLUMN influencers.issued_at IS 'Command time, epoch milliseconds.';
COMMENT ON COLUMN influencers.command_id IS 'Tie-break between commands of one time.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['channel_rule_passes', 'influencers'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY processor ON %I TO attributary_processor USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY operator ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY analyst ON %I FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()))', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO attributary_processor', name);
    END LOOP;
END
$$;
GRANT SELECT ON influencers TO attributary_analyst;

CREATE INDEX attribution_touchpoints_codes ON attribution_touchpoints (tenant_id, touchpoint_id)
WHERE ref IS NOT NULL OR creator IS NOT NULL;
