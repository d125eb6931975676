ALTER TABLE credit_rows ADD COLUMN custom_version text;
COMMENT ON COLUMN credit_rows.custom_version IS 'Version of the tenant''s own model, which is the eighth of the arrays; null: they have seven.';
COMMENT ON COLUMN credit_rows.credit IS 'Flat [touch][model][window], 56 numbers a touch, or 64 with a custom_version; units of 1e-9.';
COMMENT ON COLUMN credit_rows.touch_revenue IS 'Flat like credit, minor units of currency.';
