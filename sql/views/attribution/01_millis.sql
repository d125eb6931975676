-- By whole microseconds, which a double holds exactly until the year 2100: `extract` makes numerics,
-- which cost ten times as much.
CREATE OR REPLACE FUNCTION attributary_millis(at timestamptz) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
SELECT floor(round(date_part('epoch', at) * 1000000) / 1000)::bigint
$$;
COMMENT ON FUNCTION attributary_millis(timestamptz) IS 'The moment in epoch milliseconds.';
