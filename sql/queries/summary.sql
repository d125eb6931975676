-- epoch --
SELECT epoch::text FROM database_epoch

-- claim_revisions --
INSERT INTO credit_applied (tenant_id, conversion_id, rev)
SELECT tenant_id, conversion_id, rev
FROM unnest($1::text[], $2::text[], $3::bigint[]) AS fresh (tenant_id, conversion_id, rev)
ORDER BY tenant_id COLLATE "C", conversion_id COLLATE "C"
ON CONFLICT (tenant_id, conversion_id)
DO UPDATE SET rev = excluded.rev
WHERE credit_applied.rev < excluded.rev
RETURNING tenant_id, conversion_id

-- shown_rows --
SELECT
    tenant_id, conversion_id, r.date, revenue_reporting, touch_dates, channels, platforms, campaigns,
    first_windows, custom_version, credit,
    coalesce(touch_revenue_reporting, touch_revenue) AS money, j.seconds
FROM unnest($1::text[], $2::text[]) AS claimed (tenant_id, conversion_id)
JOIN credit_rows AS r USING (tenant_id, conversion_id)
LEFT JOIN journeys AS j USING (tenant_id, conversion_id)
WHERE r.counts AND r.revenue_reporting IS NOT NULL

-- replace_rows --
INSERT INTO credit_rows (
    tenant_id, conversion_id, model_version, fallback_models, custom_version, state, counts,
    date, currency, reporting_currency, revenue, revenue_reporting, touchpoint_ids, touch_dates,
    channels, platforms, campaigns, first_windows, credit, touch_revenue, touch_revenue_reporting
)
SELECT
    tenant_id, conversion_id, model_version, fallback_models::text[], custom_version, state,
    counts, date, currency, reporting_currency, revenue, revenue_reporting, touchpoint_ids::text[],
    touch_dates::date[], channels::text[], platforms::text[], campaigns::text[],
    first_windows::smallint[], credit::integer[], touch_revenue::bigint[],
    touch_revenue_reporting::bigint[]
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[],
    $8::date[], $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::text[], $14::text[],
    $15::text[], $16::text[], $17::text[], $18::text[], $19::text[], $20::text[], $21::text[]
) AS fresh (
    tenant_id, conversion_id, model_version, fallback_models, custom_version, state, counts,
    date, currency, reporting_currency, revenue, revenue_reporting, touchpoint_ids, touch_dates,
    channels, platforms, campaigns, first_windows, credit, touch_revenue, touch_revenue_reporting
)
ON CONFLICT (tenant_id, conversion_id)
DO UPDATE SET
    model_version = excluded.model_version,
    fallback_models = excluded.fallback_models,
    custom_version = excluded.custom_version,
    state = excluded.state,
    counts = excluded.counts,
    date = excluded.date,
    currency = excluded.currency,
    reporting_currency = excluded.reporting_currency,
    revenue = excluded.revenue,
    revenue_reporting = excluded.revenue_reporting,
    touchpoint_ids = excluded.touchpoint_ids,
    touch_dates = excluded.touch_dates,
    channels = excluded.channels,
    platforms = excluded.platforms,
    campaigns = excluded.campaigns,
    first_windows = excluded.first_windows,
    credit = excluded.credit,
    touch_revenue = excluded.touch_revenue,
    touch_revenue_reporting = excluded.touch_revenue_reporting

-- replace_journeys --
INSERT INTO journeys (
    converted_at, revenue, date, counts, tenant_id, conversion_id, path, steps, touches, seconds,
    path_starts, steps_starts
)
SELECT
    timestamptz 'epoch' + converted_at * interval '1 millisecond', revenue, date, counts, tenant_id,
    conversion_id, path, steps, touches::integer[], seconds::integer[], path_starts::integer[],
    steps_starts::integer[]
