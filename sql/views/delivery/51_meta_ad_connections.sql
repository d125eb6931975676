CREATE VIEW meta_ad_connections WITH (security_invoker = true) AS
SELECT
    c.tenant_id,
    c.account_id AS pixel_id,
    c.ad_account_id,
    c.enabled,
    q.emq_score,
    q.emq_parameter_scores,
    q.last_emq_check_at
FROM platform_connections AS c
LEFT JOIN platform_match_quality AS q
    ON q.tenant_id = c.tenant_id AND q.platform = c.platform AND q.account_id = c.account_id
WHERE c.platform = 'meta';

COMMENT ON VIEW meta_ad_connections IS 'Which pixel and ad account of Meta are a tenant''s, without their token, and how well Meta matches its events. Example: SELECT pixel_id, emq_score, emq_parameter_scores -> ''Purchase'' -> ''coverage'' AS coverage FROM meta_ad_connections WHERE tenant_id = ''demo''.';
COMMENT ON COLUMN meta_ad_connections.tenant_id IS 'Tenant.';
COMMENT ON COLUMN meta_ad_connections.pixel_id IS 'Pixel or dataset id; empty where an ad account alone is known.';
COMMENT ON COLUMN meta_ad_connections.ad_account_id IS 'Ad account whose reports are read, without act_; null until it is told.';
COMMENT ON COLUMN meta_ad_connections.enabled IS 'Off: nothing new is routed there.';
COMMENT ON COLUMN meta_ad_connections.emq_score IS 'Meta''s own event match quality, 0 to 10, of Purchase, else the mean of all events; null before Meta has seen enough.';
COMMENT ON COLUMN meta_ad_connections.emq_parameter_scores IS 'By event: Meta''s score, and coverage, the percentage of its events that have each identifier.';
COMMENT ON COLUMN meta_ad_connections.last_emq_check_at IS 'When Meta was asked.';

GRANT SELECT ON meta_ad_connections TO attributary_analyst, attributary_processor;
