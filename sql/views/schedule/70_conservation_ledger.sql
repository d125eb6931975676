CREATE VIEW conservation_ledger WITH (security_invoker = true) AS
WITH cells AS (
    SELECT
        c.tenant_id,
        c.day,
        c.consumer_group,
        c.topic,
        sum(c.received)::bigint AS received,
        sum(c.applied)::bigint AS applied,
        sum(c.duplicate)::bigint AS duplicate,
        sum(c.filtered)::bigint AS filtered,
        sum(c.dead)::bigint AS dead,
        sum(c.received - c.reached)::bigint AS pending,
        sum(greatest(c.reached - c.applied - c.duplicate - c.filtered - c.dead, 0))::bigint AS gap,
        sum(greatest(c.applied + c.duplicate + c.filtered + c.dead - c.reached, 0))::bigint
            AS surplus,
        bool_and(o.is_level) AS is_level,
        coalesce(bool_or(c.day <= o.expired_until), false) AS has_expired,
        min(o.checked_at) AS checked_at
    FROM conservation_counts AS c
    JOIN conservation_offsets AS o
        ON o.consumer_group = c.consumer_group AND o.topic = c.topic AND o.partition = c.partition
    GROUP BY c.tenant_id, c.day, c.consumer_group, c.topic
)
SELECT
    tenant_id,
    day,
    consumer_group,
    topic,
    received,
    applied,
    duplicate,
    filtered,
    dead,
    pending,
    CASE WHEN is_level AND NOT has_expired THEN gap END AS gap,
    CASE WHEN is_level AND NOT has_expired THEN surplus END AS surplus,
    CASE
        WHEN has_expired THEN 'expired'
        WHEN NOT is_level THEN 'counting'
        WHEN gap <> 0 OR surplus <> 0 THEN 'wrong'
        WHEN pending <> 0 THEN 'pending'
        WHEN day >= (checked_at AT TIME ZONE 'UTC')::date THEN 'open'
        ELSE 'exact'
    END AS state,
    checked_at
FROM cells;

COMMENT ON VIEW conservation_ledger IS 'What was received and what became of it, a row for each group, topic and day: received is counted from the topics, the rest is what the group counted with its effects, both at the same moment, so that received = applied + duplicate + filtered + dead + pending + gap - surplus. A gap of 0 proves that nothing was lost. Example: SELECT day, consumer_group, topic, received, applied, duplicate, filtered, dead, pending, gap, state FROM conservation_ledger WHERE tenant_id = ''demo'' AND day >= current_date - 6 ORDER BY day DESC, consumer_group, topic.';
COMMENT ON COLUMN conservation_ledger.tenant_id IS 'Tenant; ? for records whose key names none, which an operator sees.';
COMMENT ON COLUMN conservation_ledger.day IS 'UTC date of the receipt.';
COMMENT ON COLUMN conservation_ledger.consumer_group IS 'Consumer group, which is the processor''s name.';
COMMENT ON COLUMN conservation_ledger.topic IS 'Topic.';
COMMENT ON COLUMN conservation_ledger.received IS 'Records on the topic, as read from it; what a gateway still has in its spool is not among them.';
COMMENT ON COLUMN conservation_ledger.applied IS 'Had their effect.';
COMMENT ON COLUMN conservation_ledger.duplicate IS 'Repeated what was there.';
COMMENT ON COLUMN conservation_ledger.filtered IS 'Left out by a rule, such as consent.';
COMMENT ON COLUMN conservation_ledger.dead IS 'Dead-lettered, to be put back.';
COMMENT ON COLUMN conservation_ledger.pending IS 'Not reached yet.';
COMMENT ON COLUMN conservation_ledger.gap IS 'Reached and in none of the counts: lost. Null where it cannot be told, see state.';
COMMENT ON COLUMN conservation_ledger.surplus IS 'Counted more often than received. Null where gap is.';
COMMENT ON COLUMN conservation_ledger.state IS 'exact: the day is over and all is accounted for; open: so far, and the day was not over; pending: but for what is not reached yet; wrong: gap or surplus; counting: the count from the topic has not come so far yet; expired: records went by the topic''s retention before they were counted.';
COMMENT ON COLUMN conservation_ledger.checked_at IS 'When it was counted (job maintenance/conservation).';

GRANT SELECT ON conservation_ledger TO attributary_analyst, attributary_scheduler;
