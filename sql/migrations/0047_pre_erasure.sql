-- Keys of people, so that one deletion makes everything unreadable that was sealed for somebody,
-- wherever it lies; and what an erasure leaves behind so that nobody comes back.
CREATE TABLE person_keys (
    tenant_id text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    key_id text COLLATE "C" NOT NULL,
    key bytea NOT NULL CHECK (length(key) = 32),
    made_at bigint NOT NULL,
    spare boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, subject, key_id)
);
CREATE UNIQUE INDEX person_keys_one ON person_keys (tenant_id, subject) WHERE NOT spare;
COMMENT ON TABLE person_keys IS 'Half of the key under which a person''s clear details are sealed; the other half is the deployment''s. Deleting the row shreds them in the log, the dead letters, the spools and the tables. Control data, carried through a rebuild. Writer: sealing.';
COMMENT ON COLUMN person_keys.tenant_id IS 'Tenant.';
COMMENT ON COLUMN person_keys.subject IS 'SHA-256 of tenant|kind:value of the id that the details were sealed for.';
COMMENT ON COLUMN person_keys.key_id IS 'Start of the SHA-256 of the key; the sealed text names it.';
COMMENT ON COLUMN person_keys.key IS '32 random bytes.';
COMMENT ON COLUMN person_keys.made_at IS 'When a gateway made it, epoch milliseconds.';
COMMENT ON COLUMN person_keys.spare IS 'Made while this table was away, so that it may stand beside another key of the subject.';

CREATE TABLE person_erasures (
    tenant_id text COLLATE "C" NOT NULL,
    erasure_id text COLLATE "C" NOT NULL,
    erased_at bigint NOT NULL,
    asked_by text NOT NULL DEFAULT session_user,
    asked_at timestamptz NOT NULL DEFAULT now(),
    reason text NOT NULL,
    subjects text[] NOT NULL,
    counts jsonb NOT NULL DEFAULT '{}',
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, erasure_id)
);
CREATE INDEX person_erasures_subjects ON person_erasures USING gin (subjects);
COMMENT ON TABLE person_erasures IS 'Every erasure of a person: who asked, when, and what went. Names nobody. Control data, carried through a rebuild. Writer: erasure.';
COMMENT ON COLUMN person_erasures.tenant_id IS 'Tenant.';
COMMENT ON COLUMN person_erasures.erasure_id IS 'Id of the command in the log.';
COMMENT ON COLUMN person_erasures.erased_at IS 'Until when received; epoch milliseconds.';
COMMENT ON COLUMN person_erasures.asked_by IS 'Database role that asked.';
COMMENT ON COLUMN person_erasures.asked_at IS 'When.';
COMMENT ON COLUMN person_erasures.reason IS 'What was said of it; no ids.';
COMMENT ON COLUMN person_erasures.subjects IS 'SHA-256 of tenant|kind:value of each id of the person.';
COMMENT ON COLUMN person_erasures.counts IS 'Rows that went, or were blanked, by store.';
COMMENT ON COLUMN person_erasures.finished_at IS 'When every table was done; null while identity has not applied the command.';

CREATE TABLE erased_ids (
    tenant_id text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    erased_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, subject)
);
COMMENT ON TABLE erased_ids IS 'Ids of erased people: what carries one and was received until then is dropped. Writer: identity.';
COMMENT ON COLUMN erased_ids.tenant_id IS 'Tenant.';
COMMENT ON COLUMN erased_ids.subject IS 'SHA-256 of tenant|kind:value.';
COMMENT ON COLUMN erased_ids.erased_at IS 'Until when received; epoch milliseconds, the latest of all commands.';

CREATE TABLE erased_records (
    tenant_id text COLLATE "C" NOT NULL,
    record_id text COLLATE "C" NOT NULL,
    occurred_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, record_id)
);
COMMENT ON TABLE erased_records IS 'Touches, events and orders of erased people: a later receipt of one does not bring it back. Only grows. Writer: identity.';
COMMENT ON COLUMN erased_records.tenant_id IS 'Tenant.';
COMMENT ON COLUMN erased_records.record_id IS 'touchpoint_id, as it is made of the event''s id, or conversion_id.';
COMMENT ON COLUMN erased_records.occurred_at IS 'Epoch milliseconds; another content of the event that is earlier still stands for itself. 0 for an order.';

CREATE TABLE erasure_turns (
    tenant_id text COLLATE "C" PRIMARY KEY,
    turn bigint NOT NULL
);
COMMENT ON TABLE erasure_turns IS 'Tenants with an erasure, and how often ids were taken out: what a process knew before to be in the graph may be gone. Writer: identity.';
COMMENT ON COLUMN erasure_turns.tenant_id IS 'Tenant.';
COMMENT ON COLUMN erasure_turns.turn IS 'Counts up.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['person_keys', 'person_erasures', 'erased_ids', 'erased_records', 'erasure_turns']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY operator ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY analyst ON %I FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()))', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['erased_ids', 'erased_records', 'erasure_turns']
    LOOP
        EXECUTE format('CREATE POLICY processor ON %I TO attributary_processor USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO attributary_processor', name);
    END LOOP;
END
$$;
CREATE POLICY processor ON person_keys FOR SELECT TO attributary_processor USING (true);
CREATE POLICY processor ON person_erasures FOR SELECT TO attributary_processor USING (true);
CREATE POLICY gateway ON person_keys TO attributary_gateway USING (true) WITH CHECK (true);
CREATE POLICY gateway ON person_erasures FOR SELECT TO attributary_gateway USING (true);
GRANT SELECT ON person_keys TO attributary_processor;
GRANT SELECT, INSERT ON person_keys TO attributary_gateway;
GRANT SELECT (tenant_id, erasure_id, erased_at, asked_at, subjects) ON person_erasures TO attributary_gateway;

