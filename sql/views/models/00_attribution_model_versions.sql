CREATE VIEW attribution_model_versions WITH (security_invoker = true) AS
SELECT
    tenant_id,
    model,
    version,
    timestamptz 'epoch' + issued_at * interval '1 millisecond' AS promoted_at,
    timestamptz 'epoch' + applies_from * interval '1 millisecond' AS applies_from,
    row_number() OVER latest = 1 AS is_standing,
    version = 'untrained' AS is_fallback,
    document,
    command_id
FROM attribution_models
WINDOW latest AS (
    PARTITION BY tenant_id, model ORDER BY issued_at DESC, command_id DESC, applies_from DESC, version DESC
);
COMMENT ON VIEW attribution_model_versions IS 'Promotions of trained models. A conversion is credited by the latest whose applies_from it has reached; by the untrained fallback before the first. Example: SELECT version, promoted_at, applies_from FROM attribution_model_versions WHERE tenant_id = ''demo'' AND is_standing;';
COMMENT ON COLUMN attribution_model_versions.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_model_versions.model IS 'data_driven.';
COMMENT ON COLUMN attribution_model_versions.version IS 'As in attribution_results.model_version; untrained takes the tenant back to the fallback.';
COMMENT ON COLUMN attribution_model_versions.promoted_at IS 'When it was asked for.';
COMMENT ON COLUMN attribution_model_versions.applies_from IS 'Conversions since then are credited by it.';
COMMENT ON COLUMN attribution_model_versions.is_standing IS 'The latest promotion, which credits new conversions.';
COMMENT ON COLUMN attribution_model_versions.is_fallback IS 'Without a model: a simpler one stands in.';
COMMENT ON COLUMN attribution_model_versions.document IS 'The trained model, JSON of integers; empty for the fallback.';
COMMENT ON COLUMN attribution_model_versions.command_id IS 'The command of the log that promoted it.';
GRANT SELECT ON attribution_model_versions TO attributary_analyst, attributary_processor;
