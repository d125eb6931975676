CREATE VIEW identity_coverage WITH (security_invoker = true) AS
SELECT
    r.tenant_id,
    r.date,
    r.record,
    count(*) AS records,
    count(r.visitor_id) AS with_visitor,
    count(r.session_id) AS with_session,
    count(r.customer_id) AS with_customer,
    count(r.email_hash) AS with_email,
    count(r.ids ->> 'phone_sha256') AS with_phone,
    count(r.ids ->> 'external_id') AS with_external_id,
    count(r.ids ->> 'device_id') AS with_device,
    count(r.ids ->> 'ga4_client_id') AS with_ga4_client,
    count(r.ids ->> 'fbp') AS with_fbp,
    count(r.ids ->> 'fbc') AS with_fbc,
    count(r.device_fingerprint) AS with_fingerprint
FROM (
    SELECT tenant_id, (occurred_at AT TIME ZONE 'UTC')::date AS date, 'touch' AS record, visitor_id,
        session_id, customer_id, email_hash, ids, device_fingerprint
    FROM attribution_touchpoints
    UNION ALL
    SELECT tenant_id, (occurred_at AT TIME ZONE 'UTC')::date, 'event', visitor_id, session_id,
        customer_id, raw_data -> 'identifiers' ->> 'email_sha256', raw_data -> 'identifiers',
        device_fingerprint
    FROM pixel_events
    UNION ALL
    SELECT tenant_id, (converted_at AT TIME ZONE 'UTC')::date, 'order', visitor_id,
        folded ->> 'session_id', customer_id, folded -> 'identifiers' ->> 'email_sha256',
        folded -> 'identifiers', NULL
    FROM conversions
) AS r
GROUP BY r.tenant_id, r.date, r.record;

COMMENT ON VIEW identity_coverage IS 'How many records carried each kind of id, by day: what stitching and the platforms'' matching have to go by. Example: SELECT date, records, with_visitor, with_email, with_fbp FROM identity_coverage WHERE tenant_id = ''demo'' AND record = ''order'' ORDER BY date DESC LIMIT 14.';
COMMENT ON COLUMN identity_coverage.tenant_id IS 'Tenant.';
COMMENT ON COLUMN identity_coverage.date IS 'UTC day of the event or the order.';
COMMENT ON COLUMN identity_coverage.record IS 'touch, event (of the pixel or a server) or order.';
COMMENT ON COLUMN identity_coverage.records IS 'How many there are.';
COMMENT ON COLUMN identity_coverage.with_visitor IS 'Of these with a visitor id.';
COMMENT ON COLUMN identity_coverage.with_session IS 'Of these with a session id.';
COMMENT ON COLUMN identity_coverage.with_customer IS 'Of these with a customer id.';
COMMENT ON COLUMN identity_coverage.with_email IS 'Of these with an email''s hash.';
COMMENT ON COLUMN identity_coverage.with_phone IS 'Of these with a phone''s hash.';
COMMENT ON COLUMN identity_coverage.with_external_id IS 'Of these with an external id.';
COMMENT ON COLUMN identity_coverage.with_device IS 'Of these with a device id.';
COMMENT ON COLUMN identity_coverage.with_ga4_client IS 'Of these with a GA4 client id.';
COMMENT ON COLUMN identity_coverage.with_fbp IS 'Of these with Meta''s browser id.';
COMMENT ON COLUMN identity_coverage.with_fbc IS 'Of these with Meta''s click id.';
COMMENT ON COLUMN identity_coverage.with_fingerprint IS 'Of these with a device fingerprint; orders have none.';

GRANT SELECT ON identity_coverage TO attributary_analyst, attributary_processor;
