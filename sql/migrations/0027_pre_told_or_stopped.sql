-- Whom an order's uploads name is asked for each purchase that may be told. Most rows name nobody.
CREATE INDEX offline_rows_destinations ON offline_rows (tenant_id, conversion_id, platform)
    WHERE platform IS NOT NULL;

-- A stop that was undone leaves no trace in the queue, so it is written down apart.
CREATE TABLE delivery_consent_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL CHECK (action IN ('stopped', 'released')),
    reason text COLLATE "C" NOT NULL CHECK (reason IN ('consent_denied', 'suppressed')),
    attempts integer NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX delivery_consent_log_event ON delivery_consent_log (tenant_id, platform, event_id);
CREATE INDEX delivery_consent_log_time ON delivery_consent_log (tenant_id, at);
COMMENT ON TABLE delivery_consent_log IS 'Each time that a delivery in the queue was stopped because its person did not allow it, and each time that one was released since the person does now. Only grows. Writer: fanout.';
COMMENT ON COLUMN delivery_consent_log.id IS 'Order of insertion.';
COMMENT ON COLUMN delivery_consent_log.tenant_id IS 'Tenant.';
COMMENT ON COLUMN delivery_consent_log.platform IS 'Destination.';
COMMENT ON COLUMN delivery_consent_log.event_id IS 'Deterministic id at that destination.';
COMMENT ON COLUMN delivery_consent_log.kind IS 'event, refund, cancel or adjust.';
COMMENT ON COLUMN delivery_consent_log.action IS 'stopped: it is not sent; released: it is in the queue again.';
COMMENT ON COLUMN delivery_consent_log.reason IS 'Why it was stopped: consent_denied (a flag that the platform needs), suppressed (nobody may be told of the person).';
COMMENT ON COLUMN delivery_consent_log.attempts IS 'Requests made before.';
COMMENT ON COLUMN delivery_consent_log.at IS 'When.';

ALTER TABLE delivery_consent_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE delivery_consent_log FORCE ROW LEVEL SECURITY;
CREATE POLICY processor ON delivery_consent_log TO attributary_processor USING (true) WITH CHECK (true);
CREATE POLICY operator ON delivery_consent_log TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY analyst ON delivery_consent_log FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()));
GRANT SELECT, INSERT ON delivery_consent_log TO attributary_processor;
GRANT SELECT ON delivery_consent_log TO attributary_analyst;
