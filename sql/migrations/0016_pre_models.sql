CREATE TABLE attribution_models (
    tenant_id text COLLATE "C" NOT NULL,
    issued_at bigint NOT NULL,
    command_id text COLLATE "C" NOT NULL,
    applies_from bigint NOT NULL,
    version text COLLATE "C" NOT NULL,
    model text NOT NULL,
    document text NOT NULL,
    PRIMARY KEY (tenant_id, issued_at, command_id, applies_from, version)
);
COMMENT ON TABLE attribution_models IS 'Promotions of trained models, as told by commands; it only grows. Of those whose applies_from a conversion has reached the greatest (issued_at, command_id) stands. Read it as attribution_model_versions. Writer: identity.';
COMMENT ON COLUMN attribution_models.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_models.issued_at IS 'Command time, epoch milliseconds.';
COMMENT ON COLUMN attribution_models.command_id IS 'Tie-break between commands of one time.';
COMMENT ON COLUMN attribution_models.applies_from IS 'Conversions since then are credited by it, epoch milliseconds.';
COMMENT ON COLUMN attribution_models.version IS 'Hash of the document; untrained without one.';
COMMENT ON COLUMN attribution_models.model IS 'data_driven.';
COMMENT ON COLUMN attribution_models.document IS 'The trained model, JSON; empty: back to the untrained fallback.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['attribution_models'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY processor ON %I TO attributary_processor USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY operator ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY analyst ON %I FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()))', name);
    END LOOP;
END
$$;
GRANT SELECT, INSERT ON attribution_models TO attributary_processor;
GRANT SELECT ON attribution_models TO attributary_analyst, attributary_scheduler;
CREATE POLICY scheduler ON attribution_models FOR SELECT TO attributary_scheduler USING (true);
