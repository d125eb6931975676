-- no transaction
-- deliveries_untold has taken its place.
DROP INDEX CONCURRENTLY IF EXISTS deliveries_unpublished;
