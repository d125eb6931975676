CREATE VIEW attribution_bots WITH (security_invoker = true) AS
SELECT
    r.tenant_id,
    r.date,
    r.record,
    count(*) AS records,
    count(*) FILTER (WHERE r.is_bot) AS bots,
    round(count(*) FILTER (WHERE r.is_bot) / count(*)::numeric, 6) AS share,
    count(*) FILTER (WHERE 'declared' = ANY (r.bot_reasons)) AS declared,
    count(*) FILTER (WHERE 'headless' = ANY (r.bot_reasons)) AS headless,
    count(*) FILTER (WHERE 'script' = ANY (r.bot_reasons)) AS script,
    count(*) FILTER (WHERE 'prefetch' = ANY (r.bot_reasons)) AS prefetch,
    count(*) FILTER (WHERE 'webdriver' = ANY (r.bot_reasons)) AS webdriver
FROM (
    SELECT tenant_id, (occurred_at AT TIME ZONE 'UTC')::date AS date, 'touch' AS record, is_bot,
        bot_reasons
    FROM attribution_touchpoints
    UNION ALL
    SELECT tenant_id, (occurred_at AT TIME ZONE 'UTC')::date, 'event', is_bot, bot_reasons
    FROM pixel_events
) AS r
GROUP BY r.tenant_id, r.date, r.record;

COMMENT ON VIEW attribution_bots IS 'How many touches and events were robots'', by day: to look at before bot_policy=exclude is set, and after. Example: SELECT date, records, bots, share FROM attribution_bots WHERE tenant_id = ''demo'' AND record = ''touch'' ORDER BY date DESC LIMIT 14.';
COMMENT ON COLUMN attribution_bots.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_bots.date IS 'UTC day of the touch or event.';
COMMENT ON COLUMN attribution_bots.record IS 'touch or event.';
COMMENT ON COLUMN attribution_bots.records IS 'All of them.';
COMMENT ON COLUMN attribution_bots.bots IS 'Those of robots.';
COMMENT ON COLUMN attribution_bots.share IS 'Of all, 0 to 1.';
COMMENT ON COLUMN attribution_bots.declared IS 'Its agent calls itself a robot; one record may have several signs.';
COMMENT ON COLUMN attribution_bots.headless IS 'Its agent is a browser without a window.';
COMMENT ON COLUMN attribution_bots.script IS 'Its agent is a program''s library.';
COMMENT ON COLUMN attribution_bots.prefetch IS 'The page was loaded ahead; nobody looked at it yet.';
COMMENT ON COLUMN attribution_bots.webdriver IS 'The page said that a program drives the browser.';

GRANT SELECT ON attribution_bots TO attributary_analyst, attributary_processor;
