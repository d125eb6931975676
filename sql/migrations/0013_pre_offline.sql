CREATE TABLE offline_rows (
    tenant_id text COLLATE "C" NOT NULL,
    batch_id text COLLATE "C" NOT NULL,
    row_number bigint NOT NULL,
    content_hash text COLLATE "C" NOT NULL,
    conversion_id text COLLATE "C" NOT NULL,
    platform text COLLATE "C",
    upload_type text NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, batch_id, row_number, content_hash)
);
COMMENT ON TABLE offline_rows IS 'Every row of every upload of offline conversions that was taken. Only grows; of several receipts the first stands. Read it as offline_conversions. Writer: identity.';
COMMENT ON COLUMN offline_rows.tenant_id IS 'Tenant.';
COMMENT ON COLUMN offline_rows.batch_id IS 'The upload.';
COMMENT ON COLUMN offline_rows.row_number IS 'Place among the rows of the file, from 1.';
COMMENT ON COLUMN offline_rows.content_hash IS 'Hash of what the row says.';
COMMENT ON COLUMN offline_rows.conversion_id IS 'The order that it is.';
COMMENT ON COLUMN offline_rows.platform IS 'Destination that the upload is meant for; null: every one.';
COMMENT ON COLUMN offline_rows.upload_type IS 'What kind of upload the caller says it is.';
COMMENT ON COLUMN offline_rows.received_at IS 'When the gateway first took it.';

CREATE TABLE offline_contents (
    tenant_id text COLLATE "C" NOT NULL,
    conversion_id text COLLATE "C" NOT NULL,
    content_hash text COLLATE "C" NOT NULL,
    received_at timestamptz NOT NULL,
    batch_id text COLLATE "C" NOT NULL,
    row_number bigint NOT NULL,
    PRIMARY KEY (tenant_id, conversion_id, content_hash)
);
CREATE INDEX offline_contents_batch ON offline_contents (tenant_id, batch_id);
COMMENT ON TABLE offline_contents IS 'Which row brought a content first: the smallest (received_at, batch_id, row_number). Every other row with it is a duplicate. Writer: identity.';
COMMENT ON COLUMN offline_contents.tenant_id IS 'Tenant.';
COMMENT ON COLUMN offline_contents.conversion_id IS 'The order.';
COMMENT ON COLUMN offline_contents.content_hash IS 'Hash of what the row says.';
COMMENT ON COLUMN offline_contents.received_at IS 'When the gateway took the first.';
COMMENT ON COLUMN offline_contents.batch_id IS 'The upload of the first.';
COMMENT ON COLUMN offline_contents.row_number IS 'Its place in that upload.';

CREATE TABLE offline_reports (
    tenant_id text COLLATE "C" NOT NULL,
    batch_id text COLLATE "C" NOT NULL,
    command_id text COLLATE "C" NOT NULL,
    issued_at bigint NOT NULL,
    batch_name text NOT NULL,
    platform text COLLATE "C",
    upload_type text NOT NULL,
    status text NOT NULL CHECK (status IN ('processing', 'completed', 'failed')),
    total_records bigint NOT NULL,
    failed_records bigint NOT NULL,
    created_at timestamptz NOT NULL,
    completed_at timestamptz,
    PRIMARY KEY (tenant_id, batch_id, command_id)
);
COMMENT ON TABLE offline_reports IS 'What commands told of uploads of offline conversions. Only grows. Read it as offline_conversion_batches. Writer: identity.';
COMMENT ON COLUMN offline_reports.tenant_id IS 'Tenant.';
COMMENT ON COLUMN offline_reports.batch_id IS 'The upload: the caller''s id, else a hash of the file and of what it is called.';
COMMENT ON COLUMN offline_reports.command_id IS 'The command.';
COMMENT ON COLUMN offline_reports.issued_at IS 'Command time, epoch milliseconds.';
COMMENT ON COLUMN offline_reports.batch_name IS 'What the caller calls it.';
COMMENT ON COLUMN offline_reports.platform IS 'Destination that the upload is meant for; null: every one.';
COMMENT ON COLUMN offline_reports.upload_type IS 'What kind of upload the caller says it is.';
COMMENT ON COLUMN offline_reports.status IS 'processing, completed or failed (nothing was taken, or the file broke off).';
COMMENT ON COLUMN offline_reports.total_records IS 'Rows of the file; 0 while it is processed.';
COMMENT ON COLUMN offline_reports.failed_records IS 'Rows that were refused.';
COMMENT ON COLUMN offline_reports.created_at IS 'When the gateway took the upload.';
COMMENT ON COLUMN offline_reports.completed_at IS 'When the gateway had put every row on the log.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['offline_rows', 'offline_contents', 'offline_reports']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY processor ON %I TO attributary_processor USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY operator ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY analyst ON %I FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()))', name);
    END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE, DELETE ON offline_rows, offline_contents, offline_reports TO attributary_processor;
GRANT SELECT ON offline_rows, offline_contents, offline_reports TO attributary_analyst;
