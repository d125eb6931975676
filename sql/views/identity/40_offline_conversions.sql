CREATE VIEW offline_conversions WITH (security_invoker = true) AS
SELECT
    r.tenant_id,
    r.batch_id,
    r.row_number,
    r.conversion_id,
    c.order_id,
    coalesce(c.folded ->> 'event_name', 'Purchase') AS event_name,
    r.platform,
    r.upload_type,
    (f.batch_id, f.row_number) <> (r.batch_id, r.row_number) AS is_duplicate,
    EXISTS (
        SELECT 1 FROM identity_nodes AS n
        JOIN attribution_touchpoints AS t ON t.tenant_id = n.tenant_id AND t.anchor = n.node
        WHERE n.tenant_id = c.tenant_id AND n.person_id = c.person_id AND NOT n.quarantined
    ) AS is_matched,
    EXISTS (
        SELECT 1 FROM deliveries AS d
        WHERE d.tenant_id = c.tenant_id AND d.order_id = c.order_id
          AND d.kind = 'event' AND d.state = 'sent'
          AND d.platform = coalesce(r.platform, d.platform)
          -- The id of the purchase: another source may have an order of the same number.
          AND d.event_id = left(encode(sha256(convert_to(
              c.tenant_id || ':' || c.source || '/' || c.order_id || ':' || d.platform, 'UTF8'
          )), 'hex'), 32)
    ) AS uploaded,
    r.received_at AS created_at
FROM offline_rows AS r
JOIN offline_contents AS f USING (tenant_id, conversion_id, content_hash)
LEFT JOIN conversions AS c USING (tenant_id, conversion_id);

COMMENT ON VIEW offline_conversions IS 'Every row that was taken of an upload of offline conversions. Example: SELECT platform, count(*), count(*) FILTER (WHERE uploaded) AS uploaded FROM offline_conversions WHERE created_at >= now() - interval ''30 days'' GROUP BY platform.';
COMMENT ON COLUMN offline_conversions.tenant_id IS 'Tenant.';
COMMENT ON COLUMN offline_conversions.batch_id IS 'The upload, id of offline_conversion_batches.';
COMMENT ON COLUMN offline_conversions.row_number IS 'Place among the rows of the file, from 1.';
COMMENT ON COLUMN offline_conversions.conversion_id IS 'The order, conversion_id of attribution_conversions.';
COMMENT ON COLUMN offline_conversions.order_id IS 'The row''s order id, else a hash of what it says; source offline.';
COMMENT ON COLUMN offline_conversions.event_name IS 'What the row calls the conversion; Purchase when it does not.';
COMMENT ON COLUMN offline_conversions.platform IS 'Destination that the upload is meant for; null: every one.';
COMMENT ON COLUMN offline_conversions.upload_type IS 'What kind of upload the caller says it is.';
COMMENT ON COLUMN offline_conversions.is_duplicate IS 'Another row brought the same content before, in this upload or another.';
COMMENT ON COLUMN offline_conversions.is_matched IS 'The conversion has a person with at least one touch, at any time.';
COMMENT ON COLUMN offline_conversions.uploaded IS 'A destination accepted the conversion; with a platform, that one.';
COMMENT ON COLUMN offline_conversions.created_at IS 'When the gateway first took the row.';

GRANT SELECT ON offline_conversions TO attributary_analyst, attributary_processor;
