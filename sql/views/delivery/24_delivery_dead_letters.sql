CREATE VIEW delivery_dead_letters WITH (security_invoker = true) AS
SELECT
    b.tenant_id,
    b.platform,
    b.reason,
    b.answer,
    b.age,
    b.replay,
    count(*) AS deliveries,
    min(b.created_at) AS oldest_at,
    max(b.error) AS example_error
FROM (
    SELECT
        q.tenant_id,
        q.platform,
        q.reason,
        coalesce(d.http_status / 100 || 'xx', 'none') AS answer,
        CASE
            WHEN q.created_at > now() - interval '1 hour' THEN 'last_hour'
            WHEN q.created_at > now() - interval '1 day' THEN 'last_day'
            WHEN q.created_at > now() - interval '7 days' THEN 'last_week'
            ELSE 'older'
        END AS age,
        CASE
            WHEN q.replayed_at IS NULL THEN 'waiting'
            WHEN d.state IN ('queued', 'parked', 'sending') THEN 'under_way'
            WHEN d.state = 'sent' THEN 'accepted'
            ELSE 'not_accepted'
        END AS replay,
        q.created_at,
        q.error
    FROM delivery_dlq AS q
    LEFT JOIN deliveries AS d USING (tenant_id, platform, event_id, kind)
) AS b
GROUP BY b.tenant_id, b.platform, b.reason, b.answer, b.age, b.replay;

COMMENT ON VIEW delivery_dead_letters IS 'What ended without being accepted, counted for whoever decides on a replay; delivery_dlq has the single ones. Example: SELECT platform, reason, answer, age, deliveries, example_error FROM delivery_dead_letters WHERE tenant_id = ''demo'' AND replay = ''waiting'' ORDER BY oldest_at.';
COMMENT ON COLUMN delivery_dead_letters.tenant_id IS 'Tenant.';
COMMENT ON COLUMN delivery_dead_letters.platform IS 'Destination.';
COMMENT ON COLUMN delivery_dead_letters.reason IS 'rejected, expired or unknown (it may have been accepted).';
COMMENT ON COLUMN delivery_dead_letters.answer IS 'Class of the last HTTP status, as 4xx; none when no answer came.';
COMMENT ON COLUMN delivery_dead_letters.age IS 'Since it ended: last_hour, last_day, last_week or older; each without those before it.';
COMMENT ON COLUMN delivery_dead_letters.replay IS 'waiting (never queued again since), under_way, accepted, or not_accepted (filtered: consent was gone).';
COMMENT ON COLUMN delivery_dead_letters.deliveries IS 'How many there are.';
COMMENT ON COLUMN delivery_dead_letters.oldest_at IS 'When the first of them ended.';
COMMENT ON COLUMN delivery_dead_letters.example_error IS 'What the platform said of one of them.';

GRANT SELECT ON delivery_dead_letters TO attributary_analyst, attributary_processor;
