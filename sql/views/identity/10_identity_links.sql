CREATE VIEW identity_links WITH (security_invoker = true) AS
SELECT
    tenant_id,
    split_part(node, ':', 1) AS kind,
    substr(node, strpos(node, ':') + 1) AS value,
    person_id,
    quarantined
FROM identity_nodes;

COMMENT ON VIEW identity_links IS 'Every id that joins people, and its person. Example: SELECT kind, value FROM identity_links WHERE person_id = (SELECT person_id FROM attribution_conversions WHERE order_id = ''1001'').';
COMMENT ON COLUMN identity_links.tenant_id IS 'Tenant.';
COMMENT ON COLUMN identity_links.kind IS 'visitor, customer, email, phone, external or device.';
COMMENT ON COLUMN identity_links.value IS 'The id; emails and phones are SHA-256 hashes.';
COMMENT ON COLUMN identity_links.person_id IS 'Smallest id of everything joined to this one, as kind:value.';
COMMENT ON COLUMN identity_links.quarantined IS 'Shared by too many others, so it joins nobody.';

GRANT SELECT ON identity_links TO attributary_analyst, attributary_processor;
