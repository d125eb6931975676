-- What a platform is told of an order's worth holds until it is told otherwise, so the order of the
-- telling is kept. A source's place says nothing of it: after a rebuild it is of another topic.
ALTER TABLE dedupe_keys ADD COLUMN turn integer;
ALTER TABLE deliveries ADD COLUMN turn integer;
COMMENT ON COLUMN dedupe_keys.turn IS 'Of a refund, cancel or adjust: how many the platform is told of its order before it; null for events.';
COMMENT ON COLUMN deliveries.turn IS 'Of a refund, cancel or adjust: how many the platform is told of its order before it; null for events.';
COMMENT ON COLUMN dedupe_keys.source_topic IS 'Topic of the record that claimed it; a redelivery of that record emits again. Empty: a record that had been handled before, so whoever meets the claim emits again.';
