CREATE TABLE attribution_touchpoints (
    tenant_id text COLLATE "C" NOT NULL,
    touchpoint_id text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    anchor text COLLATE "C" NOT NULL,
    visitor_id text COLLATE "C",
    session_id text COLLATE "C",
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    late boolean NOT NULL,
    touchpoint_type text NOT NULL CHECK (touchpoint_type IN ('click', 'view')),
    channel text NOT NULL,
    platform text NOT NULL,
    campaign text NOT NULL,
    rules_version smallint NOT NULL,
    sent_channel text,
    sent_platform text,
    campaign_id text,
    ad_id text,
    utm_source text,
    utm_medium text,
    utm_campaign text,
    utm_term text,
    utm_content text,
    fbclid text,
    gclid text,
    gbraid text,
    wbraid text,
    ttclid text,
    msclkid text,
    sccid text,
    epik text,
    li_fat_id text,
    ref text,
    creator text,
    url text,
    referrer text,
    device_type text,
    customer_id text COLLATE "C",
    email_hash text COLLATE "C",
    ids jsonb,
    consent jsonb,
    properties jsonb,
    content_hash text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, touchpoint_id)
);
COMMENT ON TABLE attribution_touchpoints IS 'Every touch, one row an event id. Of two contents for one id the smaller (occurred_at, anchor, content_hash) stands. Writer: identity.';
COMMENT ON COLUMN attribution_touchpoints.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_touchpoints.touchpoint_id IS 'Hash of tenant and event_id.';
COMMENT ON COLUMN attribution_touchpoints.event_id IS 'Dedupe key: the sender''s id, else the content hash.';
COMMENT ON COLUMN attribution_touchpoints.anchor IS 'The visitor, else the first joining id, as kind:value; the touch belongs to this id''s person.';
COMMENT ON COLUMN attribution_touchpoints.visitor_id IS 'First-party visitor id.';
COMMENT ON COLUMN attribution_touchpoints.session_id IS 'Session id.';
COMMENT ON COLUMN attribution_touchpoints.occurred_at IS 'Event time, milliseconds.';
COMMENT ON COLUMN attribution_touchpoints.received_at IS 'When the gateway took it.';
COMMENT ON COLUMN attribution_touchpoints.late IS 'Arrived more than seven days after it occurred.';
COMMENT ON COLUMN attribution_touchpoints.touchpoint_type IS 'Click or ad view.';
COMMENT ON COLUMN attribution_touchpoints.channel IS 'Channel by the rules, or as the server set it.';
COMMENT ON COLUMN attribution_touchpoints.platform IS 'Traffic platform by the rules, or as the server set it.';
COMMENT ON COLUMN attribution_touchpoints.campaign IS 'utm_campaign, else campaign_id, else empty.';
COMMENT ON COLUMN attribution_touchpoints.rules_version IS 'Version of the channel rules that resolved it.';
COMMENT ON COLUMN attribution_touchpoints.sent_channel IS 'Channel that the server set, if it did.';
COMMENT ON COLUMN attribution_touchpoints.sent_platform IS 'Platform that the server set, if it did.';
COMMENT ON COLUMN attribution_touchpoints.campaign_id IS 'Campaign id that the server set.';
COMMENT ON COLUMN attribution_touchpoints.ad_id IS 'Ad id that the server set.';
COMMENT ON COLUMN attribution_touchpoints.utm_source IS 'As sent, else from the landing URL.';
COMMENT ON COLUMN attribution_touchpoints.utm_medium IS 'As sent, else from the landing URL.';
COMMENT ON COLUMN attribution_touchpoints.utm_campaign IS 'As sent, else from the landing URL.';
COMMENT ON COLUMN attribution_touchpoints.utm_term IS 'As sent, else from the landing URL.';
COMMENT ON COLUMN attribution_touchpoints.utm_content IS 'As sent, else from the landing URL.';
COMMENT ON COLUMN attribution_touchpoints.fbclid IS 'Meta click id.';
COMMENT ON COLUMN attribution_touchpoints.gclid IS 'Google click id.';
COMMENT ON COLUMN attribution_touchpoints.gbraid IS 'Google iOS app-to-web click id.';
COMMENT ON COLUMN attribution_touchpoints.wbraid IS 'Google iOS web-to-app click id.';
COMMENT ON COLUMN attribution_touchpoints.ttclid IS 'TikTok click id.';
COMMENT ON COLUMN attribution_touchpoints.msclkid IS 'Microsoft click id.';
COMMENT ON COLUMN attribution_touchpoints.sccid IS 'Snapchat click id.';
COMMENT ON COLUMN attribution_touchpoints.epik IS 'Pinterest click id.';
COMMENT ON COLUMN attribution_touchpoints.li_fat_id IS 'LinkedIn click id.';
COMMENT ON COLUMN attribution_touchpoints.ref IS 'Affiliate code of the URL.';
COMMENT ON COLUMN attribution_touchpoints.creator IS 'Creator code of the URL.';
COMMENT ON COLUMN attribution_touchpoints.url IS 'Landing URL.';
COMMENT ON COLUMN attribution_touchpoints.referrer IS 'Referrer.';
COMMENT ON COLUMN attribution_touchpoints.device_type IS 'desktop, mobile or tablet, from the user agent.';
COMMENT ON COLUMN attribution_touchpoints.customer_id IS 'Customer id that came with the touch.';
COMMENT ON COLUMN attribution_touchpoints.email_hash IS 'SHA-256 of the normalised email that came with the touch.';
COMMENT ON COLUMN attribution_touchpoints.ids IS 'Further identifiers that came with the touch.';
COMMENT ON COLUMN attribution_touchpoints.consent IS 'Consent that came with the touch.';
COMMENT ON COLUMN attribution_touchpoints.properties IS 'The sender''s own properties.';
COMMENT ON COLUMN attribution_touchpoints.content_hash IS 'MD5 of the canonical content, the last tie-break between contents.';

