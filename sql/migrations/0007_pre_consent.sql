-- A person's events are looked at again when consent, or who is one person, changes.
CREATE INDEX pixel_events_anchor ON pixel_events (tenant_id, anchor, occurred_at);

CREATE TABLE rebuild_ends (
    topic text COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    end_offset bigint NOT NULL,
    PRIMARY KEY (topic, partition)
);
COMMENT ON TABLE rebuild_ends IS 'Where THE LOG ended when this database was rebuilt: until identity has read so far nothing is routed to a platform, since a decision about consent may still be ahead. Control data. Writer: rebuild.';
COMMENT ON COLUMN rebuild_ends.topic IS 'Logical topic name.';
COMMENT ON COLUMN rebuild_ends.partition IS 'Partition.';
COMMENT ON COLUMN rebuild_ends.end_offset IS 'Offset after its last record at that time.';
GRANT SELECT ON rebuild_ends TO attributary_processor;

-- A decision about one flag must not undo an earlier one about another: one row a flag.
CREATE TABLE consent_flags (
    tenant_id text COLLATE "C" NOT NULL,
    node text COLLATE "C" NOT NULL,
    flag text COLLATE "C" NOT NULL,
    value text NOT NULL CHECK (value IN ('granted', 'denied')),
    issued_at bigint NOT NULL,
    command_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, node, flag)
);
COMMENT ON TABLE consent_flags IS 'Decisions of /v1/consent, by id and flag; the greatest (issued_at, command_id) stands. Writer: identity.';
COMMENT ON COLUMN consent_flags.tenant_id IS 'Tenant.';
COMMENT ON COLUMN consent_flags.node IS 'kind:value of the id that decided.';
COMMENT ON COLUMN consent_flags.flag IS 'ad_storage, ad_user_data, ad_personalization or analytics_storage.';
COMMENT ON COLUMN consent_flags.value IS 'granted or denied.';
COMMENT ON COLUMN consent_flags.issued_at IS 'Decision time, epoch milliseconds.';
COMMENT ON COLUMN consent_flags.command_id IS 'Tie-break between decisions of one time.';
ALTER TABLE consent_flags ENABLE ROW LEVEL SECURITY;
ALTER TABLE consent_flags FORCE ROW LEVEL SECURITY;
CREATE POLICY processor ON consent_flags TO attributary_processor USING (true) WITH CHECK (true);
CREATE POLICY operator ON consent_flags TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY analyst ON consent_flags FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON consent_flags TO attributary_processor;
GRANT SELECT ON consent_flags TO attributary_analyst;
INSERT INTO consent_flags (tenant_id, node, flag, value, issued_at, command_id)
SELECT d.tenant_id, d.node, said.key, said.value, d.issued_at, d.command_id
FROM consent_decisions d
CROSS JOIN LATERAL jsonb_each_text(d.consent) AS said
WHERE said.value IN ('granted', 'denied');
