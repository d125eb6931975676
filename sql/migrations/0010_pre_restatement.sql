CREATE TABLE conversions_due (
    tenant_id text COLLATE "C" NOT NULL,
    conversion_id text COLLATE "C" NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    marked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    taken_until timestamptz,
    PRIMARY KEY (tenant_id, conversion_id)
)
-- A mark that is made again stays on its page: no index holds what it changes.
WITH (fillfactor = 70);
COMMENT ON TABLE conversions_due IS 'Outbox: conversions whose inputs changed, to be looked at once for all changes until then. Writer: identity.';
COMMENT ON COLUMN conversions_due.tenant_id IS 'Tenant.';
COMMENT ON COLUMN conversions_due.conversion_id IS 'The conversion.';
COMMENT ON COLUMN conversions_due.seq IS 'Anew with every mark: a look takes away only the mark that it saw.';
COMMENT ON COLUMN conversions_due.since IS 'First mark since the latest look.';
COMMENT ON COLUMN conversions_due.marked_at IS 'Latest mark.';
COMMENT ON COLUMN conversions_due.taken_until IS 'A replica is at it until then; null when none is.';
CREATE INDEX conversions_due_since ON conversions_due (since);

ALTER TABLE conversions_due ENABLE ROW LEVEL SECURITY;
ALTER TABLE conversions_due FORCE ROW LEVEL SECURITY;
CREATE POLICY processor ON conversions_due TO attributary_processor USING (true) WITH CHECK (true);
CREATE POLICY operator ON conversions_due TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY analyst ON conversions_due FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON conversions_due TO attributary_processor;

-- Clicks and views have windows of their own: each is read newest first within its own, so that views
-- which cannot count are never looked at.
CREATE INDEX attribution_touchpoints_path
    ON attribution_touchpoints (tenant_id, anchor, touchpoint_type, occurred_at);
DROP INDEX attribution_touchpoints_anchor;
