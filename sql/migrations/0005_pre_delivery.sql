CREATE TABLE dedupe_keys (
    tenant_id text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    source_topic text COLLATE "C" NOT NULL,
    source_partition integer NOT NULL,
    source_offset bigint NOT NULL,
    first_seen timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, platform, event_id, kind)
);
COMMENT ON TABLE dedupe_keys IS 'One claim for each event and platform, for good; it remembers the record that made it. Writer: dedupe.';
COMMENT ON COLUMN dedupe_keys.tenant_id IS 'Tenant.';
COMMENT ON COLUMN dedupe_keys.platform IS 'Destination.';
COMMENT ON COLUMN dedupe_keys.event_id IS 'Deterministic id at that destination.';
COMMENT ON COLUMN dedupe_keys.kind IS 'event, refund, cancel or adjust.';
COMMENT ON COLUMN dedupe_keys.source_topic IS 'Topic of the record that claimed it; a redelivery of that record emits again.';
COMMENT ON COLUMN dedupe_keys.source_partition IS 'Its partition.';
COMMENT ON COLUMN dedupe_keys.source_offset IS 'Its offset.';
COMMENT ON COLUMN dedupe_keys.first_seen IS 'Event time of the claim.';

CREATE TABLE deliveries (
    tenant_id text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    event_name text NOT NULL,
    order_id text COLLATE "C",
    occurred_at timestamptz NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (state IN ('queued', 'sending', 'parked', 'sent', 'rejected', 'expired', 'unknown', 'filtered')),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    deadline_at timestamptz NOT NULL,
    lease_owner text COLLATE "C",
    leased_until timestamptz,
    first_attempt_at timestamptz,
    http_status integer,
    error text,
    finished_at timestamptz,
    published boolean NOT NULL DEFAULT false,
    payload jsonb,
    PRIMARY KEY (tenant_id, platform, event_id, kind)
);
COMMENT ON TABLE deliveries IS 'Queue and ledger: one row for each event and platform. Writer: fanout.';
COMMENT ON COLUMN deliveries.tenant_id IS 'Tenant.';
COMMENT ON COLUMN deliveries.platform IS 'Destination.';
COMMENT ON COLUMN deliveries.event_id IS 'Deterministic id at that destination.';
COMMENT ON COLUMN deliveries.kind IS 'event, refund, cancel or adjust.';
COMMENT ON COLUMN deliveries.event_name IS 'Event name before the platform''s own.';
COMMENT ON COLUMN deliveries.order_id IS 'Order, if the event is about one.';
COMMENT ON COLUMN deliveries.occurred_at IS 'Event time.';
COMMENT ON COLUMN deliveries.state IS 'queued and parked can still be sent; sending found after a crash is in doubt; the others are final.';
COMMENT ON COLUMN deliveries.attempts IS 'Requests made so far.';
COMMENT ON COLUMN deliveries.next_attempt_at IS 'Not before this time.';
COMMENT ON COLUMN deliveries.deadline_at IS 'The platform accepts it until then.';
COMMENT ON COLUMN deliveries.lease_owner IS 'Sender that holds it.';
COMMENT ON COLUMN deliveries.leased_until IS 'When the lease ends.';
COMMENT ON COLUMN deliveries.first_attempt_at IS 'First request; the vendor''s dedupe window counts from it.';
COMMENT ON COLUMN deliveries.http_status IS 'Of the last attempt.';
COMMENT ON COLUMN deliveries.error IS 'Of the last attempt.';
COMMENT ON COLUMN deliveries.finished_at IS 'When it reached a final state.';
COMMENT ON COLUMN deliveries.published IS 'Its outcome is on delivery_outcomes.v1.';
COMMENT ON COLUMN deliveries.payload IS 'The record of deliveries.<platform>.v1; null for rows restored by a rebuild.';

