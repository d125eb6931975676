-- The gateway's role sees control tables only; these two are all that it tells of results.
-- Dropped first: what a function returns cannot be replaced.
DROP FUNCTION IF EXISTS attributary_offline_batches(text, integer, integer);
CREATE FUNCTION attributary_offline_batches(tenant text, days integer, most integer)
RETURNS TABLE (
    batch_id text, batch_name text, platform text, upload_type text, total_records bigint,
    successful_records bigint, failed_records bigint, duplicate_records bigint,
    success_rate_pct numeric, dupe_rate_pct numeric, status text,
    created_at timestamptz, completed_at timestamptz
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
SELECT
    b.id, b.batch_name, b.platform, b.upload_type, b.total_records, b.successful_records,
    b.failed_records, b.duplicate_records,
    round(b.successful_records::numeric / nullif(b.total_records, 0) * 100, 2),
    round(b.duplicate_records::numeric / nullif(b.total_records, 0) * 100, 2),
    b.status, b.created_at, b.completed_at
FROM offline_conversion_batches AS b
WHERE b.tenant_id = tenant AND b.created_at >= now() - days * interval '1 day'
ORDER BY b.created_at DESC, b.id
LIMIT most
$$;
COMMENT ON FUNCTION attributary_offline_batches(text, integer, integer) IS 'Uploads of offline conversions of one tenant, of so many days, latest first: what the gateway lists.';
REVOKE ALL ON FUNCTION attributary_offline_batches(text, integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_offline_batches(text, integer, integer) TO attributary_gateway;

CREATE OR REPLACE FUNCTION attributary_offline_match_rate(tenant text, batch text)
RETURNS numeric
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
SELECT b.match_rate_pct FROM offline_conversion_batches AS b WHERE b.tenant_id = tenant AND b.id = batch
$$;
COMMENT ON FUNCTION attributary_offline_match_rate(text, text) IS 'The match rate of one upload; apart from the list, since a great upload takes seconds.';
REVOKE ALL ON FUNCTION attributary_offline_match_rate(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_offline_match_rate(text, text) TO attributary_gateway;
