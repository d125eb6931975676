-- upsert_offline_rows --
INSERT INTO offline_rows AS t (
    tenant_id, batch_id, row_number, content_hash, conversion_id, platform, upload_type, received_at
)
SELECT
    tenant_id, batch_id, row_number, content_hash, conversion_id, platform, upload_type,
    timestamptz 'epoch' + received_at * interval '1 millisecond'
FROM unnest(
    $1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::bigint[]
) AS new (
    tenant_id, batch_id, row_number, content_hash, conversion_id, platform, upload_type, received_at
)
ON CONFLICT (tenant_id, batch_id, row_number, content_hash) DO UPDATE
    SET received_at = excluded.received_at
    WHERE excluded.received_at < t.received_at

-- upsert_offline_contents --
INSERT INTO offline_contents AS t (
    tenant_id, conversion_id, content_hash, received_at, batch_id, row_number
)
SELECT
    tenant_id, conversion_id, content_hash,
    timestamptz 'epoch' + received_at * interval '1 millisecond', batch_id, row_number
FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[])
    AS new (tenant_id, conversion_id, content_hash, received_at, batch_id, row_number)
ON CONFLICT (tenant_id, conversion_id, content_hash) DO UPDATE SET
    received_at = excluded.received_at,
    batch_id = excluded.batch_id,
    row_number = excluded.row_number
WHERE (excluded.received_at, excluded.batch_id, excluded.row_number)
    < (t.received_at, t.batch_id, t.row_number)

-- insert_offline_reports --
INSERT INTO offline_reports (
    tenant_id, batch_id, command_id, issued_at, batch_name, platform, upload_type, status,
    total_records, failed_records, created_at, completed_at
)
SELECT
    tenant_id, batch_id, command_id, issued_at, batch_name, platform, upload_type, status,
    total_records, failed_records,
    timestamptz 'epoch' + created_at * interval '1 millisecond',
    timestamptz 'epoch' + completed_at * interval '1 millisecond'
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[]
) AS new (
    tenant_id, batch_id, command_id, issued_at, batch_name, platform, upload_type, status,
    total_records, failed_records, created_at, completed_at
)
ON CONFLICT (tenant_id, batch_id, command_id) DO NOTHING
RETURNING tenant_id, batch_id, command_id

