ALTER TABLE attribution_touchpoints ADD COLUMN ctwa_clid text;
COMMENT ON COLUMN attribution_touchpoints.ctwa_clid IS 'Click id of an ad that opens a WhatsApp chat.';

ALTER TABLE webhook_sources ADD COLUMN verify_token_sha256 text;
COMMENT ON COLUMN webhook_sources.verify_token_sha256 IS 'Digest of the token that the sender repeats when it asks whether the address is ours; null when it never asks.';

COMMENT ON COLUMN pixel_events.source IS 'Door it came in by: events, checkout, capi, identify, survey, ga4, segment, webhook.';
