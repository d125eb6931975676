CREATE VIEW attribution_path_facts WITH (security_invoker = true) AS
SELECT
    j.tenant_id,
    j.conversion_id,
    j.date,
    windows.name AS attribution_window,
    substr(j.path, j.path_starts[windows.place]) AS path,
    substr(j.steps, j.steps_starts[windows.place]) AS steps,
    j.touches[windows.place] AS touches,
    j.seconds[windows.place] AS seconds,
    j.revenue
FROM journeys AS j
CROSS JOIN (VALUES
    ('1d', 1), ('3d', 2), ('7d', 3), ('14d', 4), ('28d', 5), ('30d', 6), ('90d', 7), ('ltv', 8)
) AS windows (name, place)
WHERE j.counts;
COMMENT ON VIEW attribution_path_facts IS 'The path of every conversion that counts, in each window: what the views of paths add up. Example: SELECT steps, count(*) FROM attribution_path_facts WHERE tenant_id = ''demo'' AND attribution_window = ''30d'' AND date >= current_date - 30 GROUP BY steps ORDER BY 2 DESC LIMIT 20;';
COMMENT ON COLUMN attribution_path_facts.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_path_facts.conversion_id IS 'The conversion.';
COMMENT ON COLUMN attribution_path_facts.date IS 'The order''s date in the tenant''s time zone.';
COMMENT ON COLUMN attribution_path_facts.attribution_window IS '1d, 3d, 7d, 14d, 28d, 30d, 90d or ltv (365 days).';
COMMENT ON COLUMN attribution_path_facts.path IS 'Channels of the touches that count in the window, oldest first; empty without.';
COMMENT ON COLUMN attribution_path_facts.steps IS 'The path with a channel that follows itself told once.';
COMMENT ON COLUMN attribution_path_facts.touches IS 'Touches that count in the window.';
COMMENT ON COLUMN attribution_path_facts.seconds IS 'From the first of them to the order; null without touches.';
COMMENT ON COLUMN attribution_path_facts.revenue IS 'Net, minor units of the reporting currency.';
GRANT SELECT ON attribution_path_facts TO attributary_analyst, attributary_processor;

CREATE VIEW attribution_top_paths WITH (security_invoker = true) AS
SELECT
    grouped.tenant_id,
    grouped.date,
    grouped.attribution_window,
    coalesce(nullif(grouped.path, ''), '(none)') AS path,
    coalesce(nullif(grouped.steps, ''), '(none)') AS steps,
    grouped.conversions,
    grouped.revenue * attributary_unit(s.currency) AS revenue,
    grouped.touches,
    grouped.seconds AS seconds_to_convert,
    round(grouped.seconds / 86400.0 / nullif(grouped.timed, 0), 2) AS mean_days_to_convert
FROM (
    SELECT
        f.tenant_id,
        f.date,
        f.attribution_window,
        f.path,
        f.steps,
        count(*) AS conversions,
        sum(f.revenue)::bigint AS revenue,
        sum(f.touches) AS touches,
        sum(f.seconds) AS seconds,
        count(f.seconds) AS timed
    FROM attribution_path_facts AS f
    GROUP BY f.tenant_id, f.date, f.attribution_window, f.path, f.steps
) AS grouped
JOIN attribution_settings AS s
    ON s.tenant_id = grouped.tenant_id AND grouped.attribution_window = ANY (s.enabled_windows);
COMMENT ON VIEW attribution_top_paths IS 'What each path of channels brought a day; conversions without a touch are the path (none), so that the paths add up to the conversions that count. For the most frequent ones of a long span attribution_top_paths_of is faster. Example: SELECT path, sum(conversions), sum(revenue), round(sum(seconds_to_convert) / 86400.0 / sum(conversions), 1) AS mean_days FROM attribution_top_paths WHERE tenant_id = ''demo'' AND attribution_window = ''30d'' AND date >= current_date - 30 GROUP BY path ORDER BY 2 DESC LIMIT 20;';
COMMENT ON COLUMN attribution_top_paths.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_top_paths.date IS 'The order''s date in the tenant''s time zone.';
COMMENT ON COLUMN attribution_top_paths.attribution_window IS 'One of the tenant''s enabled windows.';
COMMENT ON COLUMN attribution_top_paths.path IS 'Channels of the touches that count in the window, oldest first; (none) without.';
COMMENT ON COLUMN attribution_top_paths.steps IS 'The path with a channel that follows itself told once; group by it instead of path to add repeats up.';
COMMENT ON COLUMN attribution_top_paths.conversions IS 'Conversions that count.';
COMMENT ON COLUMN attribution_top_paths.revenue IS 'Their whole net in the reporting currency.';
COMMENT ON COLUMN attribution_top_paths.touches IS 'Their touches.';
COMMENT ON COLUMN attribution_top_paths.seconds_to_convert IS 'From the first touch to the order, added up over the conversions; null without touches.';
COMMENT ON COLUMN attribution_top_paths.mean_days_to_convert IS 'Its mean, in days.';
GRANT SELECT ON attribution_top_paths TO attributary_analyst, attributary_processor;

