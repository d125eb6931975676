CREATE VIEW attribution_campaign_roas WITH (security_invoker = true) AS
SELECT
    grouped.tenant_id,
    grouped.date,
    grouped.platform,
    grouped.campaign_id,
    grouped.campaign,
    attributary_model(grouped.cell) AS model,
    attributary_window(grouped.cell) AS attribution_window,
    grouped.spend * attributary_unit(s.currency) AS spend,
    grouped.touchpoints,
    grouped.conversions * 0.000000001 AS conversions,
    grouped.revenue * attributary_unit(s.currency) AS revenue,
    attributary_return(grouped.revenue, grouped.spend)::numeric(10, 4) AS roas,
    round(grouped.spend * attributary_unit(s.currency)
        / nullif(grouped.conversions * 0.000000001, 0), 4) AS cpa
FROM (
    SELECT
        beside.tenant_id,
        beside.date,
        beside.platform,
        beside.campaign_id,
        -- A campaign with spend is called as its platform calls it, else as touches do.
        coalesce(max(beside.name), max(beside.touch_campaign)) AS campaign,
        beside.cell,
        sum(beside.spend) AS spend,
        coalesce(sum(beside.touchpoints), 0)::bigint AS touchpoints,
        coalesce(sum(beside.conversions), 0) AS conversions,
        coalesce(sum(beside.revenue), 0) AS revenue
    FROM (
        SELECT
            f.tenant_id,
            f.date,
            f.platform,
            coalesce(f.campaign_id, f.campaign) AS campaign_id,
            f.campaign AS name,
            NULL::text AS touch_campaign,
            cell.place AS cell,
            f.spend,
            NULL::numeric AS touchpoints,
            NULL::numeric AS conversions,
            NULL::numeric AS revenue
        FROM attribution_spend_facts f
        JOIN attribution_settings own ON own.tenant_id = f.tenant_id
        CROSS JOIN generate_series(1, attributary_cells(own.custom_model)) AS cell (place)
        WHERE f.campaign <> ''
        UNION ALL
        SELECT
            c.tenant_id,
            c.date,
            c.platform,
            coalesce(m.campaign_id, c.campaign),
            NULL,
            c.campaign,
            cell.place::integer,
            NULL,
            cell.touchpoints,
            cell.conversions,
            cell.revenue
        FROM summary_cells c
        LEFT JOIN attribution_campaign_matches m
            ON m.tenant_id = c.tenant_id AND m.platform = c.platform
            AND m.touch_campaign = c.campaign
        CROSS JOIN LATERAL unnest(c.touchpoints, c.conversions, c.revenue)
            WITH ORDINALITY AS cell (touchpoints, conversions, revenue, place)
        WHERE c.basis = 'accrual' AND c.campaign <> ''
    ) AS beside
    GROUP BY
        beside.tenant_id, beside.date, beside.platform, beside.campaign_id, beside.cell
) AS grouped
JOIN attribution_settings s ON s.tenant_id = grouped.tenant_id
WHERE attributary_model(grouped.cell) = ANY (s.enabled_models)
    AND attributary_window(grouped.cell) = ANY (s.enabled_windows)
    AND ((grouped.touchpoints, grouped.conversions, grouped.revenue) <> (0, 0, 0)
        OR grouped.spend IS NOT NULL);
COMMENT ON VIEW attribution_campaign_roas IS 'What campaigns earned by our credit, dated by the touch, beside what they cost, dated by the ad account: a touch belongs to a campaign by attribution_campaign_matches, so ROAS does not hang on equal names. Example: SELECT campaign, sum(revenue) / nullif(sum(spend), 0) AS roas FROM attribution_campaign_roas WHERE tenant_id = ''demo'' AND date >= current_date - 7 AND model = ''linear'' AND attribution_window = ''7d'' GROUP BY campaign;';
COMMENT ON COLUMN attribution_campaign_roas.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_campaign_roas.date IS 'The touch''s date in the tenant''s time zone; of spend, the ad account''s.';
COMMENT ON COLUMN attribution_campaign_roas.platform IS 'Traffic platform.';
COMMENT ON COLUMN attribution_campaign_roas.campaign_id IS 'The vendor''s id of the campaign; where none is known, the name by which spend or touches go.';
COMMENT ON COLUMN attribution_campaign_roas.campaign IS 'What the platform calls it; without spend, as touches have it.';
COMMENT ON COLUMN attribution_campaign_roas.model IS 'One of the tenant''s enabled models.';
COMMENT ON COLUMN attribution_campaign_roas.attribution_window IS 'One of the tenant''s enabled windows.';
COMMENT ON COLUMN attribution_campaign_roas.spend IS 'Spend in the reporting currency, null where there is none; the same on every model and window, so never add it up over them.';
COMMENT ON COLUMN attribution_campaign_roas.touchpoints IS 'Pairs of touch and conversion.';
COMMENT ON COLUMN attribution_campaign_roas.conversions IS 'Sum of credit.';
COMMENT ON COLUMN attribution_campaign_roas.revenue IS 'Attributed net revenue in the reporting currency.';
COMMENT ON COLUMN attribution_campaign_roas.roas IS 'Revenue per unit of spend, 999999.9999 at most; null without spend.';
COMMENT ON COLUMN attribution_campaign_roas.cpa IS 'Spend per conversion; null without conversions or without spend.';
GRANT SELECT ON attribution_campaign_roas TO attributary_analyst, attributary_processor;
