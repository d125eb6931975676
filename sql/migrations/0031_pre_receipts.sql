-- A platform may take a request and say later what became of its events: its receipt is kept with
-- what the request carried, and asked for until it has told.
CREATE TABLE delivery_receipts (
    tenant_id text COLLATE "C" NOT NULL,
    platform text COLLATE "C" NOT NULL,
    receipt text COLLATE "C" NOT NULL,
    sent_at timestamptz NOT NULL,
    next_at timestamptz NOT NULL,
    asked integer NOT NULL DEFAULT 0,
    ended_at timestamptz,
    verdict text COLLATE "C",
    error text,
    event_ids text[] COLLATE "C" NOT NULL,
    kinds text[] COLLATE "C" NOT NULL,
    attempts integer[] NOT NULL,
    PRIMARY KEY (tenant_id, platform, receipt)
);
COMMENT ON TABLE delivery_receipts IS 'One row for each request that a platform took and judges later; gone some days after its end. Writer: fanout.';
COMMENT ON COLUMN delivery_receipts.tenant_id IS 'Tenant.';
COMMENT ON COLUMN delivery_receipts.platform IS 'Destination.';
COMMENT ON COLUMN delivery_receipts.receipt IS 'The platform''s own id of the request.';
COMMENT ON COLUMN delivery_receipts.sent_at IS 'When the platform took the request.';
COMMENT ON COLUMN delivery_receipts.next_at IS 'When it is asked for next; whoever asks moves it on first, so that no other replica does the same.';
COMMENT ON COLUMN delivery_receipts.asked IS 'How often it was asked for.';
COMMENT ON COLUMN delivery_receipts.ended_at IS 'When it was no longer asked for; null before.';
COMMENT ON COLUMN delivery_receipts.verdict IS 'What was heard last: pending (nothing yet), sent, rejected, retry, reauth, unknown (some are taken, all are told again) or mixed (some are refused, without saying which).';
COMMENT ON COLUMN delivery_receipts.error IS 'The platform''s reasons, or what stood in the way of asking.';
COMMENT ON COLUMN delivery_receipts.event_ids IS 'Ids of the deliveries that the request carried.';
COMMENT ON COLUMN delivery_receipts.kinds IS 'Their kinds, in the same order.';
COMMENT ON COLUMN delivery_receipts.attempts IS 'Which attempt of each it was; what has been sent since is not of this request.';

CREATE INDEX delivery_receipts_due ON delivery_receipts (platform, next_at) WHERE ended_at IS NULL;
CREATE INDEX delivery_receipts_ended ON delivery_receipts (platform, ended_at) WHERE ended_at IS NOT NULL;

ALTER TABLE delivery_receipts ENABLE ROW LEVEL SECURITY;
ALTER TABLE delivery_receipts FORCE ROW LEVEL SECURITY;
CREATE POLICY processor ON delivery_receipts TO attributary_processor USING (true) WITH CHECK (true);
CREATE POLICY operator ON delivery_receipts TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY analyst ON delivery_receipts FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON delivery_receipts TO attributary_processor;
GRANT SELECT ON delivery_receipts TO attributary_analyst;

ALTER TABLE deliveries ADD COLUMN apart text COLLATE "C";
COMMENT ON COLUMN deliveries.apart IS 'Only those with the same text share a request: the part of an earlier one in which a refused event is looked for; null for most.';
GRANT SELECT (apart) ON deliveries TO attributary_analyst;