CREATE OR REPLACE FUNCTION attributary_window(name text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT array_position(attributary_windows(), name) $$;
COMMENT ON FUNCTION attributary_window(text) IS 'The place of a window among the eight, from 1; null for a name that is none.';

CREATE OR REPLACE FUNCTION attributary_of_window(
    place integer, "1d" anyelement, "3d" anyelement, "7d" anyelement, "14d" anyelement,
    "28d" anyelement, "30d" anyelement, "90d" anyelement, ltv anyelement
) RETURNS anyelement
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT CASE place
    WHEN 1 THEN "1d" WHEN 2 THEN "3d" WHEN 3 THEN "7d" WHEN 4 THEN "14d"
    WHEN 5 THEN "28d" WHEN 6 THEN "30d" WHEN 7 THEN "90d" WHEN 8 THEN ltv
END
$$;
COMMENT ON FUNCTION attributary_of_window(
    integer, anyelement, anyelement, anyelement, anyelement, anyelement, anyelement, anyelement,
    anyelement
) IS 'The one of the window at the place; a plan for a known place reads that one alone.';

-- Dropped first: what a function returns cannot be replaced. It groups a span once, not first by day,
-- by keys, and reads the path of those that it tells from one of their rows. It has memory for hundreds
-- of thousands of paths, and a plan for its own span and window. The table is named with its schema: a
-- temporary view before it would have no ctid. A tuple costs less to pass between
-- processes than the planner thinks, so a long span is read in parallel.
DROP FUNCTION IF EXISTS attribution_top_paths_of(text, text, date, date, integer, boolean);
CREATE FUNCTION attribution_top_paths_of(
    tenant text, attribution_window text, first_date date, last_date date,
    most integer DEFAULT 100, repeats boolean DEFAULT true
)
RETURNS TABLE (
    path text, conversions bigint, revenue numeric, touches bigint, mean_days_to_convert numeric
)
LANGUAGE sql STABLE PARALLEL SAFE
SET work_mem = '64MB' SET plan_cache_mode = 'force_custom_plan' SET parallel_tuple_cost = '0.001'
AS $$
SELECT
    coalesce(nullif(example.path, ''), '(none)'),
    grouped.conversions,
    grouped.revenue * attributary_unit(s.currency),
    grouped.touches,
    round(grouped.seconds / 86400.0 / nullif(grouped.timed, 0), 2)
FROM attribution_settings AS s
CROSS JOIN LATERAL (
    SELECT
        count(*) AS conversions,
        attributary_total(keyed.revenue) AS revenue,
        sum(keyed.touches) AS touches,
        sum(keyed.seconds) AS seconds,
        count(keyed.seconds) AS timed,
        min(keyed.place) AS place
    FROM (
        SELECT
            j.revenue,
            attributary_of_window(
                attributary_window(attribution_window), j.touches_1d, j.touches_3d, j.touches_7d,
                j.touches_14d, j.touches_28d, j.touches_30d, j.touches_90d, j.touches_ltv
            ) AS touches,
            attributary_of_window(
                attributary_window(attribution_window), j.seconds_1d, j.seconds_3d, j.seconds_7d,
                j.seconds_14d, j.seconds_28d, j.seconds_30d, j.seconds_90d, j.seconds_ltv
            ) AS seconds,
            CASE
                WHEN repeats THEN attributary_of_window(
                    attributary_window(attribution_window), j.path_key_1d, j.path_key_3d,
                    j.path_key_7d, j.path_key_14d, j.path_key_28d, j.path_key_30d, j.path_key_90d,
                    j.path_key_ltv
                )
                ELSE attributary_of_window(
                    attributary_window(attribution_window), j.steps_key_1d, j.steps_key_3d,
                    j.steps_key_7d, j.steps_key_14d, j.steps_key_28d, j.steps_key_30d,
                    j.steps_key_90d, j.steps_key_ltv
                )
            END AS key,
            j.ctid AS place
        FROM public.journeys AS j
        WHERE j.tenant_id = tenant AND j.counts AND j.date BETWEEN first_date AND last_date
    ) AS keyed
    GROUP BY keyed.key
    ORDER BY count(*) DESC
    -- Of equally frequent ones the first by name are told, and names are not known here.
    FETCH FIRST (most) ROWS WITH TIES
) AS grouped
CROSS JOIN LATERAL (
    SELECT
        CASE
            WHEN repeats THEN substr(j.path, j.path_starts[attributary_window(attribution_window)])
            ELSE substr(j.steps, j.steps_starts[attributary_window(attribution_window)])
        END AS path
    FROM public.journeys AS j
    WHERE j.tenant_id = tenant AND j.ctid = grouped.place
) AS example
WHERE s.tenant_id = tenant AND attribution_window = ANY (s.enabled_windows)
ORDER BY grouped.conversions DESC, example.path
LIMIT most
$$;
COMMENT ON FUNCTION attribution_top_paths_of(text, text, date, date, integer, boolean) IS 'The most frequent paths of a tenant in a span of the orders'' dates, as in attribution_top_paths; repeats false: a channel that follows itself is told once. Example: SELECT * FROM attribution_top_paths_of(''demo'', ''30d'', current_date - 365, current_date, 20);';
