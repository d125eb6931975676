CREATE TABLE survey_responses (
    tenant_id text COLLATE "C" NOT NULL,
    provider text COLLATE "C" NOT NULL,
    response_id text COLLATE "C" NOT NULL,
    conversion_id text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    question text,
    answer text NOT NULL,
    channel text,
    platform text,
    answered_at timestamptz NOT NULL,
    content_hash text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, provider, response_id)
);
COMMENT ON TABLE survey_responses IS 'Answers of buyers to post-purchase surveys; of two contents of a response the greatest (answered_at, content_hash) stands. Read it as attribution_survey_answers. Writer: identity.';
COMMENT ON COLUMN survey_responses.tenant_id IS 'Tenant.';
COMMENT ON COLUMN survey_responses.provider IS 'Survey tool.';
COMMENT ON COLUMN survey_responses.response_id IS 'The tool''s id of the answer; an edited one keeps it.';
COMMENT ON COLUMN survey_responses.conversion_id IS 'Hash of tenant, source and order id, whether or not the order is known yet.';
COMMENT ON COLUMN survey_responses.source IS 'The shop whose order it is about.';
COMMENT ON COLUMN survey_responses.order_id IS 'Normalised order id.';
COMMENT ON COLUMN survey_responses.question IS 'What was asked.';
COMMENT ON COLUMN survey_responses.answer IS 'What was answered; emails and phones in it are hashed.';
COMMENT ON COLUMN survey_responses.channel IS 'Channel, if the sender said.';
COMMENT ON COLUMN survey_responses.platform IS 'Platform, if the sender said.';
COMMENT ON COLUMN survey_responses.answered_at IS 'When it was given or last edited, milliseconds.';
COMMENT ON COLUMN survey_responses.content_hash IS 'MD5 of the canonical content.';
CREATE INDEX survey_responses_conversion ON survey_responses (tenant_id, conversion_id);

CREATE TABLE survey_channels (
    phrase text COLLATE "C" PRIMARY KEY CHECK (phrase = trim(phrase) AND phrase ~ '^[a-z0-9 ]+$'),
    channel text NOT NULL,
    platform text NOT NULL
);
COMMENT ON TABLE survey_channels IS 'What common answers mean: the longest phrase that is found in an answer as whole words, in small letters, decides. Data, written by migrations. Writer: migrate.';
COMMENT ON COLUMN survey_channels.phrase IS 'Words as they may stand in an answer: small letters, digits, single spaces.';
COMMENT ON COLUMN survey_channels.channel IS 'Channel that it stands for.';
COMMENT ON COLUMN survey_channels.platform IS 'Traffic platform that it stands for, or none.';
INSERT INTO survey_channels (phrase, channel, platform) VALUES
    ('facebook', 'paid_social', 'meta'),
    ('instagram', 'paid_social', 'meta'),
    ('meta', 'paid_social', 'meta'),
    ('tiktok', 'paid_social', 'tiktok'),
    ('tik tok', 'paid_social', 'tiktok'),
    ('snapchat', 'paid_social', 'snapchat'),
    ('pinterest', 'paid_social', 'pinterest'),
    ('linkedin', 'paid_social', 'linkedin'),
    ('twitter', 'paid_social', 'other'),
    ('reddit', 'organic_social', 'other'),
    ('social media', 'paid_social', 'other'),
    ('google', 'organic_search', 'google'),
    ('google ad', 'paid_search', 'google'),
    ('google ads', 'paid_search', 'google'),
    ('google shopping', 'paid_shopping', 'google'),
    ('google search', 'organic_search', 'google'),
    ('bing', 'organic_search', 'microsoft'),
    ('search engine', 'organic_search', 'other'),
    ('online search', 'organic_search', 'other'),
    ('search', 'organic_search', 'other'),
    ('chatgpt', 'referral', 'other'),
    ('youtube', 'paid_video', 'google'),
    ('podcast', 'other', 'other'),
    ('radio', 'offline', 'other'),
    ('spotify', 'other', 'other'),
    ('tv', 'ctv', 'other'),
    ('television', 'ctv', 'other'),
    ('tv commercial', 'ctv', 'other'),
    ('streaming', 'ctv', 'other'),
    ('hulu', 'ctv', 'other'),
    ('connected tv', 'ctv', 'mntn'),
    ('billboard', 'offline', 'none'),
    ('direct mail', 'offline', 'none'),
    ('postcard', 'offline', 'none'),
    ('catalog', 'offline', 'none'),
    ('magazine', 'offline', 'none'),
    ('newspaper', 'offline', 'none'),
    ('store', 'offline', 'none'),
    ('retail store', 'offline', 'none'),
    ('event', 'offline', 'none'),
    ('friend', 'referral', 'none'),
    ('friends', 'referral', 'none'),
    ('family', 'referral', 'none'),
    ('word of mouth', 'referral', 'none'),
    ('recommendation', 'referral', 'none'),
    ('referral', 'referral', 'none'),
    ('blog', 'referral', 'other'),
    ('article', 'referral', 'other'),
    ('press', 'referral', 'other'),
    ('news', 'referral', 'other'),
    ('review site', 'referral', 'other'),
    ('influencer', 'influencer', 'other'),
    ('creator', 'influencer', 'other'),
    ('affiliate', 'affiliate', 'affiliate'),
    ('coupon site', 'affiliate', 'affiliate'),
    ('email', 'email', 'other'),
    ('newsletter', 'email', 'other'),
    ('sms', 'sms', 'other'),
    ('text message', 'sms', 'other'),
    ('whatsapp', 'messaging', 'whatsapp');

