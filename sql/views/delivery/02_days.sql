CREATE OR REPLACE FUNCTION attributary_days(first_at timestamptz, last_at timestamptz)
RETURNS TABLE (date date, starts_at timestamptz, ends_at timestamptz)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT day::date, day AT TIME ZONE 'UTC', (day + interval '1 day') AT TIME ZONE 'UTC'
FROM generate_series(
    date_trunc('day', first_at AT TIME ZONE 'UTC'), last_at AT TIME ZONE 'UTC', interval '1 day'
) AS day
$$;
COMMENT ON FUNCTION attributary_days(timestamptz, timestamptz) IS 'The UTC days of two times and between them, each with its start and the start of the next: a view that looks day by day reads only the days that it is asked for.';
