-- What has been taken back of an order at a platform is added up from the claims themselves.
ALTER TABLE dedupe_keys
    ADD COLUMN conversion_id text COLLATE "C",
    ADD COLUMN amount bigint;
COMMENT ON COLUMN dedupe_keys.conversion_id IS 'Of a refund, cancel or adjust: whose order; null for events.';
COMMENT ON COLUMN dedupe_keys.amount IS 'Minor units that a refund or a cancel takes back, or that an adjust leaves; null for events.';
CREATE INDEX dedupe_keys_retractions ON dedupe_keys (tenant_id, conversion_id)
    WHERE conversion_id IS NOT NULL;

ALTER TABLE deliveries ADD COLUMN after_event_id text COLLATE "C";
CREATE INDEX deliveries_after ON deliveries (platform, tenant_id, after_event_id)
    WHERE after_event_id IS NOT NULL;
CREATE INDEX deliveries_following ON deliveries (platform)
    WHERE after_event_id IS NOT NULL AND state IN ('queued', 'parked');
COMMENT ON COLUMN deliveries.after_event_id IS 'Of a refund, cancel or adjust: the id of the purchase that it follows, without whose acceptance it is not sent; null for events.';
