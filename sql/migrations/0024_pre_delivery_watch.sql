-- What an operator asks of a delivery without opening its payload, which may hold details of people:
-- the columns have grants of their own. They are empty for rows that a rebuild restored.
ALTER TABLE deliveries
    ADD COLUMN value bigint GENERATED ALWAYS AS ((payload ->> 'value')::bigint) STORED,
    ADD COLUMN currency text GENERATED ALWAYS AS (payload ->> 'currency') STORED,
    ADD COLUMN order_source text COLLATE "C" GENERATED ALWAYS AS (payload ->> 'source') STORED,
    ADD COLUMN source_event_id text COLLATE "C"
        GENERATED ALWAYS AS (payload ->> 'source_event_id') STORED;
COMMENT ON COLUMN deliveries.value IS 'What it tells the platform, minor units of currency; null when it tells none.';
COMMENT ON COLUMN deliveries.currency IS 'ISO 4217 code of the value.';
COMMENT ON COLUMN deliveries.order_source IS 'The shop whose order it is about.';
COMMENT ON COLUMN deliveries.source_event_id IS 'The sender''s own id of what it is about.';
GRANT SELECT (value, currency, order_source, source_event_id) ON deliveries TO attributary_analyst;

-- Operators look at days. By the time itself: under row-level security an analyst's condition on an
-- expression, such as the day of a time, never reaches an index. A row of deliveries enters its
-- index once, when it is sent.
CREATE INDEX deliveries_sent ON deliveries (tenant_id, occurred_at, platform) WHERE state = 'sent';
CREATE INDEX capi_delivery_log_time ON capi_delivery_log (tenant_id, created_at);
CREATE INDEX pixel_events_time ON pixel_events (tenant_id, occurred_at);
CREATE INDEX conversions_time ON conversions (tenant_id, converted_at);

CREATE TABLE delivery_circuit_openings (
    tenant_id text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    replica text COLLATE "C" NOT NULL,
    opened_at timestamptz NOT NULL,
    open_until timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, platform, opened_at, replica)
);
COMMENT ON TABLE delivery_circuit_openings IS 'When a circuit of a tenant at a platform was open, a row each time that it opened. Each replica has circuits of its own. Writer: fanout.';
COMMENT ON COLUMN delivery_circuit_openings.tenant_id IS 'Tenant.';
COMMENT ON COLUMN delivery_circuit_openings.platform IS 'Destination.';
COMMENT ON COLUMN delivery_circuit_openings.replica IS 'Sender whose circuit it was.';
COMMENT ON COLUMN delivery_circuit_openings.opened_at IS 'When it opened.';
COMMENT ON COLUMN delivery_circuit_openings.open_until IS 'When it was closed, else when it lets a probe pass; a probe that fails is the next opening.';

ALTER TABLE delivery_circuit_openings ENABLE ROW LEVEL SECURITY;
ALTER TABLE delivery_circuit_openings FORCE ROW LEVEL SECURITY;
CREATE POLICY processor ON delivery_circuit_openings TO attributary_processor USING (true) WITH CHECK (true);
CREATE POLICY operator ON delivery_circuit_openings TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY analyst ON delivery_circuit_openings FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON delivery_circuit_openings TO attributary_processor;
GRANT SELECT ON delivery_circuit_openings TO attributary_analyst;

COMMENT ON COLUMN capi_delivery_log.status IS 'sent, retry, throttled, rejected, reauth, unknown, or unwanted: the tenant never asked for such events there.';

-- What is connected, without its secrets.
GRANT SELECT (tenant_id, platform, account_id, enabled) ON platform_connections TO attributary_analyst;
