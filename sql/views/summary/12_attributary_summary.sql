-- The one query of the channel summaries. Postgres puts a function like this one into the query that
-- calls it, where a view would have to group by campaigns that two of the three do not show. Its
-- columns have no collation of their own, so the views name that of the keys: without it no index
-- would fit a tenant.
DROP FUNCTION IF EXISTS attributary_summary(text, boolean);
CREATE FUNCTION attributary_summary(of_basis text, by_campaign boolean)
RETURNS TABLE (
    tenant_id text, date date, channel text, platform text, campaign text, model text,
    attribution_window text, touchpoints bigint, conversions numeric, revenue numeric,
    spend numeric, roas numeric, cpa numeric
)
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
SELECT
    grouped.tenant_id,
    grouped.date,
    grouped.channel,
    grouped.platform,
    grouped.campaign,
    attributary_model(grouped.cell),
    attributary_window(grouped.cell),
    grouped.touchpoints,
    grouped.conversions * 0.000000001,
    grouped.revenue * attributary_unit(s.currency),
    grouped.spend * attributary_unit(s.currency),
    round(grouped.revenue / nullif(grouped.spend, 0), 4),
    round(grouped.spend * attributary_unit(s.currency)
        / nullif(grouped.conversions * 0.000000001, 0), 4)
FROM (
    SELECT
        f.tenant_id,
        f.date,
        f.channel,
        f.platform,
        CASE WHEN by_campaign THEN f.campaign ELSE '' END AS campaign,
        f.cell,
        sum(f.touchpoints)::bigint AS touchpoints,
        sum(f.conversions) AS conversions,
        sum(f.revenue) AS revenue,
        sum(f.spend) AS spend
    FROM attribution_summary_facts f
    WHERE f.basis = of_basis
    GROUP BY
        f.tenant_id, f.date, f.channel, f.platform,
        CASE WHEN by_campaign THEN f.campaign ELSE '' END, f.cell
) AS grouped
JOIN attribution_settings s ON s.tenant_id = grouped.tenant_id
WHERE attributary_model(grouped.cell) = ANY (s.enabled_models)
    AND attributary_window(grouped.cell) = ANY (s.enabled_windows)
    AND ((grouped.touchpoints, grouped.conversions, grouped.revenue) <> (0, 0, 0)
        OR grouped.spend IS NOT NULL)
$$;
COMMENT ON FUNCTION attributary_summary(text, boolean) IS 'What channels earned and cost a day on one basis (accrual or cash), of the models and windows that are enabled; with campaigns or without. Read it as attribution_channel_summary and its kin.';