CREATE TABLE job_runs (
    name text COLLATE "C" NOT NULL,
    scheduled_for timestamptz NOT NULL,
    attempt smallint NOT NULL,
    manual boolean NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    outcome text NOT NULL CHECK (outcome IN ('registered', 'running', 'ok', 'failed', 'abandoned')),
    detail jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (name, scheduled_for, attempt)
);
COMMENT ON TABLE job_runs IS 'Every run of a scheduled job. The key makes a slot run once, whichever replica leads. Writer: schedule.';
COMMENT ON COLUMN job_runs.name IS 'Job.';
COMMENT ON COLUMN job_runs.scheduled_for IS 'The slot that the run is for; of a run by hand, when it was asked for.';
COMMENT ON COLUMN job_runs.attempt IS '1, and more when a run failed or its process died.';
COMMENT ON COLUMN job_runs.manual IS 'An operator asked for it; it does not count as the slot''s.';
COMMENT ON COLUMN job_runs.started_at IS 'When it began.';
COMMENT ON COLUMN job_runs.finished_at IS 'When it ended; null while it runs.';
COMMENT ON COLUMN job_runs.outcome IS 'registered (first seen, nothing run), running, ok, failed, abandoned (its process died).';
COMMENT ON COLUMN job_runs.detail IS 'What it did, or why it failed; no secrets.';

CREATE TABLE order_reconciliation (
    tenant_id text COLLATE "C" NOT NULL,
    run_at timestamptz NOT NULL,
    since timestamptz NOT NULL,
    dry_run boolean NOT NULL,
    orders_in_shop integer NOT NULL,
    found integer NOT NULL,
    missing integer NOT NULL,
    differing integer NOT NULL,
    repaired integer NOT NULL,
    unattributed integer NOT NULL,
    state text NOT NULL CHECK (state IN ('clean', 'repaired', 'unrepaired', 'failed')),
    error text,
    PRIMARY KEY (tenant_id, run_at)
);
COMMENT ON TABLE order_reconciliation IS 'The shop''s own list of orders beside ours, one row a run. Read it as attribution_order_reconciliation. Writer: schedule.';
COMMENT ON COLUMN order_reconciliation.tenant_id IS 'Tenant.';
COMMENT ON COLUMN order_reconciliation.run_at IS 'When the run began.';
COMMENT ON COLUMN order_reconciliation.since IS 'Orders changed since then were compared.';
COMMENT ON COLUMN order_reconciliation.dry_run IS 'Nothing was repaired.';
COMMENT ON COLUMN order_reconciliation.orders_in_shop IS 'Orders that the shop listed, test orders not counted.';
COMMENT ON COLUMN order_reconciliation.found IS 'Those of which we have a conversion.';
COMMENT ON COLUMN order_reconciliation.missing IS 'Those of which we have none.';
COMMENT ON COLUMN order_reconciliation.differing IS 'Those whose gross, refunds or status are others with us.';
COMMENT ON COLUMN order_reconciliation.repaired IS 'Missing or differing ones that the gateway took again.';
COMMENT ON COLUMN order_reconciliation.unattributed IS 'Those found that no touch earned.';
COMMENT ON COLUMN order_reconciliation.state IS 'clean, repaired, unrepaired (a dry run, or the gateway refused some), failed (the shop''s list is incomplete).';
COMMENT ON COLUMN order_reconciliation.error IS 'What stopped it.';

CREATE TABLE survey_cursors (
    tenant_id text COLLATE "C" NOT NULL,
    provider text COLLATE "C" NOT NULL,
    last_id text NOT NULL,
    reread_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, provider)
);
COMMENT ON TABLE survey_cursors IS 'How far a survey tool has been read. Bookkeeping: what is read twice is absorbed. Writer: schedule.';
COMMENT ON COLUMN survey_cursors.tenant_id IS 'Tenant.';
COMMENT ON COLUMN survey_cursors.provider IS 'Survey tool.';
COMMENT ON COLUMN survey_cursors.last_id IS 'Newest response that the gateway has taken.';
COMMENT ON COLUMN survey_cursors.reread_at IS 'When the latest days were last read again, for edits.';

DO $$
BEGIN
    BEGIN
        CREATE ROLE attributary_scheduler NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
    END;
    GRANT attributary_scheduler TO CURRENT_USER;
END
$$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['survey_responses', 'order_reconciliation', 'survey_cursors']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY processor ON %I TO attributary_processor USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY operator ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY analyst ON %I FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()))', name);
    END LOOP;
    -- The scheduler reads across tenants what its jobs compare, and the secrets that they sign with.
    FOREACH name IN ARRAY ARRAY[
        'tenants', 'tenant_settings', 'platform_connections', 'webhook_sources', 'conversions',
        'credit_rows', 'identity_nodes', 'attribution_touchpoints']
    LOOP
        EXECUTE format('CREATE POLICY scheduler ON %I FOR SELECT TO attributary_scheduler USING (true)', name);
        EXECUTE format('GRANT SELECT ON %I TO attributary_scheduler', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['order_reconciliation', 'survey_cursors']
    LOOP
        EXECUTE format('CREATE POLICY scheduler ON %I TO attributary_scheduler USING (true) WITH CHECK (true)', name);
    END LOOP;
END
$$;

GRANT USAGE ON SCHEMA public TO attributary_scheduler;
GRANT SELECT, INSERT, UPDATE, DELETE ON survey_responses TO attributary_processor;
GRANT SELECT ON survey_channels TO attributary_processor, attributary_analyst;
GRANT SELECT ON survey_responses, order_reconciliation TO attributary_analyst;
GRANT SELECT, INSERT, UPDATE ON job_runs, order_reconciliation, survey_cursors, dead_letter_replays
TO attributary_scheduler;
