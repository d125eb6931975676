CREATE VIEW spend_freshness WITH (security_invoker = true) AS
SELECT
    tenant_id,
    platform,
    account_id,
    level,
    read_to,
    last_success_at,
    last_error,
    last_error_at,
    refused,
    paused_until,
    round(extract(epoch FROM now() - last_success_at) / 3600, 1) AS hours_stale
FROM spend_readings;
COMMENT ON VIEW spend_freshness IS 'How fresh the spend of each ad account is. Example: SELECT platform, account_id, level, read_to, hours_stale, last_error FROM spend_freshness WHERE tenant_id = ''demo'' ORDER BY hours_stale DESC NULLS FIRST;';
COMMENT ON COLUMN spend_freshness.tenant_id IS 'Tenant.';
COMMENT ON COLUMN spend_freshness.platform IS 'Traffic platform of the account.';
COMMENT ON COLUMN spend_freshness.account_id IS 'Ad account.';
COMMENT ON COLUMN spend_freshness.level IS 'What is read of it: campaign or ad.';
COMMENT ON COLUMN spend_freshness.read_to IS 'Last date, in the ad account''s time zone, that was read; null before the first.';
COMMENT ON COLUMN spend_freshness.last_success_at IS 'When a reading last came to its end; null when none has.';
COMMENT ON COLUMN spend_freshness.last_error IS 'Why the latest reading did not; null when it did.';
COMMENT ON COLUMN spend_freshness.last_error_at IS 'When that was.';
COMMENT ON COLUMN spend_freshness.refused IS 'Whether somebody has to act: credentials are missing or refused.';
COMMENT ON COLUMN spend_freshness.paused_until IS 'Until when the account is left alone: the vendor asked for it, or refuses; null when it is not.';
COMMENT ON COLUMN spend_freshness.hours_stale IS 'Hours since last_success_at; null when no reading has come to its end.';
GRANT SELECT ON spend_freshness TO attributary_analyst;
