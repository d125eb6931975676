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
    grouped.model,
    grouped.attribution_window,
    grouped.touchpoints::bigint,
    grouped.conversions * 0.000000001,
    grouped.revenue * attributary_unit(grouped.currency),
    grouped.spend * attributary_unit(grouped.currency),
    attributary_return(grouped.revenue, grouped.spend),
    round(grouped.spend * attributary_unit(grouped.currency)
        / nullif(grouped.conversions * 0.000000001, 0), 4)
FROM (
    SELECT
        f.tenant_id,
        f.date,
        f.channel,
        f.platform,
        CASE WHEN by_campaign THEN f.campaign ELSE '' END AS campaign,
        f.model,
        f.attribution_window,
        f.currency,
        sum(f.touchpoints) AS touchpoints,
        sum(f.conversions) AS conversions,
        sum(f.revenue) AS revenue,
        sum(f.spend) AS spend
    FROM attribution_figures f
    WHERE f.basis = of_basis
    GROUP BY
        f.tenant_id, f.date, f.channel, f.platform,
        CASE WHEN by_campaign THEN f.campaign ELSE '' END, f.model, f.attribution_window, f.currency
) AS grouped
WHERE (grouped.touchpoints, grouped.conversions, grouped.revenue) <> (0, 0, 0)
    OR grouped.spend IS NOT NULL
$$;
COMMENT ON FUNCTION attributary_summary(text, boolean) IS 'What channels earned and cost a day on one basis (accrual or cash), of the models and windows that are enabled; with campaigns or without. Read it as attribution_channel_summary and its kin.';
