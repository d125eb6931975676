-- What values mean: the one reading of settings, of those that stand and of those that a shadow replay
-- tries. A plain SELECT without volatile parts: the planner puts it into the query.
DROP FUNCTION IF EXISTS attributary_settings(text, jsonb);
CREATE FUNCTION attributary_settings(tenant text, others jsonb)
RETURNS TABLE (
    time_zone text, currency text, enabled_models text[], half_life_days numeric,
    attribution_mode text, view_window_days integer, consent_when_absent text, pixel_orders boolean,
    identity_fan_in_cap integer, max_touches integer, enabled_windows text[], lookback_days integer,
    fairing_bridge_enabled boolean, model_promotion text, restate_on_promotion boolean,
    half_life_fit text, bot_policy text, ip_policy text, gpc text, dnt text,
    anonymous_visitors text, id_cookie text, id_cookie_domains text, channel_rules text,
    custom_model text, settings_version text
)
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
WITH chosen AS (
    SELECT
        max(trim(s.value)) FILTER (WHERE s.key = 'time_zone') AS time_zone,
        max(upper(trim(s.value))) FILTER (WHERE s.key = 'currency') AS currency,
        max(lower(s.value)) FILTER (WHERE s.key = 'enabled_models') AS enabled_models,
        max(trim(s.value)) FILTER (WHERE s.key = 'half_life_days') AS half_life_days,
        max(lower(trim(s.value))) FILTER (WHERE s.key = 'attribution_mode') AS attribution_mode,
        max(lower(trim(s.value))) FILTER (WHERE s.key = 'view_window') AS view_window,
        max(lower(trim(s.value))) FILTER (WHERE s.key = 'consent_when_absent') AS consent_when_absent,
        max(lower(trim(s.value))) FILTER (WHERE s.key = 'pixel_orders') AS pixel_orders,
        max(trim(s.value)) FILTER (WHERE s.key = 'identity_fan_in_cap') AS identity_fan_in_cap,
        max(trim(s.value)) FILTER (WHERE s.key = 'max_touches') AS max_touches,
        max(lower(s.value)) FILTER (WHERE s.key = 'enabled_windows') AS enabled_windows,
        max(trim(s.value)) FILTER (WHERE s.key = 'lookback_days') AS lookback_days,
        max(lower(trim(s.value))) FILTER (WHERE s.key = 'fairing_bridge_enabled') AS fairing_bridge_enabled,
        max(lower(trim(s.value))) FILTER (WHERE s.key = 'model_promotion') AS model_promotion,
        max(lower(trim(s.value))) FILTER (WHERE s.key = 'restate_on_promotion') AS restate_on_promotion,
        max(lower(trim(s.value))) FILTER (WHERE s.key = 'half_life_fit') AS half_life_fit,
        max(lower(trim(s.value))) FILTER (WHERE s.key = 'bot_policy') AS bot_policy,
        max(lower(trim(s.value))) FILTER (WHERE s.key = 'ip_policy') AS ip_policy,
        max(lower(trim(s.value))) FILTER (WHERE s.key = 'gpc') AS gpc,
        max(lower(trim(s.value))) FILTER (WHERE s.key = 'dnt') AS dnt,
        max(lower(trim(s.value))) FILTER (WHERE s.key = 'anonymous_visitors') AS anonymous_visitors,
        max(lower(trim(s.value))) FILTER (WHERE s.key = 'id_cookie') AS id_cookie,
        max(lower(s.value)) FILTER (WHERE s.key = 'id_cookie_domains') AS id_cookie_domains,
        nullif(max(s.value) FILTER (WHERE s.key = 'channel_rules'), '') AS channel_rules,
        nullif(trim(max(s.value) FILTER (WHERE s.key = 'custom_model')), '') AS custom_model
    FROM (
        SELECT standing.key, standing.value
        FROM tenant_settings AS standing
        WHERE standing.tenant_id = tenant AND NOT others ? standing.key
        UNION ALL
        SELECT other.key, other.value FROM jsonb_each_text(others) AS other
    ) AS s
), usable AS (
    SELECT
        CASE WHEN c.time_zone ~ '^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$'
            THEN c.time_zone ELSE 'UTC' END AS time_zone,
        CASE WHEN attributary_decimals(c.currency) IS NOT NULL
            THEN c.currency ELSE 'USD' END AS currency,
        coalesce(
            m.enabled_models, (attributary_models())[: attributary_cells(c.custom_model) / 8]
        ) AS enabled_models,
        CASE WHEN c.half_life_days ~ '^\d{1,6}(\.\d{1,6})?$' AND c.half_life_days ~ '[1-9]'
            THEN c.half_life_days::numeric ELSE 7 END AS half_life_days,
        CASE WHEN c.attribution_mode = 'clicks_only'
            THEN c.attribution_mode ELSE 'clicks_plus_views' END AS attribution_mode,
        CASE WHEN c.view_window ~ '^\d{1,6}d?$'
            THEN rtrim(c.view_window, 'd')::integer END AS view_window_days,
        CASE WHEN c.consent_when_absent = 'denied'
            THEN c.consent_when_absent ELSE 'granted' END AS consent_when_absent,
        coalesce(c.pixel_orders IN ('true', 'yes', 'on', '1'), false) AS pixel_orders,
        CASE WHEN c.identity_fan_in_cap ~ '^0*[1-9]\d{0,5}$'
            THEN c.identity_fan_in_cap::integer ELSE 100 END AS identity_fan_in_cap,
        CASE WHEN c.max_touches ~ '^0*([1-9]\d{0,2}|[1-4]\d{3}|5000)$'
            THEN c.max_touches::integer ELSE 1000 END AS max_touches,
        coalesce(w.enabled_windows, attributary_windows()) AS enabled_windows,
        CASE WHEN c.lookback_days ~ '^0*([1-9]\d?|[12]\d{2}|3[0-5]\d|36[0-5])$'
            THEN c.lookback_days::integer ELSE 365 END AS lookback_days,
        coalesce(c.fairing_bridge_enabled = 'true', false) AS fairing_bridge_enabled,
        CASE WHEN c.model_promotion = 'manual'
            THEN c.model_promotion ELSE 'automatic' END AS model_promotion,
        coalesce(c.restate_on_promotion <> 'false', true) AS restate_on_promotion,
        CASE WHEN c.half_life_fit = 'automatic'
            THEN c.half_life_fit ELSE 'off' END AS half_life_fit,
        CASE WHEN c.bot_policy = 'exclude' THEN c.bot_policy ELSE 'keep' END AS bot_policy,
        CASE WHEN c.ip_policy IN ('truncated', 'none')
            THEN c.ip_policy ELSE 'full' END AS ip_policy,
        CASE WHEN c.gpc = 'ignore' THEN c.gpc ELSE 'respect' END AS gpc,
        CASE WHEN c.dnt = 'respect' THEN c.dnt ELSE 'ignore' END AS dnt,
        CASE WHEN c.anonymous_visitors = 'always'
            THEN c.anonymous_visitors ELSE 'asked' END AS anonymous_visitors,
        CASE WHEN c.id_cookie IN ('lax', 'strict', 'none')
            THEN c.id_cookie ELSE 'off' END AS id_cookie,
        nullif(regexp_replace(c.id_cookie_domains, '\s', '', 'g'), '') AS id_cookie_domains,
        c.channel_rules,
        c.custom_model
    FROM chosen c
    CROSS JOIN LATERAL (
        SELECT array_agg(known.name ORDER BY known.place) AS enabled_models
        FROM unnest((attributary_models())[: attributary_cells(c.custom_model) / 8]) WITH ORDINALITY AS known (name, place)
        WHERE known.name = ANY (regexp_split_to_array(trim(c.enabled_models), '\s*,\s*'))
    ) m
    CROSS JOIN LATERAL (
        SELECT array_agg(known.name ORDER BY known.place) AS enabled_windows
        FROM unnest(attributary_windows()) WITH ORDINALITY AS known (name, place)
        WHERE known.name = ANY (regexp_split_to_array(trim(c.enabled_windows), '\s*,\s*'))
    ) w
)
SELECT
    u.*,
    left(md5(ROW(u.time_zone, u.currency, u.enabled_models, u.half_life_days, u.attribution_mode,
        u.view_window_days, u.consent_when_absent, u.pixel_orders, u.identity_fan_in_cap,
        u.max_touches, u.enabled_windows, u.lookback_days, u.fairing_bridge_enabled,
        u.model_promotion, u.restate_on_promotion, u.half_life_fit, u.bot_policy,
        u.ip_policy, u.gpc, u.dnt, u.anonymous_visitors, u.id_cookie, u.id_cookie_domains,
        u.channel_rules, u.custom_model)::text), 12) AS settings_version
