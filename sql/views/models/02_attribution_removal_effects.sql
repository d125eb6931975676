CREATE VIEW attribution_removal_effects WITH (security_invoker = true) AS
SELECT
    t.tenant_id,
    told.channel,
    told.effect * 0.000001 AS removal_effect,
    told.share * 0.000001 AS share,
    t.trained_at,
    t.since,
    t.until
FROM (
    SELECT DISTINCT ON (tenant_id) tenant_id, trained_at, since, until, removal
    FROM attribution_trainings
    WHERE removal IS NOT NULL
    ORDER BY tenant_id, trained_at DESC
) AS t
CROSS JOIN LATERAL jsonb_to_recordset(t.removal) AS told (channel text, effect bigint, share bigint);
COMMENT ON VIEW attribution_removal_effects IS 'What part of the conversions would be lost without a channel, by the first-order Markov chain of all paths, as of the latest training; the counts are in attribution_transitions. Example: SELECT channel, removal_effect, share FROM attribution_removal_effects WHERE tenant_id = ''demo'' ORDER BY share DESC;';
COMMENT ON COLUMN attribution_removal_effects.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_removal_effects.channel IS 'Channel.';
COMMENT ON COLUMN attribution_removal_effects.removal_effect IS 'Part of the conversions that would be lost, 0 to 1.';
COMMENT ON COLUMN attribution_removal_effects.share IS 'The effect in proportion to those of all channels, which add up to 1.';
COMMENT ON COLUMN attribution_removal_effects.trained_at IS 'The training that counted.';
COMMENT ON COLUMN attribution_removal_effects.since IS 'Touches since then were read.';
COMMENT ON COLUMN attribution_removal_effects.until IS 'The end of the data.';
GRANT SELECT ON attribution_removal_effects TO attributary_analyst;