CREATE TABLE identity_nodes (
    tenant_id text COLLATE "C" NOT NULL,
    node text COLLATE "C" NOT NULL,
    person_id text COLLATE "C" NOT NULL,
    quarantined boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, node)
);
COMMENT ON TABLE identity_nodes IS 'Cache of the identity graph: every joining id and its person. Read it as identity_links. Writer: identity.';
COMMENT ON COLUMN identity_nodes.tenant_id IS 'Tenant.';
COMMENT ON COLUMN identity_nodes.node IS 'kind:value of the id.';
COMMENT ON COLUMN identity_nodes.person_id IS 'Smallest id of its component; itself when it is alone or quarantined.';
COMMENT ON COLUMN identity_nodes.quarantined IS 'Shared by more ids than the fan-in cap allows, so it joins nobody.';

CREATE TABLE identity_edges (
    tenant_id text COLLATE "C" NOT NULL,
    a text COLLATE "C" NOT NULL,
    b text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    settled boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, a, b)
);
COMMENT ON TABLE identity_edges IS 'Two joining ids seen on one event. Only grows. Writer: identity.';
COMMENT ON COLUMN identity_edges.tenant_id IS 'Tenant.';
COMMENT ON COLUMN identity_edges.a IS 'The smaller id, kind:value.';
COMMENT ON COLUMN identity_edges.b IS 'The greater id, kind:value.';
COMMENT ON COLUMN identity_edges.reason IS 'What showed them together: the topic and the event id that came first to this database.';
COMMENT ON COLUMN identity_edges.settled IS 'Its component has been computed since it was inserted.';

CREATE TABLE identity_unlinks (
    tenant_id text COLLATE "C" NOT NULL,
    a text COLLATE "C" NOT NULL,
    b text COLLATE "C" NOT NULL,
    linked boolean NOT NULL,
    issued_at bigint NOT NULL,
    command_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, a, b)
);
COMMENT ON TABLE identity_unlinks IS 'Operator''s tombstones on edges; the greatest (issued_at, command_id) stands. Writer: identity.';
COMMENT ON COLUMN identity_unlinks.tenant_id IS 'Tenant.';
COMMENT ON COLUMN identity_unlinks.a IS 'The smaller id.';
COMMENT ON COLUMN identity_unlinks.b IS 'The greater id.';
COMMENT ON COLUMN identity_unlinks.linked IS 'True takes the tombstone away again.';
COMMENT ON COLUMN identity_unlinks.issued_at IS 'Command time, epoch milliseconds.';
COMMENT ON COLUMN identity_unlinks.command_id IS 'Tie-break between commands of one time.';

