CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE schema_migrations IS 'Applied migrations and the state of the views. Writer: attributary migrate.';
COMMENT ON COLUMN schema_migrations.name IS 'File name of the migration; views stands for all views together.';
COMMENT ON COLUMN schema_migrations.checksum IS 'SHA-256 of the text that was applied.';
COMMENT ON COLUMN schema_migrations.applied_at IS 'When it was applied (database clock).';