CREATE TABLE delivery_dlq (
    tenant_id text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    error text,
    attempts integer NOT NULL,
    created_at timestamptz NOT NULL,
    replayed_at timestamptz,
    PRIMARY KEY (tenant_id, platform, event_id, kind)
);
COMMENT ON TABLE delivery_dlq IS 'Deliveries that ended without being accepted, for a human or a replay. Writer: fanout.';
COMMENT ON COLUMN delivery_dlq.tenant_id IS 'Tenant.';
COMMENT ON COLUMN delivery_dlq.platform IS 'Destination.';
COMMENT ON COLUMN delivery_dlq.event_id IS 'Deterministic id at that destination.';
COMMENT ON COLUMN delivery_dlq.kind IS 'event, refund, cancel or adjust.';
COMMENT ON COLUMN delivery_dlq.reason IS 'rejected, expired or unknown.';
COMMENT ON COLUMN delivery_dlq.error IS 'What the platform said last.';
COMMENT ON COLUMN delivery_dlq.attempts IS 'Requests made.';
COMMENT ON COLUMN delivery_dlq.created_at IS 'When it ended.';
COMMENT ON COLUMN delivery_dlq.replayed_at IS 'When it was queued again.';

CREATE INDEX deliveries_due ON deliveries (platform, tenant_id, deadline_at) WHERE state IN ('queued', 'parked');
CREATE INDEX deliveries_deadline ON deliveries (platform, deadline_at) WHERE state IN ('queued', 'parked');
CREATE INDEX deliveries_leased ON deliveries (platform, leased_until) WHERE state = 'sending';
CREATE INDEX deliveries_unpublished ON deliveries (platform) WHERE finished_at IS NOT NULL AND NOT published;
CREATE INDEX deliveries_order ON deliveries (tenant_id, order_id) WHERE order_id IS NOT NULL;

CREATE TABLE capi_delivery_log (
    tenant_id text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    event_name text NOT NULL,
    order_id text COLLATE "C",
    attempt integer NOT NULL,
    status text NOT NULL,
    http_status integer,
    error text,
    request_digest text NOT NULL,
    response_digest text,
    latency_ms integer NOT NULL,
    created_at timestamptz NOT NULL
) PARTITION BY RANGE (created_at);
CREATE TABLE capi_delivery_log_default PARTITION OF capi_delivery_log DEFAULT;
CREATE INDEX capi_delivery_log_event ON capi_delivery_log (tenant_id, platform, event_id);
COMMENT ON COLUMN capi_delivery_log.tenant_id IS 'Tenant.';
COMMENT ON COLUMN capi_delivery_log.platform IS 'Destination.';
COMMENT ON COLUMN capi_delivery_log.event_id IS 'Deterministic id at that destination.';
COMMENT ON COLUMN capi_delivery_log.kind IS 'event, refund, cancel or adjust.';
COMMENT ON COLUMN capi_delivery_log.event_name IS 'Event name.';
COMMENT ON COLUMN capi_delivery_log.order_id IS 'Order, if the event is about one.';
COMMENT ON COLUMN capi_delivery_log.attempt IS 'Number of the request, from 1.';
COMMENT ON COLUMN capi_delivery_log.status IS 'sent, retry, throttled, rejected, reauth or unknown.';
COMMENT ON COLUMN capi_delivery_log.http_status IS 'Null when no answer came.';
COMMENT ON COLUMN capi_delivery_log.error IS 'What the platform or the network said; no secrets, no details of people.';
COMMENT ON COLUMN capi_delivery_log.request_digest IS 'SHA-256 of the request body.';
COMMENT ON COLUMN capi_delivery_log.response_digest IS 'SHA-256 of the response body.';
COMMENT ON COLUMN capi_delivery_log.latency_ms IS 'From sending to answer, milliseconds.';
COMMENT ON COLUMN capi_delivery_log.created_at IS 'When the attempt was made.';
COMMENT ON TABLE capi_delivery_log IS 'One row for each request to a platform about one event; partitioned by month. Writer: fanout.';
COMMENT ON TABLE capi_delivery_log_default IS 'Rows of months that have no partition yet. Writer: fanout.';