CREATE TABLE identity_dirty (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text COLLATE "C" NOT NULL,
    node text COLLATE "C" NOT NULL
);
COMMENT ON TABLE identity_dirty IS 'Outbox: every conversion reachable from this id must be recomputed. Writer: identity.';
COMMENT ON COLUMN identity_dirty.seq IS 'Order of insertion.';
COMMENT ON COLUMN identity_dirty.tenant_id IS 'Tenant.';
COMMENT ON COLUMN identity_dirty.node IS 'kind:value of an id; * stands for every conversion of the tenant.';

CREATE TABLE order_versions (
    tenant_id text COLLATE "C" NOT NULL,
    conversion_id text COLLATE "C" NOT NULL,
    content_hash text COLLATE "C" NOT NULL,
    version_at bigint NOT NULL,
    snapshot jsonb NOT NULL,
    PRIMARY KEY (tenant_id, conversion_id, content_hash)
);
COMMENT ON TABLE order_versions IS 'Every distinct snapshot of every order. Only grows. Writer: identity.';
COMMENT ON COLUMN order_versions.tenant_id IS 'Tenant.';
COMMENT ON COLUMN order_versions.conversion_id IS 'Hash of tenant, source and order id.';
COMMENT ON COLUMN order_versions.content_hash IS 'Hash of the snapshot.';
COMMENT ON COLUMN order_versions.version_at IS 'updated_at, else receive time; epoch milliseconds.';
COMMENT ON COLUMN order_versions.snapshot IS 'The record of orders.v1.';

CREATE TABLE order_refunds (
    tenant_id text COLLATE "C" NOT NULL,
    conversion_id text COLLATE "C" NOT NULL,
    refund_id text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (tenant_id, conversion_id, refund_id)
);
COMMENT ON TABLE order_refunds IS 'Refunds of an order, each once; the greatest amount of a refund id stands. Writer: identity.';
COMMENT ON COLUMN order_refunds.tenant_id IS 'Tenant.';
COMMENT ON COLUMN order_refunds.conversion_id IS 'The order''s conversion.';
COMMENT ON COLUMN order_refunds.refund_id IS 'The shop''s id of the refund.';
COMMENT ON COLUMN order_refunds.amount IS 'Minor units of the order''s currency.';

CREATE TABLE conversions (
    tenant_id text COLLATE "C" NOT NULL,
    conversion_id text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    order_id text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C",
    visitor_id text COLLATE "C",
    checkout_id text COLLATE "C",
    person_id text COLLATE "C",
    currency text,
    gross bigint,
    refunded bigint NOT NULL,
    net bigint NOT NULL,
    converted_at timestamptz NOT NULL,
    status text NOT NULL,
    state text NOT NULL CHECK (state IN ('ready', 'pending_order')),
    deliverable boolean NOT NULL,
    folded jsonb NOT NULL,
    PRIMARY KEY (tenant_id, conversion_id)
);
COMMENT ON TABLE conversions IS 'Cache: the fold of an order''s snapshots and its person. Read it as attribution_conversions. Writer: identity.';
COMMENT ON COLUMN conversions.tenant_id IS 'Tenant.';
COMMENT ON COLUMN conversions.conversion_id IS 'Hash of tenant, source and order id.';
COMMENT ON COLUMN conversions.source IS 'The shop whose order it is.';
COMMENT ON COLUMN conversions.order_id IS 'Normalised order id, unique within the source.';
COMMENT ON COLUMN conversions.customer_id IS 'Customer id.';
COMMENT ON COLUMN conversions.visitor_id IS 'Visitor id that the order carried.';
COMMENT ON COLUMN conversions.checkout_id IS 'Checkout token, which the pixel''s checkout events carry too.';
COMMENT ON COLUMN conversions.person_id IS 'Person; null when the order carries no id that joins.';
COMMENT ON COLUMN conversions.currency IS 'ISO 4217.';
COMMENT ON COLUMN conversions.gross IS 'Before refunds, minor units; null until a snapshot tells.';
COMMENT ON COLUMN conversions.refunded IS 'Greater of the cumulative figure and the sum of distinct refunds, minor units.';
COMMENT ON COLUMN conversions.net IS 'Gross less refunds, at least 0; 0 when cancelled.';
COMMENT ON COLUMN conversions.converted_at IS 'Order time, milliseconds.';
COMMENT ON COLUMN conversions.status IS 'pending, paid, partially_refunded, refunded, cancelled, charged_back.';
COMMENT ON COLUMN conversions.state IS 'pending_order until the gross is known.';
COMMENT ON COLUMN conversions.deliverable IS 'The order was paid at some time, so platforms are told of the purchase.';
COMMENT ON COLUMN conversions.folded IS 'The folded order record.';

