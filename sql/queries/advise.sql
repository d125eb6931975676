-- tables --
SELECT
    t.relname AS name, t.n_live_tup AS live, t.n_dead_tup AS dead,
    t.n_mod_since_analyze AS changed,
    greatest(t.last_vacuum, t.last_autovacuum) AS vacuumed,
    greatest(t.last_analyze, t.last_autoanalyze) AS analyzed,
    pg_total_relation_size(t.relid) AS bytes,
    age(c.relfrozenxid)::bigint AS age
FROM pg_stat_user_tables AS t
JOIN pg_class AS c ON c.oid = t.relid
WHERE t.schemaname = 'public' AND c.relkind = 'r'
ORDER BY t.relname

-- indexes --
-- An index is covered when another of its table begins with its columns, in the same order and of
-- the same kind, and has all rows that it has; of two that are alike the older one stands.
SELECT
    own.indexrelid::regclass::text AS name, own.indrelid::regclass::text AS of_table,
    coalesce(s.idx_scan, 0) AS scans, pg_relation_size(own.indexrelid) AS bytes,
    own.indisvalid AS valid, own.indisunique OR own.indisexclusion AS needed,
    EXISTS (SELECT FROM pg_inherits WHERE inhrelid = own.indexrelid) AS is_part,
    (
        SELECT min(wider.indexrelid::regclass::text)
        FROM pg_index AS wider
        JOIN pg_class AS o ON o.oid = wider.indexrelid
        WHERE wider.indrelid = own.indrelid AND wider.indexrelid <> own.indexrelid
            AND wider.indisvalid AND o.relam = c.relam
            AND wider.indexprs IS NULL AND own.indexprs IS NULL
            AND pg_get_expr(wider.indpred, wider.indrelid)
                IS NOT DISTINCT FROM pg_get_expr(own.indpred, own.indrelid)
            AND wider.indnkeyatts >= own.indnkeyatts
            AND own.indnkeyatts = own.indnatts
            AND (string_to_array(wider.indkey::text, ' '))[:own.indnkeyatts]
                = string_to_array(own.indkey::text, ' ')
            AND (string_to_array(wider.indclass::text, ' '))[:own.indnkeyatts]
                = string_to_array(own.indclass::text, ' ')
            AND (string_to_array(wider.indcollation::text, ' '))[:own.indnkeyatts]
                = string_to_array(own.indcollation::text, ' ')
            AND (string_to_array(wider.indoption::text, ' '))[:own.indnkeyatts]
                = string_to_array(own.indoption::text, ' ')
            AND (wider.indnkeyatts > own.indnkeyatts OR wider.indisunique
                OR wider.indexrelid < own.indexrelid)
    ) AS covered_by
FROM pg_index AS own
JOIN pg_class AS c ON c.oid = own.indexrelid AND c.relkind = 'i'
JOIN pg_stat_user_indexes AS s ON s.indexrelid = own.indexrelid
WHERE s.schemaname = 'public'
ORDER BY 1

-- server --
SELECT
    age(d.datfrozenxid)::bigint AS age,
    current_setting('autovacuum_freeze_max_age')::bigint AS freeze_at,
    current_setting('autovacuum')::boolean AS autovacuum,
    (extract(epoch FROM now() - coalesce(s.stats_reset, pg_postmaster_start_time())) / 86400)::int
        AS counted_days
FROM pg_database AS d
JOIN pg_stat_database AS s ON s.datid = d.oid
WHERE d.datname = current_database()
