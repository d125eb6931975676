-- Roles of the cluster: made once, shared by every database on the server.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['attributary_gateway', 'attributary_processor', 'attributary_analyst']
    LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
        EXECUTE format('GRANT %I TO CURRENT_USER', name);
    END LOOP;
END
$$;

-- The tenant of an analyst's login. session_user cannot be changed by SET ROLE or SET.
CREATE FUNCTION attributary_tenant() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS 'SELECT tenant_id FROM analysts WHERE role_name = session_user';
COMMENT ON FUNCTION attributary_tenant() IS 'The only tenant whose rows the logged-in analyst sees.';

-- Every table with a tenant: forced row-level security. Processors mix tenants in a batch;
-- analysts see one; a table whose RLS was forgotten fails a test.
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT c.relname FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY processor ON %I TO attributary_processor USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY operator ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY analyst ON %I FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()))', name);
    END LOOP;
END
$$;
CREATE POLICY gateway ON api_keys FOR SELECT TO attributary_gateway USING (true);
CREATE POLICY gateway ON webhook_sources FOR SELECT TO attributary_gateway USING (true);
CREATE POLICY gateway ON tenants FOR SELECT TO attributary_gateway USING (true);
CREATE POLICY gateway ON platform_connections FOR SELECT TO attributary_gateway USING (true);
CREATE POLICY gateway ON tenant_settings FOR SELECT TO attributary_gateway USING (true);

GRANT USAGE ON SCHEMA public TO attributary_gateway, attributary_processor, attributary_analyst;
GRANT SELECT ON api_keys, webhook_sources, tenants, tenant_settings TO attributary_gateway;
GRANT SELECT (tenant_id, platform, enabled) ON platform_connections TO attributary_gateway;

GRANT SELECT, INSERT, UPDATE, DELETE ON
    consumed_offsets, outcome_counts,
    attribution_touchpoints, identity_nodes, identity_edges, identity_unlinks, identity_dirty,
    order_versions, order_refunds, conversions, conversion_nodes, conversion_revision,
    pixel_events, consent_decisions, tenant_settings, fx_rates,
    credit_applied, credit_rows, summary_cells, daily_spend,
    dedupe_keys, deliveries, delivery_dlq, capi_delivery_log
TO attributary_processor;
GRANT SELECT ON tenants, platform_connections, database_epoch TO attributary_processor;

GRANT SELECT ON
    attribution_touchpoints, identity_nodes, identity_edges, identity_unlinks, order_refunds,
    conversions, conversion_nodes, pixel_events, consent_decisions, tenant_settings, fx_rates,
    credit_rows, summary_cells, daily_spend, dedupe_keys, delivery_dlq, capi_delivery_log,
    outcome_counts
TO attributary_analyst;
GRANT SELECT (tenant_id, platform, event_id, kind, event_name, order_id, occurred_at, state, attempts,
    next_attempt_at, deadline_at, first_attempt_at, http_status, error, finished_at)
ON deliveries TO attributary_analyst;
GRANT SELECT (tenant_id) ON tenants TO attributary_analyst;
