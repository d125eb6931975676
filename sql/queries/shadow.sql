-- tenant --
SELECT
    settings_version, time_zone, currency,
    (SELECT count(*) FROM attribution_models AS m WHERE m.tenant_id = $1) AS promotions
FROM attribution_settings
WHERE tenant_id = $1

-- count --
SELECT count(*) FROM conversions
WHERE tenant_id = $1
    AND converted_at >= coalesce($2::timestamptz, '-infinity')
    AND converted_at < coalesce($3::timestamptz, 'infinity')

-- make_run --
INSERT INTO shadow_runs (
    tenant_id, run_id, name, since, until, overrides, model, model_document, settings_version,
    promotions, currency, state, conversions
)
VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9, $10, $11, 'running', $12)

-- make_ranges --
INSERT INTO shadow_ranges (tenant_id, run_id, range, checkpoint, last_id)
SELECT $1, $2, range, checkpoint, last_id
FROM unnest($3::smallint[], $4::text[], $5::text[]) AS made (range, checkpoint, last_id)

-- run --
SELECT
    tenant_id, run_id, name, since, until, overrides::text, model, model_document, settings_version,
    promotions, currency, state, conversions, error, started_at, ended_at
FROM shadow_runs
WHERE run_id = $1

-- runs --
SELECT
    run_id, name, since, until, overrides::text, model, settings_version, currency, state, conversions,
    done, error,
    started_at, ended_at
FROM attribution_shadow_runs
WHERE tenant_id = $1
ORDER BY started_at, run_id

-- ranges --
SELECT range, done, complete FROM shadow_ranges
WHERE tenant_id = $1 AND run_id = $2
ORDER BY range

-- take_range --
SELECT checkpoint, last_id, complete FROM shadow_ranges
WHERE tenant_id = $1 AND run_id = $2 AND range = $3
FOR UPDATE

-- page --
-- So many ids at a time are looked at, whether or not they are of the window: a narrow window of a
-- long history costs many quick pages, never one slow one.
SELECT
    coalesce(array_agg(conversion_id ORDER BY conversion_id) FILTER (
        WHERE converted_at >= coalesce($4::timestamptz, '-infinity')
            AND converted_at < coalesce($5::timestamptz, 'infinity')
    ), '{}') AS wanted,
    max(conversion_id) AS last
FROM (
    SELECT conversion_id, converted_at FROM conversions
    WHERE tenant_id = $1 AND conversion_id > $2 AND ($3::text IS NULL OR conversion_id <= $3)
    ORDER BY conversion_id
    LIMIT $6::int
) AS looked_at

-- read_cells --
SELECT side, basis, date, channel, platform, touchpoints, conversions, revenue
FROM unnest($4::text[], $5::text[], $6::date[], $7::text[], $8::text[])
    AS touched (side, basis, date, channel, platform)
JOIN shadow_cells AS cell USING (side, basis, date, channel, platform)
WHERE cell.tenant_id = $1 AND cell.run_id = $2 AND cell.range = $3

-- write_cells --
INSERT INTO shadow_cells (
    tenant_id, run_id, range, side, basis, date, channel, platform,
    touchpoints, conversions, revenue
)
SELECT
    $1, $2, $3, side, basis, date, channel, platform,
    touchpoints::bigint[], conversions::bigint[], revenue::bigint[]
FROM unnest(
    $4::text[], $5::text[], $6::date[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[]
) AS after (side, basis, date, channel, platform, touchpoints, conversions, revenue)
ON CONFLICT (tenant_id, run_id, side, basis, date, channel, platform, range)
DO UPDATE SET
    touchpoints = excluded.touchpoints,
    conversions = excluded.conversions,
    revenue = excluded.revenue

-- move_checkpoint --
UPDATE shadow_ranges
SET checkpoint = $4, done = done + $5, complete = $6
WHERE tenant_id = $1 AND run_id = $2 AND range = $3

-- set_state --
UPDATE shadow_runs
SET state = $3, error = $4, ended_at = CASE WHEN $3 = 'running' THEN NULL ELSE now() END
WHERE tenant_id = $1 AND run_id = $2

-- difference --
SELECT
    channel, platform, production_conversions, shadow_conversions, production_revenue,
    shadow_revenue, revenue_difference, relative_change
FROM attribution_shadow_difference
WHERE tenant_id = $1 AND run_id = $2 AND model = $3 AND attribution_window = $4
ORDER BY abs(revenue_difference) DESC, channel, platform

-- moved --
SELECT model, sum(abs(revenue_difference)) / 2 AS moved
FROM attribution_shadow_difference
WHERE tenant_id = $1 AND run_id = $2 AND attribution_window = $3
GROUP BY model

-- drop_rows --
DELETE FROM shadow_credit_rows
WHERE tenant_id = $1 AND run_id = $2 AND conversion_id = ANY (ARRAY(
    SELECT conversion_id FROM shadow_credit_rows WHERE tenant_id = $1 AND run_id = $2 LIMIT $3::int
))

-- drop_cells --
DELETE FROM shadow_cells WHERE tenant_id = $1 AND run_id = $2

-- drop_ranges --
DELETE FROM shadow_ranges WHERE tenant_id = $1 AND run_id = $2

-- drop_run --
DELETE FROM shadow_runs WHERE tenant_id = $1 AND run_id = $2
