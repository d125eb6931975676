CREATE VIEW offline_batches WITH (security_invoker = true) AS
SELECT
    tenant_id,
    id AS batch_id,
    batch_name,
    platform,
    upload_type,
    total_records,
    successful_records,
    failed_records,
    duplicate_records,
    round(successful_records::numeric / nullif(total_records, 0) * 100, 2) AS success_rate_pct,
    round(duplicate_records::numeric / nullif(total_records, 0) * 100, 2) AS dupe_rate_pct,
    status,
    created_at,
    completed_at
FROM offline_conversion_batches
WHERE created_at >= now() - interval '30 days'
ORDER BY created_at DESC;

COMMENT ON VIEW offline_batches IS 'Uploads of offline conversions of the last 30 days, latest first; older ones, and how many of their rows have a touch, are in offline_conversion_batches. Example: SELECT batch_name, success_rate_pct, dupe_rate_pct FROM offline_batches.';
COMMENT ON COLUMN offline_batches.tenant_id IS 'Tenant.';
COMMENT ON COLUMN offline_batches.batch_id IS 'The caller''s batch_id, else a hash of the file and of what it is called.';
COMMENT ON COLUMN offline_batches.batch_name IS 'What the caller calls it.';
COMMENT ON COLUMN offline_batches.platform IS 'Destination that the upload is meant for; null: every one.';
COMMENT ON COLUMN offline_batches.upload_type IS 'What kind of upload the caller says it is.';
COMMENT ON COLUMN offline_batches.total_records IS 'Rows of the file.';
COMMENT ON COLUMN offline_batches.successful_records IS 'Rows that were taken and brought something new.';
COMMENT ON COLUMN offline_batches.failed_records IS 'Rows that were refused.';
COMMENT ON COLUMN offline_batches.duplicate_records IS 'Rows whose content another row had brought before.';
COMMENT ON COLUMN offline_batches.success_rate_pct IS 'Successful of all rows, in per cent.';
COMMENT ON COLUMN offline_batches.dupe_rate_pct IS 'Duplicates of all rows, in per cent.';
COMMENT ON COLUMN offline_batches.status IS 'processing, completed or failed.';
COMMENT ON COLUMN offline_batches.created_at IS 'When the gateway first took it.';
COMMENT ON COLUMN offline_batches.completed_at IS 'When the gateway had put every row on the log.';

GRANT SELECT ON offline_batches TO attributary_analyst, attributary_processor;
