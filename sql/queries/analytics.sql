-- bind --
-- For the length of the transaction: whose rows are seen, and how long a statement may take.
-- A plan for the values that are asked: one for any dates reads tables whole.
SELECT set_config('attributary.tenant', $1, true), set_config('statement_timeout', $2, true),
    set_config('plan_cache_mode', 'force_custom_plan', true)

-- columns_of --
SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type,
       col_description(a.attrelid, a.attnum) AS description
FROM pg_attribute AS a
WHERE a.attrelid = to_regclass('public.' || $1::text) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum

-- columns_of_function --
SELECT told.name, format_type(told.type, NULL) AS type, NULL AS description
FROM pg_proc AS p
CROSS JOIN unnest(p.proargnames, p.proargmodes, p.proallargtypes) WITH ORDINALITY
    AS told (name, mode, type, place)
WHERE p.oid = to_regproc('public.' || $1::text) AND told.mode = 't'
ORDER BY told.place

-- descriptions --
SELECT c.relname AS view, obj_description(c.oid, 'pg_class') AS description
FROM pg_class AS c
WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY ($1::text[])
UNION ALL
SELECT p.proname, obj_description(p.oid, 'pg_proc')
FROM pg_proc AS p
WHERE p.pronamespace = 'public'::regnamespace AND p.proname = ANY ($1::text[])
ORDER BY 1

-- influencers --
SELECT influencer_id, name, discount_codes, ref_codes, commission_rate, contested_codes
FROM attribution_influencers
WHERE tenant_id = $1 AND ($2::text IS NULL OR influencer_id = $2)
ORDER BY name, influencer_id

-- connections --
SELECT platform, account_id, ad_account_id, enabled, status, reason, checked_at, last_sync_at,
       last_sync_error
FROM attribution_platform_connections
WHERE tenant_id = $1 AND ($2::text IS NULL OR platform = $2)
ORDER BY platform
