CREATE VIEW attribution_journeys WITH (security_invoker = true) AS
SELECT
    j.tenant_id,
    j.conversion_id,
    c.source,
    c.order_id,
    c.person_id,
    j.date,
    j.converted_at,
    c.revenue_reporting AS revenue,
    c.reporting_currency AS currency,
    c.is_first_purchase,
    c.status,
    c.state,
    j.counts,
    j.touches[8] AS touches,
    r.channels[1] AS first_channel,
    r.platforms[1] AS first_platform,
    r.channels[cardinality(r.channels)] AS last_channel,
    r.platforms[cardinality(r.platforms)] AS last_platform,
    coalesce(nullif(j.path, ''), '(none)') AS path,
    coalesce(nullif(j.steps, ''), '(none)') AS steps,
    j.seconds[8] AS seconds_to_convert,
    round(j.seconds[8] / 86400.0, 2) AS days_to_convert
FROM journeys AS j
JOIN attribution_conversions AS c ON c.tenant_id = j.tenant_id AND c.conversion_id = j.conversion_id
LEFT JOIN credit_rows AS r ON r.tenant_id = j.tenant_id AND r.conversion_id = j.conversion_id;
COMMENT ON VIEW attribution_journeys IS 'The way to each conversion, one row a conversion as soon as its credit is computed, with all touches that count in the longest window. Its touches are in attribution_journey_touches. A page is read at once, however many there are; for the next one, add AND (converted_at, conversion_id) < (the last row''s). Example: SELECT order_id, revenue, path, days_to_convert FROM attribution_journeys WHERE tenant_id = ''demo'' ORDER BY converted_at DESC, conversion_id DESC LIMIT 50;';
COMMENT ON COLUMN attribution_journeys.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_journeys.conversion_id IS 'The conversion.';
COMMENT ON COLUMN attribution_journeys.source IS 'The shop whose order it is.';
COMMENT ON COLUMN attribution_journeys.order_id IS 'Order id.';
COMMENT ON COLUMN attribution_journeys.person_id IS 'Person; null when no id joins.';
COMMENT ON COLUMN attribution_journeys.date IS 'The order''s date in the tenant''s time zone.';
COMMENT ON COLUMN attribution_journeys.converted_at IS 'When the order was placed.';
COMMENT ON COLUMN attribution_journeys.revenue IS 'Net in the reporting currency; null until a rate is known.';
COMMENT ON COLUMN attribution_journeys.currency IS 'The reporting currency.';
COMMENT ON COLUMN attribution_journeys.is_first_purchase IS 'The person''s first order; null without a person.';
COMMENT ON COLUMN attribution_journeys.status IS 'As in attribution_conversions.';
COMMENT ON COLUMN attribution_journeys.state IS 'As in attribution_conversions.';
COMMENT ON COLUMN attribution_journeys.counts IS 'False: it adds nothing to the summaries and paths (cancelled, refunded, pending).';
COMMENT ON COLUMN attribution_journeys.touches IS 'Touches that count in the longest window.';
COMMENT ON COLUMN attribution_journeys.first_channel IS 'Channel of the first of them.';
COMMENT ON COLUMN attribution_journeys.first_platform IS 'Its traffic platform.';
COMMENT ON COLUMN attribution_journeys.last_channel IS 'Channel of the last of them.';
COMMENT ON COLUMN attribution_journeys.last_platform IS 'Its traffic platform.';
COMMENT ON COLUMN attribution_journeys.path IS 'Channels of all of them, oldest first; (none) without touches.';
COMMENT ON COLUMN attribution_journeys.steps IS 'The path with a channel that follows itself told once.';
COMMENT ON COLUMN attribution_journeys.seconds_to_convert IS 'From the first touch to the order; null without touches.';
COMMENT ON COLUMN attribution_journeys.days_to_convert IS 'The same in days.';
GRANT SELECT ON attribution_journeys TO attributary_analyst, attributary_processor;
