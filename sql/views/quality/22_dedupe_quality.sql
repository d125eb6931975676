CREATE VIEW dedupe_quality WITH (security_invoker = true) AS
SELECT
    m.tenant_id,
    m.measurement_date,
    m.platform,
    m.deduplication_quality,
    CASE
        WHEN m.deduplication_quality >= 8 THEN 'excellent'
        WHEN m.deduplication_quality >= 6 THEN 'good'
        WHEN m.deduplication_quality >= 4 THEN 'fair'
        ELSE 'poor'
    END AS dedupe_status,
    m.events_received,
    m.events_matched,
    (
        SELECT count(*)
        FROM offline_conversions AS o
        WHERE o.tenant_id = m.tenant_id
          AND o.platform = m.platform
          AND o.created_at >= m.measurement_date::timestamp AT TIME ZONE 'UTC'
          AND o.created_at < (m.measurement_date + 1)::timestamp AT TIME ZONE 'UTC'
          AND o.uploaded
    ) AS offline_uploads
FROM emq_measurements AS m
WHERE m.measurement_date >= current_date - interval '14 days'
ORDER BY m.measurement_date DESC, m.platform;

COMMENT ON VIEW dedupe_quality IS 'How well events could be told apart in the last 14 days, beside what came by offline uploads, latest first. The thresholds of deduplication are in deduplication_quality. Example: SELECT measurement_date, platform, deduplication_quality, dedupe_status FROM dedupe_quality WHERE tenant_id = ''demo''.';
COMMENT ON COLUMN dedupe_quality.tenant_id IS 'Tenant.';
COMMENT ON COLUMN dedupe_quality.measurement_date IS 'UTC day.';
COMMENT ON COLUMN dedupe_quality.platform IS 'Destination.';
COMMENT ON COLUMN dedupe_quality.deduplication_quality IS '0 to 10.';
COMMENT ON COLUMN dedupe_quality.dedupe_status IS 'excellent from 8, good from 6, fair from 4, else poor.';
COMMENT ON COLUMN dedupe_quality.events_received IS 'Events that were tried.';
COMMENT ON COLUMN dedupe_quality.events_matched IS 'Of these accepted, with a detail by which the platform finds people.';
COMMENT ON COLUMN dedupe_quality.offline_uploads IS 'Offline conversions that came that day, were meant for this platform by name, and were accepted there.';

GRANT SELECT ON dedupe_quality TO attributary_analyst, attributary_processor;
