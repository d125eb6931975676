-- The gateway's role sees control tables only; this is the one thing that it tells of results.
CREATE OR REPLACE FUNCTION attributary_offline_batches(tenant text, days integer, most integer)
RETURNS TABLE (
    batch_id text, batch_name text, platform text, upload_type text, total_records bigint,
    successful_records bigint, failed_records bigint, duplicate_records bigint,
    success_rate_pct numeric, dupe_rate_pct numeric, match_rate_pct numeric, status text,
    created_at timestamptz, completed_at timestamptz
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
SELECT
    b.id, b.batch_name, b.platform, b.upload_type, b.total_records, b.successful_records,
    b.failed_records, b.duplicate_records,
    round(b.successful_records::numeric / nullif(b.total_records, 0) * 100, 2),
    round(b.duplicate_records::numeric / nullif(b.total_records, 0) * 100, 2),
    b.match_rate_pct, b.status, b.created_at, b.completed_at
FROM offline_conversion_batches AS b
WHERE b.tenant_id = tenant AND b.created_at >= now() - days * interval '1 day'
ORDER BY b.created_at DESC, b.id
LIMIT most
$$;
COMMENT ON FUNCTION attributary_offline_batches(text, integer, integer) IS 'Uploads of offline conversions of one tenant, of so many days, latest first: what the gateway lists.';
REVOKE ALL ON FUNCTION attributary_offline_batches(text, integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_offline_batches(text, integer, integer) TO attributary_gateway;
