-- upsert_settings --
INSERT INTO tenant_settings AS t (tenant_id, key, value, issued_at, command_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])
ON CONFLICT (tenant_id, key) DO UPDATE
    SET value = excluded.value, issued_at = excluded.issued_at, command_id = excluded.command_id
    WHERE (excluded.issued_at, excluded.command_id) > (t.issued_at, t.command_id)
RETURNING tenant_id, key

-- upsert_rates --
INSERT INTO fx_rates AS t (tenant_id, currency, reporting, date, rate, issued_at, command_id)
SELECT tenant_id, currency, reporting, date::date, rate, issued_at, command_id
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::numeric[], $6::bigint[], $7::text[])
    AS new (tenant_id, currency, reporting, date, rate, issued_at, command_id)
ON CONFLICT (tenant_id, currency, reporting, date) DO UPDATE
    SET rate = excluded.rate, issued_at = excluded.issued_at, command_id = excluded.command_id
    WHERE (excluded.issued_at, excluded.command_id) > (t.issued_at, t.command_id)
RETURNING tenant_id, currency, reporting, date::text

-- upsert_unlinks --
INSERT INTO identity_unlinks AS t (tenant_id, a, b, linked, issued_at, command_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::bigint[], $6::text[])
ON CONFLICT (tenant_id, a, b) DO UPDATE
    SET linked = excluded.linked, issued_at = excluded.issued_at, command_id = excluded.command_id
    WHERE (excluded.issued_at, excluded.command_id) > (t.issued_at, t.command_id)
RETURNING tenant_id, a, b

-- upsert_consents --
INSERT INTO consent_flags AS t (tenant_id, node, flag, value, issued_at, command_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])
ON CONFLICT (tenant_id, node, flag) DO UPDATE
    SET value = excluded.value, issued_at = excluded.issued_at, command_id = excluded.command_id
    WHERE (excluded.issued_at, excluded.command_id) > (t.issued_at, t.command_id)
RETURNING tenant_id, node, flag

-- upsert_influencers --
INSERT INTO influencers AS t (
    tenant_id, influencer_id, name, discount_codes, ref_codes, commission_rate, removed, issued_at,
    command_id
)
SELECT
    tenant_id, influencer_id, body ->> 'name',
    ARRAY(SELECT jsonb_array_elements_text(body -> 'discount_codes')),
    ARRAY(SELECT jsonb_array_elements_text(body -> 'ref_codes')),
    (body ->> 'commission_rate')::numeric, (body ->> 'removed')::boolean, issued_at, command_id
FROM (
    SELECT tenant_id, influencer_id, body::jsonb AS body, issued_at, command_id
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])
        AS told (tenant_id, influencer_id, kind, body, issued_at, command_id)
) AS new
ON CONFLICT (tenant_id, influencer_id) DO UPDATE SET
    name = excluded.name,
    discount_codes = excluded.discount_codes,
    ref_codes = excluded.ref_codes,
    commission_rate = excluded.commission_rate,
    removed = excluded.removed,
    issued_at = excluded.issued_at,
    command_id = excluded.command_id
    WHERE (excluded.issued_at, excluded.command_id) > (t.issued_at, t.command_id)
RETURNING tenant_id, influencer_id, 'influencer' AS kind

-- insert_models --
INSERT INTO attribution_models (
    tenant_id, issued_at, command_id, applies_from, version, model, document
)
SELECT * FROM unnest(
    $1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[]
)
ON CONFLICT (tenant_id, issued_at, command_id, applies_from, version) DO NOTHING
RETURNING tenant_id, issued_at::text, command_id, applies_from::text, version

-- lock_rules --
SELECT CASE
    WHEN wanted.alone THEN pg_advisory_xact_lock(wanted.lock)::text
    ELSE pg_advisory_xact_lock_shared(wanted.lock)::text
END
FROM (
    SELECT alone, hashtextextended('attributary.rules.' || tenant_id, 0) AS lock
    FROM unnest($1::text[], $2::boolean[]) AS given (tenant_id, alone)
    ORDER BY tenant_id
) AS wanted

-- read_rules --
SELECT tenant_id, value FROM tenant_settings
WHERE tenant_id = ANY($1::text[]) AND key = 'channel_rules'

-- begin_passes --
INSERT INTO channel_rule_passes (tenant_id, after) SELECT unnest($1::text[]), ''
ON CONFLICT (tenant_id) DO UPDATE SET after = excluded.after

-- passes --
SELECT tenant_id FROM channel_rule_passes ORDER BY tenant_id

-- lock_pass --
SELECT after FROM channel_rule_passes WHERE tenant_id = $1 FOR UPDATE SKIP LOCKED

-- touches_of_other_rules --
SELECT
    touchpoint_id, anchor, channel, platform, sent_channel, sent_platform, utm_source, utm_medium,
    utm_campaign, utm_term, utm_content, fbclid, gclid, gbraid, wbraid, ttclid, msclkid, sccid,
    epik, li_fat_id, ref, creator, url, referrer
FROM attribution_touchpoints
WHERE tenant_id = $1 AND touchpoint_id > $2 AND rules_version <> $3
ORDER BY touchpoint_id
LIMIT $4
FOR UPDATE

-- resolve_touches --
UPDATE attribution_touchpoints AS t
SET channel = new.channel, platform = new.platform, rules_version = $2
FROM unnest($3::text[], $4::text[], $5::text[]) AS new (touchpoint_id, channel, platform)
WHERE t.tenant_id = $1 AND t.touchpoint_id = new.touchpoint_id

-- advance_pass --
UPDATE channel_rule_passes SET after = $2 WHERE tenant_id = $1

-- end_pass --
DELETE FROM channel_rule_passes AS p
WHERE p.tenant_id = $1 AND NOT EXISTS (SELECT FROM identity_dirty AS d WHERE d.tenant_id = $1)
RETURNING p.tenant_id
