-- What the top paths of a year add up, as columns of its own: reaching into four arrays and cutting and
-- grouping texts took most of the time. Postgres keeps them equal to what they are made of. The window
-- that is asked for most comes first, since a column further back costs more to reach.
DO $$
DECLARE
    parts text[] := '{}';
    place integer;
    own text;
BEGIN
    FOREACH place IN ARRAY ARRAY[6, 5, 3, 7, 8, 4, 2, 1] LOOP
        own := (ARRAY['1d', '3d', '7d', '14d', '28d', '30d', '90d', 'ltv'])[place];
        parts := parts || ARRAY[
            format('ADD COLUMN touches_%s integer GENERATED ALWAYS AS (touches[%s]) STORED', own, place),
            format('ADD COLUMN seconds_%s integer GENERATED ALWAYS AS (seconds[%s]) STORED', own, place),
            format(
                'ADD COLUMN path_key_%s bigint GENERATED ALWAYS AS'
                ' (hashtextextended(substr(path, path_starts[%s]), 0)) STORED', own, place
            ),
            format(
                'ADD COLUMN steps_key_%s bigint GENERATED ALWAYS AS'
                ' (hashtextextended(substr(steps, steps_starts[%s]), 0)) STORED', own, place
            )
        ];
    END LOOP;
    EXECUTE 'ALTER TABLE journeys ' || array_to_string(parts, ', ');
    FOREACH own IN ARRAY ARRAY['1d', '3d', '7d', '14d', '28d', '30d', '90d', 'ltv'] LOOP
        EXECUTE format('COMMENT ON COLUMN journeys.touches_%s IS %L', own, 'Touches that count in ' || own || '.');
        EXECUTE format('COMMENT ON COLUMN journeys.seconds_%s IS %L', own, 'Of seconds, that of ' || own || '.');
        EXECUTE format('COMMENT ON COLUMN journeys.path_key_%s IS %L', own, 'Equal for equal paths of ' || own || ': their hash.');
        EXECUTE format('COMMENT ON COLUMN journeys.steps_key_%s IS %L', own, 'The same of steps.');
    END LOOP;
END
$$;

CREATE AGGREGATE attributary_total(bigint) (
    sfunc = int8pl, stype = bigint, combinefunc = int8pl, parallel = safe
);
COMMENT ON AGGREGATE attributary_total(bigint) IS 'The sum as a bigint, which unlike that of sum costs nothing to pass between processes.';