FROM unnest(
    $1::bigint[], $2::bigint[], $3::date[], $4::boolean[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::text[], $10::text[], $11::text[], $12::text[]
) AS fresh (
    converted_at, revenue, date, counts, tenant_id, conversion_id, path, steps, touches, seconds,
    path_starts, steps_starts
)
ON CONFLICT (tenant_id, conversion_id)
DO UPDATE SET
    converted_at = excluded.converted_at,
    revenue = excluded.revenue,
    date = excluded.date,
    counts = excluded.counts,
    path = excluded.path,
    steps = excluded.steps,
    touches = excluded.touches,
    seconds = excluded.seconds,
    path_starts = excluded.path_starts,
    steps_starts = excluded.steps_starts

-- add_to_journey_cells --
INSERT INTO journey_cells AS shown
    (tenant_id, date, kind, key, shard, conversions, revenue)
SELECT tenant_id, date, kind, key, shard, conversions::bigint[], revenue::bigint[]
FROM unnest($1::text[], $2::date[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[])
    AS added (tenant_id, date, kind, key, shard, conversions, revenue)
ORDER BY tenant_id COLLATE "C", date, kind COLLATE "C", key COLLATE "C", shard
ON CONFLICT (tenant_id, date, kind, key, shard)
DO UPDATE SET
    conversions = (
        SELECT array_agg(pair.shown + pair.added ORDER BY pair.place)
        FROM unnest(shown.conversions, excluded.conversions)
            WITH ORDINALITY AS pair (shown, added, place)
    ),
    revenue = (
        SELECT array_agg(pair.shown + pair.added ORDER BY pair.place)
        FROM unnest(shown.revenue, excluded.revenue)
            WITH ORDINALITY AS pair (shown, added, place)
    )

-- make_cells --
INSERT INTO summary_cells
    (tenant_id, basis, date, channel, platform, campaign, shard, touchpoints, conversions, revenue)
SELECT
    tenant_id, basis, date, channel, platform, campaign, shard,
    array_fill(0::bigint, ARRAY[56]), array_fill(0::bigint, ARRAY[56]),
    array_fill(0::bigint, ARRAY[56])
FROM unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::text[], $6::text[], $7::int[])
    AS touched (tenant_id, basis, date, channel, platform, campaign, shard)
ORDER BY
    tenant_id COLLATE "C", basis COLLATE "C", date, channel COLLATE "C", platform COLLATE "C",
    campaign COLLATE "C", shard
ON CONFLICT DO NOTHING

-- lock_cells --
SELECT
    tenant_id, basis, date, channel, platform, campaign, shard, touchpoints, conversions, revenue
FROM unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::text[], $6::text[], $7::int[])
    AS touched (tenant_id, basis, date, channel, platform, campaign, shard)
JOIN summary_cells AS cell USING (tenant_id, basis, date, channel, platform, campaign, shard)
ORDER BY
    cell.tenant_id, cell.basis, cell.date, cell.channel, cell.platform, cell.campaign, cell.shard
FOR UPDATE OF cell

-- write_cells --
UPDATE summary_cells AS cell
SET
    touchpoints = after.touchpoints::bigint[],
    conversions = after.conversions::bigint[],
    revenue = after.revenue::bigint[]
FROM unnest(
    $1::text[], $2::text[], $3::date[], $4::text[], $5::text[], $6::text[], $7::int[],
    $8::text[], $9::text[], $10::text[]
) AS after (
    tenant_id, basis, date, channel, platform, campaign, shard, touchpoints, conversions, revenue
)
WHERE cell.tenant_id = after.tenant_id AND cell.basis = after.basis AND cell.date = after.date
    AND cell.channel = after.channel AND cell.platform = after.platform
    AND cell.campaign = after.campaign AND cell.shard = after.shard

-- register_spend --
INSERT INTO daily_spend AS shown (
    tenant_id, source, account_id, date, platform, subject, channel, campaign, campaign_id,
    campaign_type, currency, amount, impressions, clicks, reach, frequency, view_conversions,
    click_conversions, view_value, click_value, video_views, conversions, conversion_value,
    reported_at
)
SELECT *
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::date[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::bigint[],
    $14::bigint[], $15::bigint[], $16::numeric[], $17::bigint[], $18::bigint[], $19::bigint[],
    $20::bigint[], $21::bigint[], $22::numeric[], $23::bigint[], $24::bigint[]
) AS figure (
    tenant_id, source, account_id, date, platform, subject, channel, campaign, campaign_id,
    campaign_type, currency, amount, impressions, clicks, reach, frequency, view_conversions,
    click_conversions, view_value, click_value, video_views, conversions, conversion_value,
    reported_at
)
ORDER BY
    tenant_id COLLATE "C", source COLLATE "C", account_id COLLATE "C", date,
    platform COLLATE "C", subject COLLATE "C"
ON CONFLICT (tenant_id, source, account_id, date, platform, subject)
DO UPDATE SET
    channel = excluded.channel,
    campaign = excluded.campaign,
    campaign_id = excluded.campaign_id,
    campaign_type = excluded.campaign_type,
    currency = excluded.currency,
    amount = excluded.amount,
    impressions = excluded.impressions,
    clicks = excluded.clicks,
    reach = excluded.reach,
    frequency = excluded.frequency,
    view_conversions = excluded.view_conversions,
    click_conversions = excluded.click_conversions,
    view_value = excluded.view_value,
    click_value = excluded.click_value,
    video_views = excluded.video_views,
    conversions = excluded.conversions,
    conversion_value = excluded.conversion_value,
    reported_at = excluded.reported_at
