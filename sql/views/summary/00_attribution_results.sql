CREATE VIEW attribution_results WITH (security_invoker = true) AS
SELECT
    r.tenant_id,
    r.conversion_id,
    share.*
FROM credit_rows r
CROSS JOIN LATERAL attributary_shares(
    r.touchpoint_ids, r.first_windows, r.credit, r.touch_revenue, r.touch_revenue_reporting,
    r.revenue_reporting, r.currency, r.reporting_currency, r.model_version, r.custom_version,
    r.fallback_models
) AS share;
COMMENT ON VIEW attribution_results IS 'Credit of every eligible touch of every conversion, in every model and window; 0 included. Within a conversion, model and window credit adds up to 1 and revenue to the order''s net. Example: SELECT touchpoint_id, credit, attributed_revenue FROM attribution_results WHERE tenant_id = ''demo'' AND conversion_id = ''...'' AND model = ''linear'' AND attribution_window = ''30d'';';
COMMENT ON COLUMN attribution_results.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_results.conversion_id IS 'The conversion.';
COMMENT ON COLUMN attribution_results.touchpoint_id IS 'The touch.';
COMMENT ON COLUMN attribution_results.model IS 'One of the seven models, or custom: the tenant''s own (custom_model).';
COMMENT ON COLUMN attribution_results.attribution_window IS '1d, 3d, 7d, 14d, 28d, 30d, 90d or ltv (365 days).';
COMMENT ON COLUMN attribution_results.credit IS 'Share of the conversion, 0 to 1, exact to nine decimals.';
COMMENT ON COLUMN attribution_results.attributed_revenue IS 'Share of the net revenue in the order''s currency.';
COMMENT ON COLUMN attribution_results.attributed_revenue_reporting IS 'The same in the tenant''s reporting currency; null until a rate is known.';
COMMENT ON COLUMN attribution_results.model_version IS 'Version of the trained model that data_driven credits the conversion by, as in attribution_model_versions; untrained without one. Of custom, the version of the tenant''s document. Rows of the other models: rule.';
COMMENT ON COLUMN attribution_results.is_fallback IS 'A simpler model stands in, since no trained one stands for the conversion.';
GRANT SELECT ON attribution_results TO attributary_analyst, attributary_processor;
