CREATE VIEW emq_score_history WITH (security_invoker = true) AS
SELECT
    tenant_id,
    measurement_date,
    platform,
    pixel_id,
    overall_score,
    parameter_quality,
    deduplication_quality,
    event_coverage,
    events_received,
    events_matched,
    round(events_matched::numeric / nullif(events_received, 0) * 100, 2) AS match_rate_pct,
    status
FROM emq_measurements
WHERE measurement_date >= current_date - interval '30 days'
ORDER BY measurement_date DESC, platform;

COMMENT ON VIEW emq_score_history IS 'Event match quality of the last 30 days, latest first; older days are in emq_measurements. Example: SELECT measurement_date, platform, overall_score, match_rate_pct, status FROM emq_score_history WHERE tenant_id = ''demo''.';
COMMENT ON COLUMN emq_score_history.tenant_id IS 'Tenant.';
COMMENT ON COLUMN emq_score_history.measurement_date IS 'UTC day of the events'' first attempts.';
COMMENT ON COLUMN emq_score_history.platform IS 'Destination.';
COMMENT ON COLUMN emq_score_history.pixel_id IS 'The tenant''s account there.';
COMMENT ON COLUMN emq_score_history.overall_score IS '0 to 100.';
COMMENT ON COLUMN emq_score_history.parameter_quality IS '0 to 10: how well the events'' details tell whom they are about.';
COMMENT ON COLUMN emq_score_history.deduplication_quality IS '0 to 10: how well events can be told apart.';
COMMENT ON COLUMN emq_score_history.event_coverage IS '0 to 10: share of the pixel''s events that the server has, too.';
COMMENT ON COLUMN emq_score_history.events_received IS 'Events that were tried.';
COMMENT ON COLUMN emq_score_history.events_matched IS 'Of these accepted, with a detail by which the platform finds people.';
COMMENT ON COLUMN emq_score_history.match_rate_pct IS 'Matched of received, in per cent; null when none was.';
COMMENT ON COLUMN emq_score_history.status IS 'good, warning or critical.';

GRANT SELECT ON emq_score_history TO attributary_analyst, attributary_processor;
