CREATE VIEW attribution_shadow_runs WITH (security_invoker = true) AS
SELECT
    r.tenant_id,
    r.run_id,
    r.name,
    r.since,
    r.until,
    r.overrides,
    r.model,
    r.settings_version,
    r.currency,
    r.state,
    r.conversions,
    coalesce(p.done, 0) AS done,
    r.error,
    r.started_at,
    r.ended_at
FROM shadow_runs r
LEFT JOIN (
    SELECT tenant_id, run_id, sum(done)::bigint AS done FROM shadow_ranges GROUP BY tenant_id, run_id
) p USING (tenant_id, run_id);
COMMENT ON VIEW attribution_shadow_runs IS 'Shadow replays: windows of history credited under other settings, beside production. Example: SELECT run_id, overrides, state, done, conversions FROM attribution_shadow_runs WHERE tenant_id = ''demo'' ORDER BY started_at;';
COMMENT ON COLUMN attribution_shadow_runs.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_shadow_runs.run_id IS 'The run.';
COMMENT ON COLUMN attribution_shadow_runs.name IS 'What the operator calls it.';
COMMENT ON COLUMN attribution_shadow_runs.since IS 'Conversions from then on; null: from the first.';
COMMENT ON COLUMN attribution_shadow_runs.until IS 'Conversions before then; null: to the last.';
COMMENT ON COLUMN attribution_shadow_runs.overrides IS 'The settings that the shadow side has and production has not.';
COMMENT ON COLUMN attribution_shadow_runs.model IS 'Version of the trained model that the shadow side has, as in attribution_model_trainings; untrained for the fallback; null: the same as production.';
COMMENT ON COLUMN attribution_shadow_runs.settings_version IS 'Version of the tenant''s settings on the production side, as in attribution_settings.';
COMMENT ON COLUMN attribution_shadow_runs.currency IS 'The reporting currency of all its money.';
COMMENT ON COLUMN attribution_shadow_runs.state IS 'running, complete, failed (see error), promoted (the overrides and the model were put on the log).';
COMMENT ON COLUMN attribution_shadow_runs.conversions IS 'Conversions in the window when the run began.';
COMMENT ON COLUMN attribution_shadow_runs.done IS 'Conversions done, in whole chunks.';
COMMENT ON COLUMN attribution_shadow_runs.error IS 'What stopped it.';
COMMENT ON COLUMN attribution_shadow_runs.started_at IS 'When it was asked for.';
COMMENT ON COLUMN attribution_shadow_runs.ended_at IS 'When it was complete or stopped.';
GRANT SELECT ON attribution_shadow_runs TO attributary_analyst;
