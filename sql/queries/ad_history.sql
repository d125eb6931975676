-- latest_change --
SELECT (extract(epoch FROM max(changed_at)) * 1000)::bigint
FROM ad_changes
WHERE tenant_id = $1 AND platform = $2 AND account_id = $3

-- unknown_changes --
SELECT told.change_id
FROM unnest($4::text[]) AS told (change_id)
WHERE NOT EXISTS (
    SELECT FROM ad_changes AS c
    WHERE c.tenant_id = $1 AND c.platform = $2 AND c.account_id = $3
        AND c.change_id = told.change_id
)

-- put_changes --
INSERT INTO ad_changes (
    tenant_id, platform, account_id, change_id, changed_at, resource_type, resource_name, operation,
    client_type, changed_by_sha256, campaign_id, ad_group_id, changed_fields, old_values,
    new_values, read_at
)
SELECT
    told.tenant_id, told.platform, told.account_id, told.change_id,
    timestamptz 'epoch' + told.changed_at * interval '1 millisecond', told.resource_type,
    told.resource_name, told.operation, told.client_type, told.changed_by_sha256, told.campaign_id,
    told.ad_group_id, told.changed_fields, told.old, told.new,
    timestamptz 'epoch' + told.read_at * interval '1 millisecond'
FROM jsonb_to_recordset($1::jsonb) AS told (
    tenant_id text, platform text, account_id text, change_id text, changed_at bigint,
    resource_type text, resource_name text, operation text, client_type text,
    changed_by_sha256 text, campaign_id text, ad_group_id text, changed_fields text[], old jsonb,
    new jsonb, read_at bigint
)
ON CONFLICT DO NOTHING

-- put_recommendations --
INSERT INTO ad_recommendations AS r (
    tenant_id, platform, account_id, recommendation_id, kind, campaign_id, dismissed, weekly,
    potential, first_seen_at, last_seen_at
)
SELECT
    $1, $2, $3, told.recommendation_id, told.kind, told.campaign_id, told.dismissed, told.weekly,
    told.potential, seen.at, seen.at
FROM jsonb_to_recordset($4::jsonb) AS told (
    recommendation_id text, kind text, campaign_id text, dismissed boolean, weekly jsonb,
    potential jsonb
)
CROSS JOIN (SELECT timestamptz 'epoch' + $5::bigint * interval '1 millisecond' AS at) AS seen
ON CONFLICT (tenant_id, platform, account_id, recommendation_id) DO UPDATE
SET kind = excluded.kind,
    campaign_id = excluded.campaign_id,
    dismissed = excluded.dismissed,
    weekly = excluded.weekly,
    potential = excluded.potential,
    last_seen_at = excluded.last_seen_at,
    gone_at = NULL
WHERE r.last_seen_at < excluded.last_seen_at

-- end_recommendations --
UPDATE ad_recommendations
SET gone_at = timestamptz 'epoch' + $4::bigint * interval '1 millisecond'
WHERE tenant_id = $1 AND platform = $2 AND account_id = $3 AND gone_at IS NULL
    AND last_seen_at < timestamptz 'epoch' + $4::bigint * interval '1 millisecond'
