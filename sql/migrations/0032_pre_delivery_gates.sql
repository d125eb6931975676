-- What stands between a tenant's queue and a platform, one for all replicas of fanout. The columns
-- that change with every request are in no index, and a page has room for their new versions.
CREATE TABLE delivery_gates (
    tenant_id text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    tokens numeric NOT NULL,
    refilled_at timestamptz NOT NULL,
    granted integer NOT NULL,
    failures integer NOT NULL DEFAULT 0,
    trips integer NOT NULL DEFAULT 0,
    open_until timestamptz,
    probe_owner text COLLATE "C",
    probe_until timestamptz,
    paused_until timestamptz,
    PRIMARY KEY (tenant_id, platform)
) WITH (fillfactor = 50);
COMMENT ON TABLE delivery_gates IS 'Rate limit and circuit of a tenant at a platform, shared by the replicas that send; a row since the first request. Writer: fanout.';
COMMENT ON COLUMN delivery_gates.tenant_id IS 'Tenant.';
COMMENT ON COLUMN delivery_gates.platform IS 'Destination.';
COMMENT ON COLUMN delivery_gates.tokens IS 'Requests that could start at refilled_at; below zero when some were promised in advance.';
COMMENT ON COLUMN delivery_gates.refilled_at IS 'When tokens was right; it has grown by the rate since, up to the capacity.';
COMMENT ON COLUMN delivery_gates.granted IS 'Requests granted to the replica that asked last.';
COMMENT ON COLUMN delivery_gates.failures IS 'Failed requests since the last one that the platform answered sensibly.';
COMMENT ON COLUMN delivery_gates.trips IS 'How many times the circuit opened since then; each doubles the rest.';
COMMENT ON COLUMN delivery_gates.open_until IS 'When the circuit lets a probe pass; null while it is closed.';
COMMENT ON COLUMN delivery_gates.probe_owner IS 'Replica whose request is the probe, or was the last one.';
COMMENT ON COLUMN delivery_gates.probe_until IS 'When the probe counts as lost and another may pass; null when none is under way.';
COMMENT ON COLUMN delivery_gates.paused_until IS 'How long the platform asked to be left alone.';

CREATE INDEX delivery_gates_shut ON delivery_gates (platform)
    WHERE open_until IS NOT NULL OR paused_until IS NOT NULL;

ALTER TABLE delivery_gates ENABLE ROW LEVEL SECURITY;
ALTER TABLE delivery_gates FORCE ROW LEVEL SECURITY;
CREATE POLICY processor ON delivery_gates TO attributary_processor USING (true) WITH CHECK (true);
CREATE POLICY operator ON delivery_gates TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY analyst ON delivery_gates FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON delivery_gates TO attributary_processor;
GRANT SELECT ON delivery_gates TO attributary_analyst;

COMMENT ON TABLE delivery_circuit_openings IS 'When a circuit of a tenant at a platform was open, a row each time that it opened. Writer: fanout.';
COMMENT ON COLUMN delivery_circuit_openings.replica IS 'Sender whose request opened it.';