CREATE TABLE conversion_nodes (
    tenant_id text COLLATE "C" NOT NULL,
    node text COLLATE "C" NOT NULL,
    conversion_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, node, conversion_id)
);
COMMENT ON TABLE conversion_nodes IS 'Joining ids that any snapshot of an order carried. Only grows. Writer: identity.';
COMMENT ON COLUMN conversion_nodes.tenant_id IS 'Tenant.';
COMMENT ON COLUMN conversion_nodes.node IS 'kind:value of the id.';
COMMENT ON COLUMN conversion_nodes.conversion_id IS 'The conversion.';

CREATE TABLE conversion_revision (
    tenant_id text COLLATE "C" NOT NULL,
    conversion_id text COLLATE "C" NOT NULL,
    rev bigint NOT NULL,
    PRIMARY KEY (tenant_id, conversion_id)
);
COMMENT ON TABLE conversion_revision IS 'How often a conversion''s inputs were looked at; never in an id or a served row. Writer: identity.';
COMMENT ON COLUMN conversion_revision.tenant_id IS 'Tenant.';
COMMENT ON COLUMN conversion_revision.conversion_id IS 'The conversion.';
COMMENT ON COLUMN conversion_revision.rev IS 'Counter.';

CREATE TABLE pixel_events (
    tenant_id text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    source text NOT NULL,
    event_type text NOT NULL,
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    anchor text COLLATE "C" NOT NULL,
    visitor_id text COLLATE "C",
    session_id text COLLATE "C",
    customer_id text COLLATE "C",
    order_source text COLLATE "C",
    order_id text COLLATE "C",
    checkout_id text COLLATE "C",
    raw_data jsonb NOT NULL,
    content_hash text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, event_id)
);
COMMENT ON TABLE pixel_events IS 'Every pixel and server event, one row an event id. Read it as pixel_event_log. Writer: identity.';
COMMENT ON COLUMN pixel_events.tenant_id IS 'Tenant.';
COMMENT ON COLUMN pixel_events.event_id IS 'Dedupe key: the sender''s id, else the content hash.';
COMMENT ON COLUMN pixel_events.source IS 'Door it came in by: events, checkout, capi, identify.';
COMMENT ON COLUMN pixel_events.event_type IS 'Event name.';
COMMENT ON COLUMN pixel_events.occurred_at IS 'Event time, milliseconds.';
COMMENT ON COLUMN pixel_events.received_at IS 'When the gateway took it.';
COMMENT ON COLUMN pixel_events.anchor IS 'The visitor, else the first joining id, as kind:value.';
COMMENT ON COLUMN pixel_events.visitor_id IS 'Visitor id.';
COMMENT ON COLUMN pixel_events.session_id IS 'Session id.';
COMMENT ON COLUMN pixel_events.customer_id IS 'Customer id.';
COMMENT ON COLUMN pixel_events.order_source IS 'The shop whose order id it names.';
COMMENT ON COLUMN pixel_events.order_id IS 'Order id that the event named.';
COMMENT ON COLUMN pixel_events.checkout_id IS 'Checkout token that the event named.';
COMMENT ON COLUMN pixel_events.raw_data IS 'The record of pixel_events.v1; details of people are hashed or sealed in it.';
COMMENT ON COLUMN pixel_events.content_hash IS 'MD5 of the canonical content.';

