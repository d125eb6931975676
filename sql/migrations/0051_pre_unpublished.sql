-- no transaction
-- Oldest first: asked without an order, the planner took the whole table for the shorter way to some
-- rows as soon as a few per cent of it waited.
CREATE INDEX CONCURRENTLY deliveries_untold ON deliveries (finished_at)
    WHERE finished_at IS NOT NULL AND NOT published;
