CREATE VIEW offline_conversion_batches WITH (security_invoker = true) AS
WITH standing AS (
    SELECT DISTINCT ON (tenant_id, batch_id)
        tenant_id, batch_id, batch_name, platform, upload_type, status, total_records,
        failed_records, completed_at,
        min(created_at) OVER (PARTITION BY tenant_id, batch_id) AS created_at
    FROM offline_reports
    ORDER BY tenant_id, batch_id, status = 'processing', issued_at DESC, command_id DESC
)
SELECT
    s.batch_id AS id,
    s.tenant_id,
    s.batch_name,
    s.platform,
    s.upload_type,
    greatest(s.total_records, s.failed_records + taken.n) AS total_records,
    first.n AS successful_records,
    s.failed_records,
    taken.n - first.n AS duplicate_records,
    -- Computed only when asked for; EXISTS as a condition, so that a great batch is joined whole.
    round((
        SELECT count(*) FROM offline_rows AS r
        JOIN conversions AS c ON c.tenant_id = r.tenant_id AND c.conversion_id = r.conversion_id
        WHERE r.tenant_id = s.tenant_id AND r.batch_id = s.batch_id AND EXISTS (
            SELECT 1 FROM identity_nodes AS n
            JOIN attribution_touchpoints AS t ON t.tenant_id = n.tenant_id AND t.anchor = n.node
            WHERE n.tenant_id = c.tenant_id AND n.person_id = c.person_id AND NOT n.quarantined
        )
    )::numeric / nullif(taken.n, 0) * 100, 2) AS match_rate_pct,
    s.status,
    s.created_at,
    s.completed_at
FROM standing AS s
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM offline_rows AS r
    WHERE r.tenant_id = s.tenant_id AND r.batch_id = s.batch_id
) AS taken
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM offline_contents AS f
    WHERE f.tenant_id = s.tenant_id AND f.batch_id = s.batch_id
) AS first;

COMMENT ON VIEW offline_conversion_batches IS 'Every upload of offline conversions. Once the log is drained, successful, failed and duplicate records add up to the total. Example: SELECT batch_name, total_records, successful_records, match_rate_pct FROM offline_conversion_batches ORDER BY created_at DESC.';
COMMENT ON COLUMN offline_conversion_batches.id IS 'The caller''s batch_id, else a hash of the file and of what it is called.';
COMMENT ON COLUMN offline_conversion_batches.tenant_id IS 'Tenant.';
COMMENT ON COLUMN offline_conversion_batches.batch_name IS 'What the caller calls it.';
COMMENT ON COLUMN offline_conversion_batches.platform IS 'Destination that the upload is meant for; null: every one.';
COMMENT ON COLUMN offline_conversion_batches.upload_type IS 'What kind of upload the caller says it is; conversions by default.';
COMMENT ON COLUMN offline_conversion_batches.total_records IS 'Rows of the file.';
COMMENT ON COLUMN offline_conversion_batches.successful_records IS 'Rows that were taken and brought something new.';
COMMENT ON COLUMN offline_conversion_batches.failed_records IS 'Rows that were refused.';
COMMENT ON COLUMN offline_conversion_batches.duplicate_records IS 'Rows whose content another row had brought before, in this upload or another.';
COMMENT ON COLUMN offline_conversion_batches.match_rate_pct IS 'Of the rows that were taken, the share whose conversion has a person with at least one touch, in per cent; null without a row.';
COMMENT ON COLUMN offline_conversion_batches.status IS 'processing, completed, or failed: no row could be taken, or the file breaks off. An upload that stays in processing was cut short; send it again.';
COMMENT ON COLUMN offline_conversion_batches.created_at IS 'When the gateway first took it.';
COMMENT ON COLUMN offline_conversion_batches.completed_at IS 'When the gateway had put every row on the log.';

GRANT SELECT ON offline_conversion_batches TO attributary_analyst, attributary_processor;
