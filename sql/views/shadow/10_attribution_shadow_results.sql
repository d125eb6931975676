CREATE VIEW attribution_shadow_results WITH (security_invoker = true) AS
SELECT
    r.tenant_id,
    r.run_id,
    r.conversion_id,
    touch.touchpoint_id,
    attributary_model(share.cell) AS model,
    attributary_window(share.cell) AS attribution_window,
    share.credit * 0.000000001 AS credit,
    share.revenue * attributary_unit(r.currency) AS attributed_revenue,
    CASE
        WHEN r.revenue_reporting IS NULL THEN NULL
        WHEN r.touch_revenue_reporting IS NULL THEN share.revenue * attributary_unit(r.currency)
        ELSE share.reporting * attributary_unit(r.reporting_currency)
    END AS attributed_revenue_reporting,
    CASE (share.cell - 1) / 8
        WHEN 5 THEN r.model_version WHEN 7 THEN r.custom_version ELSE 'rule'
    END AS model_version,
    attributary_model(share.cell) = ANY (r.fallback_models) AS is_fallback
FROM shadow_credit_rows r
CROSS JOIN LATERAL (SELECT attributary_cells(r.custom_version) AS cells) AS width
CROSS JOIN LATERAL unnest(r.touchpoint_ids, r.first_windows)
    WITH ORDINALITY AS touch (touchpoint_id, first_window, place)
CROSS JOIN LATERAL unnest(
    r.credit[(touch.place::integer - 1) * width.cells + 1 : touch.place::integer * width.cells],
    r.touch_revenue[(touch.place::integer - 1) * width.cells + 1 : touch.place::integer * width.cells],
    r.touch_revenue_reporting[(touch.place::integer - 1) * width.cells + 1 : touch.place::integer * width.cells]
) WITH ORDINALITY AS share (credit, revenue, reporting, cell)
WHERE (share.cell - 1) % 8 >= touch.first_window;
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
