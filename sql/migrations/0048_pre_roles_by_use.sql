-- A role for each processor, with what its queries read and write and nothing besides: whoever takes
-- one over sees neither what another keeps nor, but for fanout, what we sign in with. A test
-- compares these grants with the queries. attributary_processor stays for processes of the release
-- before, which work on beside those of this one.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['identity', 'credit', 'summary', 'dedupe', 'fanout']
    LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', 'attributary_' || name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
        EXECUTE format('GRANT %I TO CURRENT_USER', 'attributary_' || name);
        EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', 'attributary_' || name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON consumed_offsets, outcome_counts TO %I', 'attributary_' || name);
    END LOOP;
END
$$;

GRANT SELECT ON tenants TO attributary_identity;
GRANT SELECT, INSERT ON attribution_models, offline_reports TO attributary_identity;
GRANT SELECT, INSERT, DELETE ON conversion_nodes, identity_dirty TO attributary_identity;
GRANT SELECT, INSERT, UPDATE ON
    conversion_revision, conversions, erased_ids, erased_records, erasure_turns, fx_rates,
    influencers, offline_contents, offline_rows, order_refunds, order_versions, tenant_settings
TO attributary_identity;
GRANT SELECT, INSERT, UPDATE, DELETE ON
    attribution_touchpoints, channel_rule_passes, consent_flags, conversions_due, identity_edges,
    identity_nodes, identity_unlinks, pixel_events, survey_responses
TO attributary_identity;

GRANT SELECT ON
    attribution_models, attribution_touchpoints, consent_flags, conversion_revision, conversions,
    database_epoch, fx_rates, identity_nodes, tenant_settings, tenants
TO attributary_credit;

GRANT SELECT ON database_epoch TO attributary_summary;
GRANT SELECT, INSERT, UPDATE ON
    credit_applied, credit_rows, daily_ad_spend, daily_spend, journey_cells, journeys,
    summary_cells
TO attributary_summary;

GRANT SELECT ON
    attribution_touchpoints, consent_flags, conversions, database_epoch, deliveries,
    identity_nodes, offline_rows, order_versions, pixel_events, rebuild_ends, tenant_settings,
    tenants
TO attributary_dedupe;
GRANT SELECT (tenant_id, platform, enabled) ON platform_connections TO attributary_dedupe;
GRANT SELECT, INSERT, UPDATE ON dedupe_keys TO attributary_dedupe;

GRANT SELECT ON
    consent_flags, erased_records, identity_nodes, person_keys, pixel_events, tenant_settings
TO attributary_fanout;
GRANT SELECT (tenant_id, platform, account_id, enabled, credentials_encrypted)
ON platform_connections TO attributary_fanout;
GRANT UPDATE (credentials_encrypted) ON platform_connections TO attributary_fanout;
GRANT SELECT, INSERT ON capi_delivery_log, delivery_consent_log TO attributary_fanout;
GRANT SELECT, INSERT, UPDATE ON
    deliveries, delivery_circuit_openings, delivery_dlq, delivery_gates
TO attributary_fanout;
GRANT SELECT, INSERT, UPDATE, DELETE ON delivery_receipts TO attributary_fanout;

-- Batches mix tenants, so a processor sees the rows of all of them, in the tables that are its own.
DO $$
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT r.rolname AS role, c.relname AS name,
            bool_or(given.privilege_type <> 'SELECT') AS writes
        FROM pg_class AS c
        CROSS JOIN LATERAL (
            SELECT grantee, privilege_type FROM aclexplode(c.relacl)
            UNION ALL
            SELECT own.grantee, own.privilege_type
            FROM pg_attribute AS a CROSS JOIN LATERAL aclexplode(a.attacl) AS own
            WHERE a.attrelid = c.oid
        ) AS given
        JOIN pg_roles AS r ON r.oid = given.grantee
        WHERE c.relnamespace = 'public'::regnamespace AND c.relrowsecurity
            AND r.rolname IN ('attributary_identity', 'attributary_credit', 'attributary_summary',
                'attributary_dedupe', 'attributary_fanout')
        GROUP BY r.rolname, c.relname
    LOOP
        EXECUTE format(
            CASE WHEN part.writes
                THEN 'CREATE POLICY %I ON %I TO %I USING (true) WITH CHECK (true)'
                ELSE 'CREATE POLICY %I ON %I FOR SELECT TO %I USING (true)'
            END,
            replace(part.role, 'attributary_', ''), part.name, part.role);
    END LOOP;
END
$$;
