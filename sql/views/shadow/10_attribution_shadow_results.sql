CREATE VIEW attribution_shadow_results WITH (security_invoker = true) AS
SELECT
    r.tenant_id,
    r.run_id,
    r.conversion_id,
    share.*
FROM shadow_credit_rows r
CROSS JOIN LATERAL attributary_shares(
    r.touchpoint_ids, r.first_windows, r.credit, r.touch_revenue, r.touch_revenue_reporting,
    r.revenue_reporting, r.currency, r.reporting_currency, r.model_version, r.custom_version,
    r.fallback_models
) AS share;
COMMENT ON VIEW attribution_shadow_results IS 'What attribution_results would be under the settings of a shadow replay. Example: SELECT touchpoint_id, credit, attributed_revenue FROM attribution_shadow_results WHERE tenant_id = ''demo'' AND run_id = ''...'' AND conversion_id = ''...'' AND model = ''linear'' AND attribution_window = ''30d'';';
COMMENT ON COLUMN attribution_shadow_results.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_shadow_results.run_id IS 'The run.';
COMMENT ON COLUMN attribution_shadow_results.conversion_id IS 'The conversion.';
COMMENT ON COLUMN attribution_shadow_results.touchpoint_id IS 'The touch.';
COMMENT ON COLUMN attribution_shadow_results.model IS 'Model, as in attribution_results.';
COMMENT ON COLUMN attribution_shadow_results.attribution_window IS '1d, 3d, 7d, 14d, 28d, 30d, 90d or ltv (365 days).';
COMMENT ON COLUMN attribution_shadow_results.credit IS 'Share of the conversion, 0 to 1, exact to nine decimals.';
COMMENT ON COLUMN attribution_shadow_results.attributed_revenue IS 'Share of the net revenue in the order''s currency.';
COMMENT ON COLUMN attribution_shadow_results.attributed_revenue_reporting IS 'The same in the tenant''s reporting currency; null until a rate is known.';
COMMENT ON COLUMN attribution_shadow_results.model_version IS 'Version of the model, as in attribution_results.';
COMMENT ON COLUMN attribution_shadow_results.is_fallback IS 'A simpler model stands in.';
GRANT SELECT ON attribution_shadow_results TO attributary_analyst;
