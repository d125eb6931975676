-- A delivery may wait for days: its trace waits with it. Nullable and without a default, so no row is
-- written, and a fanout of the release before goes on.
ALTER TABLE deliveries ADD COLUMN traceparent text COLLATE "C";
COMMENT ON COLUMN deliveries.traceparent IS 'W3C trace context of the record that brought it; null for the many that are not traced.';
