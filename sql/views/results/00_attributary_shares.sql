-- The one definition of what a compact row of credit says, of whichever table. A plain SELECT without
-- volatile parts: the planner puts it into the query, so a view of it costs what it would cost alone.
DROP FUNCTION IF EXISTS attributary_shares(
    text[], smallint[], integer[], bigint[], bigint[], bigint, text, text, text, text, text[]
);
CREATE FUNCTION attributary_shares(
    touchpoint_ids text[], first_windows smallint[], credits integer[], revenues bigint[],
    reportings bigint[], revenue_reporting bigint, currency text, reporting_currency text,
    trained_version text, custom_version text, fallback_models text[]
)
RETURNS TABLE (
    touchpoint_id text, model text, attribution_window text, credit numeric,
    attributed_revenue numeric, attributed_revenue_reporting numeric, model_version text,
    is_fallback boolean
)
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
SELECT
    touch.touchpoint_id,
    attributary_model(share.cell),
    attributary_window(share.cell),
    share.credit * 0.000000001,
    share.revenue * attributary_unit(currency),
    CASE
        WHEN revenue_reporting IS NULL THEN NULL
        WHEN reportings IS NULL THEN share.revenue * attributary_unit(currency)
        ELSE share.reporting * attributary_unit(reporting_currency)
    END,
    -- The sixth model is data_driven, the only one that is trained; the eighth is the tenant's own.
    CASE (share.cell - 1) / 8
        WHEN 5 THEN trained_version WHEN 7 THEN custom_version ELSE 'rule'
    END,
    attributary_model(share.cell) = ANY (fallback_models)
FROM (SELECT attributary_cells(custom_version) AS cells) AS width
CROSS JOIN LATERAL unnest(touchpoint_ids, first_windows)
    WITH ORDINALITY AS touch (touchpoint_id, first_window, place)
-- A slice a touch: subscripting each of its cells would read a long row's arrays 56 times.
CROSS JOIN LATERAL unnest(
    credits[(touch.place::integer - 1) * width.cells + 1 : touch.place::integer * width.cells],
    revenues[(touch.place::integer - 1) * width.cells + 1 : touch.place::integer * width.cells],
    reportings[(touch.place::integer - 1) * width.cells + 1 : touch.place::integer * width.cells]
) WITH ORDINALITY AS share (credit, revenue, reporting, cell)
WHERE (share.cell - 1) % 8 >= touch.first_window
$$;
COMMENT ON FUNCTION attributary_shares(text[], smallint[], integer[], bigint[], bigint[], bigint, text, text, text, text, text[]) IS 'The credit of every eligible touch of a compact row of credit, in every model and window. Read it as attribution_results, or of a shadow replay as attribution_shadow_results.';
