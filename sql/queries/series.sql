-- has_series --
SELECT EXISTS (SELECT FROM daily_series WHERE tenant_id = $1)

-- put_figures --
INSERT INTO daily_series (tenant_id, series, platform, date, value)
SELECT $1, f.series, f.platform, f.date, f.value
FROM attributary_daily_figures(
    $1, timestamptz 'epoch' + $2::bigint * interval '1 millisecond', $3::integer
) AS f
ON CONFLICT (tenant_id, series, platform, date) DO UPDATE SET value = excluded.value
WHERE daily_series.value <> excluded.value

-- figures --
SELECT series, platform, array_agg(date ORDER BY date) AS dates,
    array_agg(value::float8 ORDER BY date) AS values
FROM daily_series
WHERE tenant_id = $1 AND date >= $2 AND date <= $3
GROUP BY series, platform
ORDER BY series, platform

-- acquit --
DELETE FROM anomalies AS a
WHERE a.tenant_id = $1 AND a.date >= $2 AND NOT EXISTS (
    SELECT FROM unnest($3::text[], $4::text[], $5::date[]) AS f (series, platform, date)
    WHERE f.series = a.series AND f.platform = a.platform AND f.date = a.date
)

-- put_anomalies --
INSERT INTO anomalies (
    tenant_id, series, platform, date, value, expected, low, high, score, detected_at
)
SELECT $1, f.series, f.platform, f.date, round(f.value, 6), round(f.expected, 6), round(f.low, 6),
    round(f.high, 6), round(f.score, 2), timestamptz 'epoch' + $10::bigint * interval '1 millisecond'
FROM unnest(
    $2::text[], $3::text[], $4::date[], $5::numeric[], $6::numeric[], $7::numeric[], $8::numeric[],
    $9::numeric[]
) AS f (series, platform, date, value, expected, low, high, score)
ON CONFLICT (tenant_id, series, platform, date) DO UPDATE
SET value = excluded.value, expected = excluded.expected, low = excluded.low, high = excluded.high,
    score = excluded.score

-- put_forecasts --
INSERT INTO forecasts (
    tenant_id, series, platform, made_on, date, expected, low_80, high_80, low_95, high_95
)
SELECT $1, f.series, f.platform, f.made_on, f.date, round(f.expected, 6), round(f.low_80, 6),
    round(f.high_80, 6), round(f.low_95, 6), round(f.high_95, 6)
FROM unnest(
    $2::text[], $3::text[], $4::date[], $5::date[], $6::numeric[], $7::numeric[], $8::numeric[],
    $9::numeric[], $10::numeric[]
) AS f (series, platform, made_on, date, expected, low_80, high_80, low_95, high_95)
ON CONFLICT (tenant_id, series, platform, made_on, date) DO UPDATE
SET expected = excluded.expected, low_80 = excluded.low_80, high_80 = excluded.high_80,
    low_95 = excluded.low_95, high_95 = excluded.high_95

-- forget_forecasts --
DELETE FROM forecasts WHERE tenant_id = $1 AND made_on < $2

-- forget_correlations --
DELETE FROM daily_correlations WHERE tenant_id = $1

-- put_correlations --
INSERT INTO daily_correlations (
    tenant_id, series, basis, platform, other_platform, lag_days, n, pearson, spearman
)
SELECT $1, f.series, f.basis, f.platform, f.other_platform, f.lag_days, f.n,
    round(f.pearson::numeric, 4), round(f.spearman::numeric, 4)
FROM unnest(
    $2::text[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::integer[], $8::float8[],
    $9::float8[]
) AS f (series, basis, platform, other_platform, lag_days, n, pearson, spearman)

-- ends --
-- The last day that is over, in UTC and in the tenant's time zone.
SELECT
    ((timestamptz 'epoch' + $2::bigint * interval '1 millisecond') AT TIME ZONE 'UTC')::date - 1 AS utc,
    ((timestamptz 'epoch' + $2::bigint * interval '1 millisecond') AT TIME ZONE time_zone)::date - 1
        AS local
FROM attribution_settings
WHERE tenant_id = $1
