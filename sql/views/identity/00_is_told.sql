CREATE OR REPLACE FUNCTION attributary_is_told(gross bigint, folded jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT gross IS NOT NULL OR folded ->> 'precedence' <> 'pixel'
$$;
COMMENT ON FUNCTION attributary_is_told(bigint, jsonb) IS 'Whether a row of conversions is an order. Turned off, pixel_orders leaves behind one that only a pixel knew, without its gross, so that its credit is taken back.';
