-- members --
-- Who allows it, and says of which industry it is.
SELECT allows.tenant_id, lower(trim(kind.value)) AS industry
FROM tenant_settings AS allows
JOIN tenant_settings AS kind ON kind.tenant_id = allows.tenant_id AND kind.key = 'industry'
WHERE allows.key = 'benchmarks' AND lower(trim(allows.value)) = 'true' AND trim(kind.value) <> ''
ORDER BY 1

-- forget --
-- What those read who do not allow it any more, or are of another industry now.
DELETE FROM competitor_benchmarks AS b
WHERE b.source = 'installation' AND NOT EXISTS (
    SELECT FROM unnest($1::text[], $2::text[]) AS member (tenant_id, industry)
    WHERE member.tenant_id = b.tenant_id AND member.industry = b.industry
)

-- published --
SELECT DISTINCT period_start
FROM competitor_benchmarks
WHERE source = 'installation' AND industry = $1

-- figures --
SELECT f.metric, f.platform, f.currency, array_agg(f.value::float8) AS values
FROM unnest($1::text[]) AS member (tenant_id)
CROSS JOIN LATERAL attributary_benchmark_figures(member.tenant_id, $2::date, $3::date) AS f
WHERE f.days >= $4
GROUP BY f.metric, f.platform, f.currency
HAVING count(*) >= $5
ORDER BY 1, 2, 3

-- publish --
INSERT INTO competitor_benchmarks (
    tenant_id, source, industry, metric, platform, currency, period_start, period_end, p25, p50,
    p75, tenants, written_at
)
SELECT
    member.tenant_id, 'installation', $2, f.metric, f.platform, f.currency, $3::date, $4::date,
    f.p25, f.p50, f.p75, f.tenants, timestamptz 'epoch' + $5::bigint * interval '1 millisecond'
FROM unnest($1::text[]) AS member (tenant_id)
CROSS JOIN unnest(
    $6::text[], $7::text[], $8::text[], $9::numeric[], $10::numeric[], $11::numeric[],
    $12::integer[]
) AS f (metric, platform, currency, p25, p50, p75, tenants)
ON CONFLICT DO NOTHING

-- hand_on --
-- What was told of an industry before, to those who have joined it since.
INSERT INTO competitor_benchmarks (
    tenant_id, source, industry, metric, platform, currency, period_start, period_end, p25, p50,
    p75, tenants, written_at
)
SELECT member.tenant_id, b.*
FROM unnest($1::text[], $2::text[]) AS member (tenant_id, industry)
JOIN (
    SELECT DISTINCT ON (industry, metric, platform, currency, period_start, period_end)
        source, industry, metric, platform, currency, period_start, period_end, p25, p50, p75,
        tenants, written_at
    FROM competitor_benchmarks
    WHERE source = 'installation'
    ORDER BY industry, metric, platform, currency, period_start, period_end, written_at
) AS b ON b.industry = member.industry
ON CONFLICT DO NOTHING

-- put_imported --
INSERT INTO competitor_benchmarks (
    tenant_id, source, industry, metric, platform, currency, period_start, period_end, p25, p50,
    p75, tenants
)
SELECT $1, $2, industry, metric, platform, currency, period_start, period_end, p25, p50, p75, tenants
FROM jsonb_populate_recordset(NULL::competitor_benchmarks, $3::jsonb)

-- drop_imported --
DELETE FROM competitor_benchmarks WHERE tenant_id = $1 AND source = $2 AND source <> 'installation'
