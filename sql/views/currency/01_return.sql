CREATE OR REPLACE FUNCTION attributary_return(revenue numeric, spend numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT CASE WHEN spend <> 0 AND revenue IS NOT NULL
    THEN least(round(revenue / spend, 4), 999999.9999)
END
$$;
COMMENT ON FUNCTION attributary_return(numeric, numeric) IS 'Revenue per unit of spend, as numeric(10,4) holds it: a return of a million and more is told as 999999.9999. Null without spend.';
