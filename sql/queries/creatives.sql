-- newest --
SELECT max(date) AS date FROM daily_ad_spend WHERE tenant_id = $1

-- clear_fatigue --
DELETE FROM creative_fatigue_alerts WHERE tenant_id = $1 AND date = $2

-- put_fatigue --
INSERT INTO creative_fatigue_alerts (
    tenant_id, date, platform, account_id, ad_id, score, level, reason, detected_at
)
SELECT $1, $2, f.platform, f.account_id, f.ad_id, f.score, f.level, f.reason,
    timestamptz 'epoch' + $3::bigint * interval '1 millisecond'
FROM attributary_creative_fatigue($1, $2) AS f
WHERE f.level <> 'fresh'

-- save_view --
INSERT INTO creative_saved_views (
    tenant_id, view_id, name, filters, columns, sort, created_by, updated_at
)
VALUES ($1, $2, $3, $4::jsonb, $5::text[], $6, $7, now())
ON CONFLICT (tenant_id, view_id) DO UPDATE
SET name = excluded.name,
    filters = excluded.filters,
    columns = excluded.columns,
    sort = excluded.sort,
    updated_at = excluded.updated_at
WHERE $8
RETURNING view_id

-- saved_views --
SELECT view_id, name, filters::text AS filters, columns, sort, created_by, updated_at
FROM creative_saved_views
WHERE tenant_id = $1 AND ($2::text IS NULL OR view_id = $2)
ORDER BY view_id

-- hold_view --
SELECT view_id FROM creative_saved_views WHERE tenant_id = $1 AND view_id = $2 FOR UPDATE

-- drop_view --
DELETE FROM creative_saved_views WHERE tenant_id = $1 AND view_id = $2 RETURNING view_id

-- shown_columns --
SELECT attname::text AS name FROM pg_attribute
WHERE attrelid = 'creative_performance'::regclass AND attnum > 0
