CREATE VIEW emq_advice WITH (security_invoker = true) AS
SELECT
    p.tenant_id,
    p.platform,
    row_number() OVER (
        PARTITION BY p.tenant_id, p.platform
        ORDER BY sum(p.gain * p.events) / sum(p.events) DESC, p.parameter
    ) AS place,
    p.parameter,
    sum(p.events)::bigint AS events,
    round(100.0 * sum(p.events_with) / sum(p.events), 2) AS coverage_pct,
    round(sum(p.gain * p.events) / sum(p.events), 2) AS gain,
    'send ' || p.parameter || ' with the other '
        || round(100 - 100.0 * sum(p.events_with) / sum(p.events), 1)
        || ' % of the events: parameter_quality +'
        || round(sum(p.gain * p.events) / sum(p.events), 2) AS advice
FROM emq_parameter_scores AS p
WHERE p.measurement_date >= current_date - 6
GROUP BY p.tenant_id, p.platform, p.parameter
HAVING sum(p.gain * p.events) >= 0.005 * sum(p.events);

COMMENT ON VIEW emq_advice IS 'Which details of a person would raise the match quality of the last seven days'' events most, the greatest gain first. Each gain is of that detail alone: two together bring less than both. As a rule email, phone and the ad''s click id bring most, then ids of the shop and the browser, then address with agent, name, place, date of birth and gender. Example: SELECT platform, place, advice FROM emq_advice WHERE tenant_id = ''demo'' ORDER BY platform, place.';
COMMENT ON COLUMN emq_advice.tenant_id IS 'Tenant.';
COMMENT ON COLUMN emq_advice.platform IS 'Destination.';
COMMENT ON COLUMN emq_advice.place IS 'From 1, the greatest gain first.';
COMMENT ON COLUMN emq_advice.parameter IS 'The detail, as in emq_parameter_scores.';
COMMENT ON COLUMN emq_advice.events IS 'Events of the seven days.';
COMMENT ON COLUMN emq_advice.coverage_pct IS 'Per cent of them that have it.';
COMMENT ON COLUMN emq_advice.gain IS 'By how much parameter_quality (0 to 10) would be greater if all had it.';
COMMENT ON COLUMN emq_advice.advice IS 'The same as a sentence.';

GRANT SELECT ON emq_advice TO attributary_analyst, attributary_processor;