CREATE TABLE consent_decisions (
    tenant_id text COLLATE "C" NOT NULL,
    node text COLLATE "C" NOT NULL,
    consent jsonb NOT NULL,
    issued_at bigint NOT NULL,
    command_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, node)
);
COMMENT ON TABLE consent_decisions IS 'Decisions of /v1/consent, by id; the greatest (issued_at, command_id) stands. Writer: identity.';
COMMENT ON COLUMN consent_decisions.tenant_id IS 'Tenant.';
COMMENT ON COLUMN consent_decisions.node IS 'kind:value of the id that decided.';
COMMENT ON COLUMN consent_decisions.consent IS 'Flags as decided.';
COMMENT ON COLUMN consent_decisions.issued_at IS 'Decision time, epoch milliseconds.';
COMMENT ON COLUMN consent_decisions.command_id IS 'Tie-break between decisions of one time.';

CREATE TABLE tenant_settings (
    tenant_id text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    value text NOT NULL,
    issued_at bigint NOT NULL,
    command_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, key)
);
COMMENT ON TABLE tenant_settings IS 'Settings as set by commands; the greatest (issued_at, command_id) stands. Read it as attribution_settings. Writer: identity.';
COMMENT ON COLUMN tenant_settings.tenant_id IS 'Tenant.';
COMMENT ON COLUMN tenant_settings.key IS 'Name of the setting.';
COMMENT ON COLUMN tenant_settings.value IS 'Value as text.';
COMMENT ON COLUMN tenant_settings.issued_at IS 'Command time, epoch milliseconds.';
COMMENT ON COLUMN tenant_settings.command_id IS 'Tie-break between commands of one time.';

CREATE TABLE fx_rates (
    tenant_id text COLLATE "C" NOT NULL,
    currency text NOT NULL,
    reporting text NOT NULL,
    date date NOT NULL,
    rate numeric NOT NULL CHECK (rate > 0),
    issued_at bigint NOT NULL,
    command_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, currency, reporting, date)
);
COMMENT ON TABLE fx_rates IS 'Exchange rates as set by commands; the greatest (issued_at, command_id) stands. Writer: identity.';
COMMENT ON COLUMN fx_rates.tenant_id IS 'Tenant.';
COMMENT ON COLUMN fx_rates.currency IS 'From.';
COMMENT ON COLUMN fx_rates.reporting IS 'To.';
COMMENT ON COLUMN fx_rates.date IS 'First day on which it holds; it holds until the next one.';
COMMENT ON COLUMN fx_rates.rate IS 'Units of reporting for one unit of currency.';
COMMENT ON COLUMN fx_rates.issued_at IS 'Command time, epoch milliseconds.';
COMMENT ON COLUMN fx_rates.command_id IS 'Tie-break between commands of one time.';

CREATE INDEX attribution_touchpoints_anchor ON attribution_touchpoints (tenant_id, anchor, occurred_at);
CREATE INDEX identity_nodes_person ON identity_nodes (tenant_id, person_id);
CREATE INDEX identity_edges_b ON identity_edges (tenant_id, b);
CREATE INDEX conversions_person ON conversions (tenant_id, person_id, converted_at, conversion_id);
CREATE UNIQUE INDEX conversions_order ON conversions (tenant_id, order_id, source);
CREATE INDEX conversions_checkout ON conversions (tenant_id, checkout_id) WHERE checkout_id IS NOT NULL;
CREATE INDEX pixel_events_order ON pixel_events (tenant_id, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX pixel_events_checkout ON pixel_events (tenant_id, checkout_id) WHERE checkout_id IS NOT NULL;
