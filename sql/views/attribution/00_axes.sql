-- The axes of the arrays of credit, as in processors/domain/attribution/models.py; a test compares
-- the two. Cells are numbered from 1 on, model by model: (model - 1) * 8 + window.
CREATE OR REPLACE FUNCTION attributary_models() RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT ARRAY['first_touch', 'last_touch', 'linear', 'time_decay', 'position_based', 'data_driven',
    'last_non_direct', 'custom']
$$;
COMMENT ON FUNCTION attributary_models() IS 'The models in the order of the arrays; custom, the last, is there only where a tenant has a model of its own.';

CREATE OR REPLACE FUNCTION attributary_windows() RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT ARRAY['1d', '3d', '7d', '14d', '28d', '30d', '90d', 'ltv']
$$;
COMMENT ON FUNCTION attributary_windows() IS 'The windows in the order of the arrays.';

CREATE OR REPLACE FUNCTION attributary_model(cell bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT (attributary_models())[(cell - 1) / 8 + 1]
$$;
COMMENT ON FUNCTION attributary_model(bigint) IS 'The model of a cell.';

CREATE OR REPLACE FUNCTION attributary_window(cell bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT (attributary_windows())[(cell - 1) % 8 + 1]
$$;
COMMENT ON FUNCTION attributary_window(bigint) IS 'The window of a cell.';

CREATE OR REPLACE FUNCTION attributary_cells(custom text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT CASE WHEN custom IS NULL THEN 56 ELSE 64 END
$$;
COMMENT ON FUNCTION attributary_cells(text) IS 'How many cells a touch has: 56, or 64 with a model of the tenant''s own, whose version or document is given.';