-- What `attributary erase` takes out of tables that the processors write, and that no record of the
-- log makes again.
CREATE FUNCTION attributary_erase_deliveries(of_tenant text, of_subjects text[], until timestamptz)
RETURNS TABLE (stripped bigint, cancelled bigint, under_way bigint)
LANGUAGE sql VOLATILE SET timezone = 'UTC'
AS $$
WITH theirs AS MATERIALIZED (
    SELECT d.platform, d.event_id, d.kind, d.state
    FROM deliveries AS d
    WHERE d.tenant_id = of_tenant
        AND (
            d.payload - '{value,currency,source,source_event_id}'::text[] <> '{}'
            OR d.state IN ('queued', 'parked')
        )
        AND (
            EXISTS (
                SELECT FROM erased_records AS e
                WHERE e.tenant_id = of_tenant AND e.record_id IN (
                    left(encode(sha256(convert_to(
                        'touchpoint:' || length(of_tenant) || ':' || of_tenant || ':'
                        || d.source_event_id, 'UTF8'
                    )), 'hex'), 32),
                    left(encode(sha256(convert_to(
                        'conversion:' || length(of_tenant) || ':' || of_tenant || ':'
                        || length(coalesce(d.order_source, 'api')) || ':'
                        || coalesce(d.order_source, 'api') || ':' || d.order_id, 'UTF8'
                    )), 'hex'), 32)
                )
            )
            OR d.occurred_at <= until AND EXISTS (
                SELECT
                FROM unnest(ARRAY[
                    'visitor:' || (d.payload ->> 'visitor_id'),
                    'customer:' || (d.payload #>> '{identifiers,customer_id}'),
                    'email:' || (d.payload #>> '{identifiers,email_sha256}'),
                    'phone:' || (d.payload #>> '{identifiers,phone_sha256}'),
                    'external:' || (d.payload #>> '{identifiers,external_id}'),
                    'device:' || (d.payload #>> '{identifiers,device_id}')
                ]) AS own (node)
                WHERE encode(sha256(convert_to(of_tenant || '|' || own.node, 'UTF8')), 'hex')
                    = ANY (of_subjects)
            )
        )
    FOR UPDATE OF d
),
done AS (
    UPDATE deliveries AS d
    SET payload = jsonb_strip_nulls(jsonb_build_object(
            'value', d.payload -> 'value', 'currency', d.payload -> 'currency',
            'source', d.payload -> 'source', 'source_event_id', d.payload -> 'source_event_id'
        )),
        state = CASE WHEN t.state IN ('queued', 'parked') THEN 'filtered' ELSE d.state END,
        error = CASE WHEN t.state IN ('queued', 'parked') THEN 'erased' ELSE d.error END,
        finished_at = coalesce(d.finished_at, now()),
        published = d.published AND t.state NOT IN ('queued', 'parked'),
        lease_owner = NULL,
        leased_until = NULL
    FROM theirs AS t
    WHERE d.tenant_id = of_tenant AND d.platform = t.platform AND d.event_id = t.event_id
        AND d.kind = t.kind AND t.state <> 'sending'
    RETURNING t.state IN ('queued', 'parked') AS was_waiting
)
SELECT
    (SELECT count(*) FROM done),
    (SELECT count(*) FROM done WHERE was_waiting),
    (SELECT count(*) FROM theirs WHERE state = 'sending')
$$;
COMMENT ON FUNCTION attributary_erase_deliveries(text, text[], timestamptz) IS 'Strips the payloads of deliveries of erased people and cancels those that wait; the rows stay, under which nothing is sent twice. What is being sent right now is only counted.';

CREATE FUNCTION attributary_erase_mentions(of_tenant text, nodes text[])
RETURNS TABLE (audited bigint, predictions bigint, checkpoints bigint)
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    node text;
    found bigint;
BEGIN
    audited := 0;
    FOREACH node IN ARRAY nodes LOOP
        node := trim(BOTH '"' FROM to_jsonb(node)::text);
        UPDATE audit_log AS a
        SET detail = replace(a.detail::text, node, 'erased')::jsonb
        WHERE a.tenant_id = of_tenant AND strpos(a.detail::text, '"' || node || '"') > 0;
        GET DIAGNOSTICS found = ROW_COUNT;
        audited := audited + found;
    END LOOP;
    DELETE FROM customer_ltv_predictions AS p
    WHERE p.tenant_id = of_tenant AND p.person_id = ANY (nodes);
    GET DIAGNOSTICS predictions = ROW_COUNT;
    -- A training that has read a chunk which ends with them begins anew.
    DELETE FROM attribution_training_checkpoints AS c
    WHERE c.tenant_id = of_tenant AND EXISTS (
        SELECT FROM attribution_training_checkpoints AS o
        WHERE o.tenant_id = of_tenant AND o.after = ANY (nodes)
    );
    GET DIAGNOSTICS checkpoints = ROW_COUNT;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION attributary_erase_mentions(text, text[]) IS 'Takes ids of an erased person out of the audit log, and their predictions and the checkpoints that name them out of bookkeeping.';
REVOKE ALL ON FUNCTION attributary_erase_deliveries(text, text[], timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION attributary_erase_mentions(text, text[]) FROM PUBLIC;
