-- Pages that ask through the gateway: a role that reads as an analyst does, and one that keeps what
-- a tenant's people save there. Both are bound to one tenant for the length of a transaction.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['attributary_reader', 'attributary_editor']
    LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
        EXECUTE format('GRANT %I TO CURRENT_USER', name);
    END LOOP;
    -- All that an analyst may read, by its grants and under its policies, and nothing else.
    GRANT attributary_analyst TO attributary_reader;
END
$$;
GRANT USAGE ON SCHEMA public TO attributary_editor;

-- Whoever has taken one of these roles says whose rows they are; an analyst's login may take
-- neither, so what it says counts for nothing. "role" is as the session has it, here too.
CREATE OR REPLACE FUNCTION attributary_tenant() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
SELECT CASE
    WHEN current_setting('role') IN ('attributary_reader', 'attributary_editor')
        THEN nullif(current_setting('attributary.tenant', true), '')
    ELSE (SELECT tenant_id FROM analysts WHERE role_name = session_user)
END
$$;
COMMENT ON FUNCTION attributary_tenant() IS 'The only tenant whose rows are seen: that of the logged-in analyst, or the one for which the gateway reads.';

CREATE POLICY editor ON creative_saved_views TO attributary_editor
    USING (tenant_id = (SELECT attributary_tenant()))
    WITH CHECK (tenant_id = (SELECT attributary_tenant()));
CREATE POLICY editor ON audit_log FOR INSERT TO attributary_editor
    WITH CHECK (tenant_id = (SELECT attributary_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON creative_saved_views TO attributary_editor;
GRANT INSERT ON audit_log TO attributary_editor;

-- A connection that a tenant removes is gone, its credentials with it.
GRANT DELETE ON platform_connections TO attributary_connector;
