-- Stable, though its answer never changes, so that the body is put in its place.
CREATE OR REPLACE FUNCTION attributary_known(platform text, payload jsonb) RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
SELECT array_remove(ARRAY[
    CASE WHEN coalesce(
        h.hashed ->> CASE platform WHEN 'ga4' THEN 'em_google' ELSE 'em' END,
        h.hashed ->> 'em_google',
        CASE WHEN platform <> 'ga4' THEN i.ids ->> 'email_sha256' END
    ) IS NOT NULL THEN 'email' END,
    CASE WHEN coalesce(
        h.hashed ->> 'ph_plus',
        CASE WHEN platform NOT IN ('ga4', 'google_ads', 'tiktok', 'microsoft_ads')
            THEN coalesce(h.hashed ->> 'ph', i.ids ->> 'phone_sha256') END
    ) IS NOT NULL THEN 'phone' END,
    CASE WHEN coalesce(
        h.hashed ->> 'external_id', i.ids ->> 'external_id', i.ids ->> 'customer_id'
    ) IS NOT NULL THEN 'external_id' END,
    CASE WHEN CASE platform
        WHEN 'meta' THEN i.ids ->> 'fbp'
        WHEN 'ga4' THEN i.ids ->> 'ga4_client_id'
        WHEN 'tiktok' THEN i.ids ->> 'ttp'
        WHEN 'snapchat' THEN i.ids ->> 'scid'
        ELSE coalesce(i.ids ->> 'ga4_client_id', i.ids ->> 'fbp')
    END IS NOT NULL THEN 'browser_id' END,
    CASE WHEN CASE platform
        WHEN 'meta' THEN coalesce(i.ids ->> 'fbc', m.marks ->> 'fbclid')
        WHEN 'google_ads' THEN coalesce(m.marks ->> 'gclid', m.marks ->> 'gbraid', m.marks ->> 'wbraid')
        WHEN 'tiktok' THEN m.marks ->> 'ttclid'
        WHEN 'snapchat' THEN m.marks ->> 'sccid'
        WHEN 'pinterest' THEN coalesce(m.marks ->> 'epik', i.ids ->> 'epik')
        WHEN 'linkedin' THEN m.marks ->> 'li_fat_id'
        WHEN 'microsoft_ads' THEN m.marks ->> 'msclkid'
        WHEN 'whatsapp' THEN m.marks ->> 'ctwa_clid'
        ELSE coalesce(i.ids ->> 'fbc', m.marks ->> 'fbclid', m.marks ->> 'gclid', m.marks ->> 'ttclid')
    END IS NOT NULL THEN 'click_id' END,
    CASE WHEN payload #>> '{browser,ip}' IS NOT NULL THEN 'ip' END,
    CASE WHEN payload #>> '{browser,user_agent}' IS NOT NULL THEN 'user_agent' END,
    CASE WHEN h.hashed ->> 'fn' IS NOT NULL THEN 'first_name' END,
    CASE WHEN h.hashed ->> 'ln' IS NOT NULL THEN 'last_name' END,
    CASE WHEN h.hashed ->> 'ct' IS NOT NULL THEN 'city' END,
    CASE WHEN h.hashed ->> 'zp' IS NOT NULL THEN 'zip' END,
    CASE WHEN h.hashed ->> 'db' IS NOT NULL THEN 'date_of_birth' END,
    CASE WHEN h.hashed ->> 'ge' IS NOT NULL THEN 'gender' END
], NULL)
FROM (SELECT payload #> '{user_data,hashed}' AS hashed) AS h
CROSS JOIN (SELECT payload -> 'identifiers' AS ids) AS i
CROSS JOIN (SELECT payload -> 'marketing' AS marks) AS m
$$;
COMMENT ON FUNCTION attributary_known(text, jsonb) IS 'Which details of a person a delivery has in the form that the platform takes, by the names of processors/domain/quality/match.py.';
