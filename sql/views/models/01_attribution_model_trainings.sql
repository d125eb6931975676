CREATE VIEW attribution_model_trainings WITH (security_invoker = true) AS
SELECT
    t.tenant_id, t.trained_at, t.state, t.reason, t.promotion, t.version, t.since, t.until, t.one_in,
    t.people, t.touches, t.journeys, t.conversions,
    (t.metrics ->> 'auc')::numeric AS auc,
    (t.metrics ->> 'log_loss')::numeric AS log_loss,
    (t.metrics ->> 'base_log_loss')::numeric AS base_log_loss,
    t.metrics -> 'calibration' AS calibration,
    t.channels,
    (t.half_life ->> 'days')::numeric AS half_life_days,
    (t.half_life ->> 'low')::numeric AS half_life_low,
    (t.half_life ->> 'high')::numeric AS half_life_high,
    t.half_life ->> 'reason' AS half_life_reason,
    t.document,
    row_number() OVER (PARTITION BY t.tenant_id ORDER BY t.trained_at DESC) = 1 AS is_latest
FROM attribution_trainings AS t;
COMMENT ON VIEW attribution_model_trainings IS 'Every training of the data_driven model, with how good it is on journeys that it was not trained on, or why there is none. No metric here shows confounding: a model credits channels that buyers use anyway (brand search) with what their intent did; only an experiment can tell. Example: SELECT state, reason, version, conversions, auc FROM attribution_model_trainings WHERE tenant_id = ''demo'' AND is_latest;';
COMMENT ON COLUMN attribution_model_trainings.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_model_trainings.trained_at IS 'When the run began.';
COMMENT ON COLUMN attribution_model_trainings.state IS 'trained, insufficient_data (still learning), failed.';
COMMENT ON COLUMN attribution_model_trainings.reason IS 'Why there is no model.';
COMMENT ON COLUMN attribution_model_trainings.promotion IS 'promoted, standing (the same model credits already), manual (waits for an operator); null without a model.';
COMMENT ON COLUMN attribution_model_trainings.version IS 'As in attribution_model_versions, once it is promoted.';
COMMENT ON COLUMN attribution_model_trainings.since IS 'Touches since then were read.';
COMMENT ON COLUMN attribution_model_trainings.until IS 'Journeys without a conversion end here.';
COMMENT ON COLUMN attribution_model_trainings.one_in IS 'One person in so many was read.';
COMMENT ON COLUMN attribution_model_trainings.people IS 'People with a touch.';
COMMENT ON COLUMN attribution_model_trainings.touches IS 'Their touches.';
COMMENT ON COLUMN attribution_model_trainings.journeys IS 'Their journeys.';
COMMENT ON COLUMN attribution_model_trainings.conversions IS 'Journeys that ended in a conversion.';
COMMENT ON COLUMN attribution_model_trainings.auc IS 'Chance that a moment before a conversion is given a higher probability than another one, 0 to 1; 0.5 is a coin.';
COMMENT ON COLUMN attribution_model_trainings.log_loss IS 'Mean negative log likelihood on held-out moments, in nats.';
COMMENT ON COLUMN attribution_model_trainings.base_log_loss IS 'The same for one who knows the base rate alone; a model must be below it.';
COMMENT ON COLUMN attribution_model_trainings.calibration IS 'Tenths of the held-out moments by predicted probability: conversions expected and seen.';
COMMENT ON COLUMN attribution_model_trainings.channels IS 'Of each channel its share of all conversions, low and high of the 95 % interval, in millionths.';
COMMENT ON COLUMN attribution_model_trainings.half_life_days IS 'Fitted half-life of time_decay.';
COMMENT ON COLUMN attribution_model_trainings.half_life_low IS 'Low end of its 95 % interval.';
COMMENT ON COLUMN attribution_model_trainings.half_life_high IS 'High end of its 95 % interval.';
COMMENT ON COLUMN attribution_model_trainings.half_life_reason IS 'Why there is no fitted half-life.';
COMMENT ON COLUMN attribution_model_trainings.document IS 'The model, JSON of integers.';
COMMENT ON COLUMN attribution_model_trainings.is_latest IS 'The tenant''s latest run.';
GRANT SELECT ON attribution_model_trainings TO attributary_analyst;
