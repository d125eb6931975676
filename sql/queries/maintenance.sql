-- log_months_due --
SELECT month FROM attributary_log_months_due(
    timestamptz 'epoch' + $1::bigint * interval '1 millisecond', $2
) AS month

-- make_log_month --
SELECT attributary_make_log_month($1)

-- drop_log_months --
SELECT attributary_drop_log_months(timestamptz 'epoch' + $1::bigint * interval '1 millisecond')

-- prune --
SELECT attributary_prune(
    $1, $2, timestamptz 'epoch' + $3::bigint * interval '1 millisecond', $4
)

-- own_retentions --
SELECT tenant_id, key, value::integer AS days
FROM tenant_settings
WHERE key ~ '^retention_[a-z_]+_days$' AND value ~ '^[1-9]\d{0,3}$'

-- audited_until --
SELECT (detail ->> 'until')::bigint
FROM job_runs
WHERE name = 'process-audit-logs' AND NOT manual AND outcome = 'ok'
ORDER BY scheduled_for DESC
LIMIT 1

-- audited --
SELECT action, count(*) AS rows
FROM audit_log
WHERE at > timestamptz 'epoch' + $1::bigint * interval '1 millisecond'
    AND at <= timestamptz 'epoch' + $2::bigint * interval '1 millisecond'
    AND ($3::text IS NULL OR tenant_id = $3)
GROUP BY action
ORDER BY action

-- unequal_days --
-- Cash cells of the latest days beside the conversions that they are the sums of, one model and
-- window: every order is on its own date once, as channels or as unattributed.
SELECT coalesce(c.tenant_id, r.tenant_id) AS tenant_id, coalesce(c.date, r.date) AS date,
    coalesce(c.revenue, 0)::bigint AS cells, coalesce(r.revenue, 0)::bigint AS rows
FROM (
    SELECT tenant_id, date, sum(revenue[1]) AS revenue
    FROM summary_cells
    WHERE tenant_id = $1 AND basis = 'cash' AND date >= $2
    GROUP BY tenant_id, date
) AS c
FULL JOIN (
    SELECT tenant_id, date, sum(revenue) AS revenue
    FROM journeys
    WHERE tenant_id = $1 AND counts AND date >= $2
    GROUP BY tenant_id, date
) AS r USING (tenant_id, date)
WHERE coalesce(c.revenue, 0) <> coalesce(r.revenue, 0)
ORDER BY 2

-- split_days --
-- Days before one whose cells are in more than one shard.
SELECT DISTINCT date
FROM (
    SELECT date
    FROM summary_cells
    WHERE tenant_id = $1 AND basis IN ('accrual', 'cash') AND date < $2
    GROUP BY basis, date, channel, platform, campaign
    HAVING count(*) > 1
) AS split
ORDER BY date

-- merge_cells --
SELECT attributary_merge_cells($1, $2::date[])
