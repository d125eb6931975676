CREATE VIEW attribution_survey WITH (security_invoker = true) AS
SELECT
    a.tenant_id,
    a.provider,
    a.response_id,
    a.conversion_id,
    a.source,
    a.order_id,
    a.answered_at,
    a.answer,
    a.channel AS said_channel,
    m.model,
    coalesce(credited.channel, 'unattributed') AS credited_channel,
    coalesce(credited.credit, 1) AS credited_share,
    coalesce(credited.said_credit, 0) AS said_share
FROM attribution_survey_answers AS a
LEFT JOIN credit_rows AS found USING (tenant_id, conversion_id)
CROSS JOIN LATERAL unnest((attributary_models())[: attributary_cells(found.custom_version) / 8]) AS m (model)
LEFT JOIN LATERAL (
    SELECT
        by_channel.channel,
        by_channel.credit,
        sum(by_channel.credit) FILTER (WHERE by_channel.channel = a.channel) OVER () AS said_credit
    FROM (
        SELECT t.channel, sum(r.credit) AS credit
        FROM attribution_results AS r
        JOIN attribution_touchpoints AS t USING (tenant_id, touchpoint_id)
        WHERE r.tenant_id = a.tenant_id AND r.conversion_id = a.conversion_id
          AND r.model = m.model AND r.attribution_window = '30d'
        GROUP BY t.channel
    ) AS by_channel
    ORDER BY by_channel.credit DESC, by_channel.channel
    LIMIT 1
) AS credited ON true
WHERE a.is_matched;

COMMENT ON VIEW attribution_survey IS 'What the buyer said beside what each model says of the same order, in the 30-day window: one row an answer and model. Example: SELECT model, avg(said_share) AS agreement FROM attribution_survey GROUP BY model ORDER BY agreement DESC.';
COMMENT ON COLUMN attribution_survey.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_survey.provider IS 'Survey tool.';
COMMENT ON COLUMN attribution_survey.response_id IS 'The tool''s id of the answer.';
COMMENT ON COLUMN attribution_survey.conversion_id IS 'The conversion.';
COMMENT ON COLUMN attribution_survey.source IS 'The shop whose order it is about.';
COMMENT ON COLUMN attribution_survey.order_id IS 'Order id.';
COMMENT ON COLUMN attribution_survey.answered_at IS 'When it was given or last edited.';
COMMENT ON COLUMN attribution_survey.answer IS 'What was answered.';
COMMENT ON COLUMN attribution_survey.said_channel IS 'Channel that the answer stands for.';
COMMENT ON COLUMN attribution_survey.model IS 'Attribution model.';
COMMENT ON COLUMN attribution_survey.credited_channel IS 'Channel to which the model gives most; unattributed without a touch in the window.';
COMMENT ON COLUMN attribution_survey.credited_share IS 'What it gives to that channel, 0 to 1.';
COMMENT ON COLUMN attribution_survey.said_share IS 'What it gives to the channel that the buyer said, 0 to 1.';

GRANT SELECT ON attribution_survey TO attributary_analyst, attributary_processor;
