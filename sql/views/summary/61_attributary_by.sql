-- Periods of any length: sums first, ratios of the sums after, never means of days.
DROP FUNCTION IF EXISTS attributary_summary_by(text, text, date, date, text);
DROP FUNCTION IF EXISTS attributary_overview_by(text, text, date, date);
CREATE OR REPLACE FUNCTION attributary_period(day date, of_grain text, first_date date) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT CASE
    WHEN of_grain = 'day' THEN day
    WHEN of_grain IN ('week', 'month', 'quarter', 'year')
        THEN date_trunc(of_grain, day::timestamp)::date
    ELSE day - (day - first_date) % rtrim(of_grain, 'd')::integer
END
$$;
COMMENT ON FUNCTION attributary_period(date, text, date) IS 'The start of the day''s period: day, week (from Monday on), month, quarter, year, or so many days counted from the first (10d). Another grain is an error.';

CREATE FUNCTION attributary_summary_by(
    of_tenant text, of_grain text, first_date date, last_date date, of_basis text DEFAULT 'cash'
)
RETURNS TABLE (
    period date, channel text, platform text, model text, attribution_window text,
    touchpoints bigint, conversions numeric, revenue numeric, revenue_share numeric, spend numeric,
    roas numeric, cpa numeric, roas_index numeric
)
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
SELECT
    g.period,
    g.channel,
    g.platform,
    g.model,
    g.attribution_window,
    g.touchpoints::bigint,
    g.conversions * 0.000000001,
    g.revenue * attributary_unit(g.currency),
    round(g.revenue / nullif(sum(g.revenue) OVER whole, 0), 6),
    g.spend * attributary_unit(g.currency),
    attributary_return(g.revenue, g.spend),
    round(g.spend * attributary_unit(g.currency) / nullif(g.conversions * 0.000000001, 0), 4),
    round(100 * g.revenue * sum(g.spend) OVER whole / nullif(
        g.spend * sum(g.revenue) FILTER (WHERE g.spend > 0) OVER whole, 0), 2)
FROM (
    SELECT
        attributary_period(f.date, of_grain, first_date) AS period,
        f.channel, f.platform, f.model, f.attribution_window, f.currency,
        sum(f.touchpoints) AS touchpoints, sum(f.conversions) AS conversions,
        sum(f.revenue) AS revenue, sum(f.spend) AS spend
    FROM attribution_figures AS f
    WHERE f.tenant_id = of_tenant AND f.basis = of_basis AND f.date BETWEEN first_date AND last_date
    GROUP BY
        attributary_period(f.date, of_grain, first_date), f.channel, f.platform, f.model,
        f.attribution_window, f.currency
) AS g
WHERE (g.touchpoints, g.conversions, g.revenue) <> (0, 0, 0) OR g.spend IS NOT NULL
WINDOW whole AS (PARTITION BY g.period, g.model, g.attribution_window)
$$;
COMMENT ON FUNCTION attributary_summary_by(text, text, date, date, text) IS 'The channel summary by periods of any grain (attributary_period) between two dates, both included, on the cash or the accrual basis; with each channel''s share of all revenue, and its ROAS beside that of all channels with spend (100 is the same). Example: SELECT period, channel, revenue, roas, roas_index FROM attributary_summary_by(''demo'', ''week'', CURRENT_DATE - 90, CURRENT_DATE) WHERE model = ''linear'' AND attribution_window = ''30d'';';

CREATE FUNCTION attributary_overview_by(of_tenant text, of_grain text, first_date date, last_date date)
RETURNS TABLE (
    period date, model text, attribution_window text, revenue numeric, attributed_revenue numeric,
    unattributed_revenue numeric, conversions numeric, attributed_conversions numeric,
    spend numeric, roas numeric, mer numeric, cpa numeric, aov numeric, new_orders bigint,
    returning_orders bigint
)
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
SELECT
    g.*,
    attributary_return(g.attributed_revenue, g.spend),
    attributary_return(g.revenue, g.spend),
    round(g.spend / nullif(g.attributed_conversions, 0), 4),
    round(g.revenue / nullif(g.conversions, 0), 4),
    coalesce(bought.new_orders, 0),
    coalesce(bought.returning_orders, 0)
FROM (
    SELECT
        attributary_period(o.date, of_grain, first_date) AS period,
        o.model,
        o.attribution_window,
        sum(o.revenue) AS revenue,
        sum(o.attributed_revenue) AS attributed_revenue,
        sum(o.unattributed_revenue) AS unattributed_revenue,
        sum(o.conversions) AS conversions,
        sum(o.attributed_conversions) AS attributed_conversions,
        sum(o.spend) AS spend
    FROM attribution_overview AS o
    WHERE o.tenant_id = of_tenant AND o.date BETWEEN first_date AND last_date
    GROUP BY attributary_period(o.date, of_grain, first_date), o.model, o.attribution_window
) AS g
LEFT JOIN (
    SELECT
        attributary_period(c.date, of_grain, first_date) AS period,
        sum(c.new_orders)::bigint AS new_orders,
        sum(c.returning_orders)::bigint AS returning_orders
    FROM attribution_customers AS c
    WHERE c.tenant_id = of_tenant AND c.date BETWEEN first_date AND last_date
    GROUP BY attributary_period(c.date, of_grain, first_date)
) AS bought ON bought.period = g.period
$$;
COMMENT ON FUNCTION attributary_overview_by(text, text, date, date) IS 'The overview by periods of any grain (attributary_period) between two dates, both included. Example: SELECT period, revenue, roas, mer FROM attributary_overview_by(''demo'', ''month'', CURRENT_DATE - 365, CURRENT_DATE) WHERE model = ''linear'' AND attribution_window = ''30d'';';