FROM usable u
$$;
COMMENT ON FUNCTION attributary_settings(text, jsonb) IS 'What would hold for a tenant if it had these settings instead of its own of the same keys, others being an object of texts. Read what does hold as attribution_settings.';

CREATE VIEW attribution_settings WITH (security_invoker = true) AS
SELECT t.tenant_id, own.*
FROM tenants t
CROSS JOIN LATERAL attributary_settings(t.tenant_id, '{}') AS own;
COMMENT ON VIEW attribution_settings IS 'What holds for each tenant: its settings, and the default wherever there is none or one that cannot be used. Example: SELECT time_zone, currency, half_life_days FROM attribution_settings WHERE tenant_id = ''demo'';';
COMMENT ON COLUMN attribution_settings.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_settings.time_zone IS 'IANA zone in which days begin. A name that no zone has counts as UTC.';
COMMENT ON COLUMN attribution_settings.currency IS 'Reporting currency, ISO 4217.';
COMMENT ON COLUMN attribution_settings.enabled_models IS 'Models that the channel summary shows; all are computed. Names that are no model are left out. By default the seven, and custom where there is a custom_model.';
COMMENT ON COLUMN attribution_settings.half_life_days IS 'Age at which a touch weighs half in time_decay.';
COMMENT ON COLUMN attribution_settings.attribution_mode IS 'clicks_plus_views or clicks_only.';
COMMENT ON COLUMN attribution_settings.view_window_days IS 'Greatest age at which an ad view counts; null: the same windows as for clicks.';
COMMENT ON COLUMN attribution_settings.consent_when_absent IS 'granted or denied: what an absent consent flag means.';
COMMENT ON COLUMN attribution_settings.pixel_orders IS 'Whether the pixel''s own purchases are orders.';
COMMENT ON COLUMN attribution_settings.identity_fan_in_cap IS 'An id seen with more ids than this joins nobody.';
COMMENT ON COLUMN attribution_settings.max_touches IS 'Beside the first, at most so many of the newest touches count (1 to 5000).';
COMMENT ON COLUMN attribution_settings.enabled_windows IS 'Windows that the channel summary shows; all are computed. Names that are no window are left out.';
COMMENT ON COLUMN attribution_settings.lookback_days IS 'Touches older than that never count, whatever the window (1 to 365).';
COMMENT ON COLUMN attribution_settings.fairing_bridge_enabled IS 'Whether the survey bridge is switched on.';
COMMENT ON COLUMN attribution_settings.model_promotion IS 'automatic: a newly trained model credits at once; manual: only when an operator promotes it.';
COMMENT ON COLUMN attribution_settings.restate_on_promotion IS 'Whether an automatic promotion credits earlier conversions again, too.';
COMMENT ON COLUMN attribution_settings.half_life_fit IS 'automatic: training sets half_life_days to the value that it fits; off: it only reports it.';
COMMENT ON COLUMN attribution_settings.bot_policy IS 'keep: touches and events of robots count and are delivered as any other, flagged; exclude: they earn no credit and no platform is told.';
COMMENT ON COLUMN attribution_settings.ip_policy IS 'What the gateway keeps of an address: full (truncated all the same where ad_user_data is denied), truncated (IPv4 /24, IPv6 /48) or none.';
COMMENT ON COLUMN attribution_settings.gpc IS 'respect: Sec-GPC: 1 denies ad_user_data and ad_personalization for the event; or ignore.';
COMMENT ON COLUMN attribution_settings.dnt IS 'respect: DNT: 1 denies all consent for the event; or ignore.';
COMMENT ON COLUMN attribution_settings.anonymous_visitors IS 'asked: a visitor is anonymous who asks for it (X-Anonymous); always: every visitor of a browser key is.';
COMMENT ON COLUMN attribution_settings.id_cookie IS 'SameSite of the gateway''s first-party id cookie (lax, strict, none), or off.';
COMMENT ON COLUMN attribution_settings.id_cookie_domains IS 'The shop''s domains, separated by commas: the id cookie is set for the longest one that the gateway''s host lies under, else for that host alone; pages under them may send it along. Null for none.';
COMMENT ON COLUMN attribution_settings.channel_rules IS 'The tenant''s own channel rules, a JSON document, which come before the defaults; one that cannot be used counts as none.';
COMMENT ON COLUMN attribution_settings.custom_model IS 'The tenant''s own credit model, a JSON document; null without one. One that cannot be used counts as none.';
COMMENT ON COLUMN attribution_settings.settings_version IS 'Changes when any of the values does.';
GRANT SELECT ON attribution_settings TO attributary_analyst, attributary_processor, attributary_scheduler,
    attributary_identity, attributary_dedupe;
