-- What the gateway says of who made a hit: null and false for records from before it did.
ALTER TABLE attribution_touchpoints
    ADD COLUMN is_bot boolean NOT NULL DEFAULT false,
    ADD COLUMN bot_reasons text[],
    ADD COLUMN device_fingerprint text COLLATE "C";
COMMENT ON COLUMN attribution_touchpoints.is_bot IS 'A robot''s, as far as the gateway could tell.';
COMMENT ON COLUMN attribution_touchpoints.bot_reasons IS 'The signs that told: declared, headless, script, prefetch, webdriver; or two of no_agent, no_language, pace, times. Null for a person''s.';
COMMENT ON COLUMN attribution_touchpoints.device_fingerprint IS 'Hash of tenant, user agent and coarse hints, where consent lets it be kept. Many people share one: it joins nobody.';

ALTER TABLE pixel_events
    ADD COLUMN is_bot boolean NOT NULL DEFAULT false,
    ADD COLUMN bot_reasons text[],
    ADD COLUMN device_fingerprint text COLLATE "C";
COMMENT ON COLUMN pixel_events.is_bot IS 'A robot''s, as far as the gateway could tell.';
COMMENT ON COLUMN pixel_events.bot_reasons IS 'The signs that told, as in attribution_touchpoints; null for a person''s.';
COMMENT ON COLUMN pixel_events.device_fingerprint IS 'Hash of tenant, user agent and coarse hints; joins nobody.';

-- A suppression is a decision like those about consent, of a flag that no event has: whether the
-- person is processed at all. So whatever looks at decisions again looks at it, too.
COMMENT ON TABLE consent_flags IS 'Decisions of /v1/consent and of `suppress`, by id and flag; the greatest (issued_at, command_id) stands. Writer: identity.';
COMMENT ON COLUMN consent_flags.flag IS 'ad_storage, ad_user_data, ad_personalization or analytics_storage; or processing: denied while the id is suppressed.';
CREATE INDEX consent_flags_suppressed ON consent_flags (tenant_id, node)
    WHERE flag = 'processing' AND value = 'denied';
