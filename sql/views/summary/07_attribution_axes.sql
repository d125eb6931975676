CREATE VIEW attribution_axes WITH (security_invoker = true) AS
SELECT
    s.tenant_id,
    m.model,
    w.attribution_window,
    ((m.place - 1) * 8 + w.place)::integer AS cell,
    (array_position(attributary_models(), 'last_touch') * 8 - 8 + w.place)::integer AS last_touch_cell,
    w.place::integer - 1 AS window_place,
    s.currency,
    s.time_zone
FROM attribution_settings AS s
CROSS JOIN unnest(attributary_models()) WITH ORDINALITY AS m (model, place)
CROSS JOIN unnest(attributary_windows()) WITH ORDINALITY AS w (attribution_window, place)
WHERE m.model = ANY (s.enabled_models) AND w.attribution_window = ANY (s.enabled_windows);
COMMENT ON VIEW attribution_axes IS 'The models and windows that each tenant has enabled, and where they stand in the arrays of credit: a view that begins here and takes the cells by their places reads one number of a row where another would unfold 56. Example: SELECT model, attribution_window, cell FROM attribution_axes WHERE tenant_id = ''demo'';';
COMMENT ON COLUMN attribution_axes.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_axes.model IS 'A model that is enabled.';
COMMENT ON COLUMN attribution_axes.attribution_window IS 'A window that is enabled.';
COMMENT ON COLUMN attribution_axes.cell IS 'Model and window, (model - 1) * 8 + window, from 1 on.';
COMMENT ON COLUMN attribution_axes.last_touch_cell IS 'The cell of last_touch in the same window, which other models are compared with.';
COMMENT ON COLUMN attribution_axes.window_place IS 'Place of the window, from 0 on, as in first_windows.';
COMMENT ON COLUMN attribution_axes.currency IS 'The tenant''s reporting currency.';
COMMENT ON COLUMN attribution_axes.time_zone IS 'The tenant''s time zone.';
GRANT SELECT ON attribution_axes TO attributary_analyst, attributary_processor;
