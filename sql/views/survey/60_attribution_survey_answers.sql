CREATE VIEW attribution_survey_answers WITH (security_invoker = true) AS
SELECT
    s.tenant_id,
    s.provider,
    s.response_id,
    s.conversion_id,
    s.source,
    s.order_id,
    s.answered_at,
    s.question,
    s.answer,
    coalesce(s.channel, known.channel, 'other') AS channel,
    coalesce(s.platform, known.platform, 'none') AS platform,
    c.conversion_id IS NOT NULL AS is_matched
FROM survey_responses AS s
LEFT JOIN conversions AS c USING (tenant_id, conversion_id)
LEFT JOIN LATERAL (
    SELECT k.channel, k.platform
    FROM survey_channels AS k
    WHERE s.channel IS NULL
      AND ' ' || regexp_replace(lower(s.answer COLLATE "C"), '[^a-z0-9]+', ' ', 'g') || ' '
          LIKE '% ' || k.phrase || ' %'
    ORDER BY length(k.phrase) DESC, k.phrase
    LIMIT 1
) AS known ON true;

COMMENT ON VIEW attribution_survey_answers IS 'What buyers said of where they came from, one row an answer. Example: SELECT channel, count(*) FROM attribution_survey_answers WHERE is_matched GROUP BY channel.';
COMMENT ON COLUMN attribution_survey_answers.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_survey_answers.provider IS 'Survey tool.';
COMMENT ON COLUMN attribution_survey_answers.response_id IS 'The tool''s id of the answer.';
COMMENT ON COLUMN attribution_survey_answers.conversion_id IS 'The conversion that the order is or will be.';
COMMENT ON COLUMN attribution_survey_answers.source IS 'The shop whose order it is about.';
COMMENT ON COLUMN attribution_survey_answers.order_id IS 'Order id.';
COMMENT ON COLUMN attribution_survey_answers.answered_at IS 'When it was given or last edited.';
COMMENT ON COLUMN attribution_survey_answers.question IS 'What was asked.';
COMMENT ON COLUMN attribution_survey_answers.answer IS 'What was answered.';
COMMENT ON COLUMN attribution_survey_answers.channel IS 'Channel that it stands for: as the sender said, else by survey_channels, else other.';
COMMENT ON COLUMN attribution_survey_answers.platform IS 'Traffic platform that it stands for.';
COMMENT ON COLUMN attribution_survey_answers.is_matched IS 'The order is known.';

GRANT SELECT ON attribution_survey_answers TO attributary_analyst, attributary_processor;
