CREATE OR REPLACE FUNCTION attributary_level(found numeric, target numeric, critical numeric) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT CASE
    WHEN found IS NULL THEN NULL
    WHEN target > critical AND found > target OR target < critical AND found < target THEN 'target'
    WHEN target > critical AND found < critical OR target < critical AND found > critical THEN 'critical'
    ELSE 'warning'
END
$$;
COMMENT ON FUNCTION attributary_level(numeric, numeric, numeric) IS 'target when the figure is better than the first threshold, critical when it is worse than the second, else warning; more is better when the first is the greater one.';
