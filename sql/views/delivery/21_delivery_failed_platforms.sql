CREATE VIEW delivery_failed_platforms WITH (security_invoker = true) AS
SELECT
    tenant_id,
    date,
    array_agg(platform ORDER BY platform) FILTER (WHERE failures <> '{}') AS failed_platforms,
    array_agg(platform ORDER BY platform) FILTER (WHERE failures = '{}') AS sound_platforms
FROM delivery_health
GROUP BY tenant_id, date;

COMMENT ON VIEW delivery_failed_platforms IS 'Which platforms failed on a day and which did not, since one that fails holds up no other. Example: SELECT date, failed_platforms FROM delivery_failed_platforms WHERE tenant_id = ''demo'' AND failed_platforms IS NOT NULL ORDER BY date DESC LIMIT 14.';
COMMENT ON COLUMN delivery_failed_platforms.tenant_id IS 'Tenant.';
COMMENT ON COLUMN delivery_failed_platforms.date IS 'UTC day of the attempts.';
COMMENT ON COLUMN delivery_failed_platforms.failed_platforms IS 'Platforms for whose failure delivery_health has a reason; null when there are none.';
COMMENT ON COLUMN delivery_failed_platforms.sound_platforms IS 'The others that were tried; null when there are none.';

GRANT SELECT ON delivery_failed_platforms TO attributary_analyst, attributary_processor;
