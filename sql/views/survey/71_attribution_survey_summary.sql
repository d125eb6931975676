CREATE VIEW attribution_survey_summary WITH (security_invoker = true) AS
WITH surveyed AS (
    SELECT DISTINCT tenant_id, conversion_id FROM attribution_survey_answers WHERE is_matched
), said AS (
    SELECT tenant_id, channel, count(DISTINCT conversion_id) AS conversions
    FROM attribution_survey_answers
    WHERE is_matched
    GROUP BY tenant_id, channel
), credited AS (
    SELECT s.tenant_id, r.model, t.channel, sum(r.credit) AS conversions
    FROM surveyed AS s
    JOIN attribution_results AS r USING (tenant_id, conversion_id)
    JOIN attribution_touchpoints AS t USING (tenant_id, touchpoint_id)
    WHERE r.attribution_window = '30d'
    GROUP BY s.tenant_id, r.model, t.channel
), models AS (
    SELECT s.tenant_id, m.model, count(*) AS conversions
    FROM surveyed AS s
    LEFT JOIN credit_rows AS r USING (tenant_id, conversion_id)
    CROSS JOIN LATERAL unnest((attributary_models())[: attributary_cells(r.custom_version) / 8]) AS m (model)
    GROUP BY s.tenant_id, m.model
), both_sides AS (
    SELECT m.tenant_id, m.model, s.channel, s.conversions AS said, 0::numeric AS credited
    FROM models AS m
    JOIN said AS s USING (tenant_id)
    UNION ALL
    SELECT tenant_id, model, channel, 0, conversions FROM credited
    UNION ALL
    SELECT m.tenant_id, m.model, 'unattributed', 0, m.conversions - coalesce(sum(c.conversions), 0)
    FROM models AS m
    LEFT JOIN credited AS c USING (tenant_id, model)
    GROUP BY m.tenant_id, m.model, m.conversions
)
SELECT
    tenant_id,
    model,
    channel,
    sum(said) AS conversions_said,
    sum(credited) AS conversions_credited
FROM both_sides
GROUP BY tenant_id, model, channel
HAVING sum(said) <> 0 OR sum(credited) <> 0;

COMMENT ON VIEW attribution_survey_summary IS 'Of the orders whose buyers answered: how many named each channel, and how many the models give to it in the 30-day window. Example: SELECT channel, conversions_said, conversions_credited FROM attribution_survey_summary WHERE model = ''linear'' ORDER BY conversions_said DESC.';
COMMENT ON COLUMN attribution_survey_summary.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_survey_summary.model IS 'Attribution model.';
COMMENT ON COLUMN attribution_survey_summary.channel IS 'Channel of the answer, and of the credit.';
COMMENT ON COLUMN attribution_survey_summary.conversions_said IS 'Orders with an answer that stands for the channel; an order with two answers counts at both.';
COMMENT ON COLUMN attribution_survey_summary.conversions_credited IS 'Credit of the same orders'' touches of that channel.';

GRANT SELECT ON attribution_survey_summary TO attributary_analyst, attributary_processor;
