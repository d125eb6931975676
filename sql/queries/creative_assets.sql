-- put_assets --
INSERT INTO creative_assets (
    tenant_id, platform, account_id, ad_id, creative_id, campaign_id, ad, type, title, body,
    thumbnail_url, landing_page, first_seen_at, last_seen_at
)
SELECT
    $1, $2, $3, told.ad_id, told.creative_id, told.campaign_id, told.ad, told.type, told.title,
    told.body, told.thumbnail_url, told.landing_page, seen.at, seen.at
FROM jsonb_to_recordset($4::jsonb) AS told (
    ad_id text, creative_id text, campaign_id text, ad text, type text, title text, body text,
    thumbnail_url text, landing_page text
)
CROSS JOIN (SELECT timestamptz 'epoch' + $5::bigint * interval '1 millisecond' AS at) AS seen
ON CONFLICT (tenant_id, platform, ad_id) DO UPDATE
SET account_id = excluded.account_id,
    creative_id = excluded.creative_id,
    campaign_id = excluded.campaign_id,
    ad = excluded.ad,
    type = excluded.type,
    title = excluded.title,
    body = excluded.body,
    thumbnail_url = excluded.thumbnail_url,
    landing_page = excluded.landing_page,
    last_seen_at = excluded.last_seen_at
WHERE creative_assets.last_seen_at <= excluded.last_seen_at
