CREATE VIEW attribution_summary_facts WITH (security_invoker = true) AS
SELECT
    c.tenant_id,
    c.basis,
    c.date,
    c.channel,
    c.platform,
    c.campaign,
    cell.place::integer AS cell,
    cell.touchpoints,
    cell.conversions,
    cell.revenue,
    NULL::numeric AS spend
FROM summary_cells c
CROSS JOIN LATERAL unnest(c.touchpoints, c.conversions, c.revenue)
    WITH ORDINALITY AS cell (touchpoints, conversions, revenue, place)
UNION ALL
SELECT
    f.tenant_id,
    basis.basis,
    f.date,
    f.channel,
    f.platform,
    f.campaign,
    cell.place,
    0,
    0,
    0,
    f.spend
FROM attribution_spend_facts f
JOIN attribution_settings s ON s.tenant_id = f.tenant_id
CROSS JOIN (VALUES ('accrual'), ('cash')) AS basis (basis)
CROSS JOIN generate_series(1, attributary_cells(s.custom_model)) AS cell (place)
WHERE f.spend IS NOT NULL;
COMMENT ON VIEW attribution_summary_facts IS 'What the channel summaries add up: cells of credit, and spend beside every model and window. Example: SELECT date, sum(spend) FROM attribution_summary_facts WHERE tenant_id = ''demo'' AND basis = ''accrual'' AND cell = 1 GROUP BY date;';
COMMENT ON COLUMN attribution_summary_facts.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_summary_facts.basis IS 'accrual: dated by the touch; cash: by the order.';
COMMENT ON COLUMN attribution_summary_facts.date IS 'Date in the tenant''s time zone; of spend, the ad account''s.';
COMMENT ON COLUMN attribution_summary_facts.channel IS 'Channel.';
COMMENT ON COLUMN attribution_summary_facts.platform IS 'Traffic platform.';
COMMENT ON COLUMN attribution_summary_facts.campaign IS 'Campaign; empty when there is none.';
COMMENT ON COLUMN attribution_summary_facts.cell IS 'Model and window, (model - 1) * 8 + window: 1 to 56, to 64 with a model of the tenant''s own.';
COMMENT ON COLUMN attribution_summary_facts.touchpoints IS 'Pairs of touch and conversion.';
COMMENT ON COLUMN attribution_summary_facts.conversions IS 'Credit in units of 1e-9.';
COMMENT ON COLUMN attribution_summary_facts.revenue IS 'Minor units of the reporting currency.';
COMMENT ON COLUMN attribution_summary_facts.spend IS 'Minor units of the reporting currency, at the rate of the day; null on cells of credit. Spend without a rate waits.';
GRANT SELECT ON attribution_summary_facts TO attributary_analyst, attributary_processor;