WHERE (
    shown.reported_at, shown.amount, shown.currency COLLATE "C",
    coalesce(shown.impressions, -1), coalesce(shown.clicks, -1), coalesce(shown.reach, -1),
    coalesce(shown.frequency, -1), coalesce(shown.view_conversions, -1),
    coalesce(shown.click_conversions, -1), coalesce(shown.view_value, -1),
    coalesce(shown.click_value, -1), coalesce(shown.video_views, -1),
    coalesce(shown.conversions, -1), coalesce(shown.conversion_value, -1),
    shown.channel COLLATE "C", shown.campaign COLLATE "C",
    coalesce(shown.campaign_id, '') COLLATE "C", coalesce(shown.campaign_type, '') COLLATE "C"
) < (
    excluded.reported_at, excluded.amount, excluded.currency COLLATE "C",
    coalesce(excluded.impressions, -1), coalesce(excluded.clicks, -1),
    coalesce(excluded.reach, -1), coalesce(excluded.frequency, -1),
    coalesce(excluded.view_conversions, -1), coalesce(excluded.click_conversions, -1),
    coalesce(excluded.view_value, -1), coalesce(excluded.click_value, -1),
    coalesce(excluded.video_views, -1), coalesce(excluded.conversions, -1),
    coalesce(excluded.conversion_value, -1), excluded.channel COLLATE "C",
    excluded.campaign COLLATE "C", coalesce(excluded.campaign_id, '') COLLATE "C",
    coalesce(excluded.campaign_type, '') COLLATE "C"
)
RETURNING tenant_id, source, account_id, date, platform, subject

-- register_ad_spend --
INSERT INTO daily_ad_spend AS shown (
    tenant_id, source, account_id, date, platform, ad_id, channel, campaign, campaign_id,
    campaign_type, ad_group_id, ad_group, ad, creative_id, currency, amount, impressions,
    clicks, reach, frequency, view_conversions, click_conversions, view_value, click_value,
    video_views, conversions, conversion_value, reported_at
)
SELECT *
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::date[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[],
    $15::text[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[], $20::numeric[],
    $21::bigint[], $22::bigint[], $23::bigint[], $24::bigint[], $25::bigint[], $26::numeric[],
    $27::bigint[], $28::bigint[]
) AS figure (
    tenant_id, source, account_id, date, platform, ad_id, channel, campaign, campaign_id,
    campaign_type, ad_group_id, ad_group, ad, creative_id, currency, amount, impressions,
    clicks, reach, frequency, view_conversions, click_conversions, view_value, click_value,
    video_views, conversions, conversion_value, reported_at
)
ORDER BY
    tenant_id COLLATE "C", source COLLATE "C", account_id COLLATE "C", date,
    platform COLLATE "C", ad_id COLLATE "C"
ON CONFLICT (tenant_id, source, account_id, date, platform, ad_id)
DO UPDATE SET
    channel = excluded.channel,
    campaign = excluded.campaign,
    campaign_id = excluded.campaign_id,
    campaign_type = excluded.campaign_type,
    ad_group_id = excluded.ad_group_id,
    ad_group = excluded.ad_group,
    ad = excluded.ad,
    creative_id = excluded.creative_id,
    currency = excluded.currency,
    amount = excluded.amount,
    impressions = excluded.impressions,
    clicks = excluded.clicks,
    reach = excluded.reach,
    frequency = excluded.frequency,
    view_conversions = excluded.view_conversions,
    click_conversions = excluded.click_conversions,
    view_value = excluded.view_value,
    click_value = excluded.click_value,
    video_views = excluded.video_views,
    conversions = excluded.conversions,
    conversion_value = excluded.conversion_value,
    reported_at = excluded.reported_at
WHERE (
    shown.reported_at, shown.amount, shown.currency COLLATE "C",
    coalesce(shown.impressions, -1), coalesce(shown.clicks, -1), coalesce(shown.reach, -1),
    coalesce(shown.frequency, -1), coalesce(shown.view_conversions, -1),
    coalesce(shown.click_conversions, -1), coalesce(shown.view_value, -1),
    coalesce(shown.click_value, -1), coalesce(shown.video_views, -1),
    coalesce(shown.conversions, -1), coalesce(shown.conversion_value, -1),
    shown.channel COLLATE "C", shown.campaign COLLATE "C",
    coalesce(shown.campaign_id, '') COLLATE "C", coalesce(shown.campaign_type, '') COLLATE "C",
    coalesce(shown.ad_group_id, '') COLLATE "C", coalesce(shown.ad_group, '') COLLATE "C",
    coalesce(shown.ad, '') COLLATE "C", coalesce(shown.creative_id, '') COLLATE "C"
) < (
    excluded.reported_at, excluded.amount, excluded.currency COLLATE "C",
    coalesce(excluded.impressions, -1), coalesce(excluded.clicks, -1),
    coalesce(excluded.reach, -1), coalesce(excluded.frequency, -1),
    coalesce(excluded.view_conversions, -1), coalesce(excluded.click_conversions, -1),
    coalesce(excluded.view_value, -1), coalesce(excluded.click_value, -1),
    coalesce(excluded.video_views, -1), coalesce(excluded.conversions, -1),
    coalesce(excluded.conversion_value, -1), excluded.channel COLLATE "C",
    excluded.campaign COLLATE "C", coalesce(excluded.campaign_id, '') COLLATE "C",
    coalesce(excluded.campaign_type, '') COLLATE "C",
    coalesce(excluded.ad_group_id, '') COLLATE "C", coalesce(excluded.ad_group, '') COLLATE "C",
    coalesce(excluded.ad, '') COLLATE "C", coalesce(excluded.creative_id, '') COLLATE "C"
)
RETURNING tenant_id, source, account_id, date, platform, ad_id
