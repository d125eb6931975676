-- Without a tenant's settings: rates and ratios need no currency, so the scheduler may ask, too.
DROP FUNCTION IF EXISTS attributary_creative_fatigue(text, date) CASCADE;
CREATE FUNCTION attributary_creative_fatigue(of_tenant text, as_of date)
RETURNS TABLE (
    platform text, account_id text, ad_id text, ad text, score numeric, level text, reason text,
    first_ctr numeric, recent_ctr numeric, first_conversion_rate numeric,
    recent_conversion_rate numeric, first_frequency numeric, recent_frequency numeric
)
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
SELECT
    judged.platform,
    judged.account_id,
    judged.ad_id,
    judged.ad,
    judged.score,
    CASE WHEN judged.score >= 75 THEN 'exhausted' WHEN judged.score >= 50 THEN 'tired'
        WHEN judged.score >= 25 THEN 'watch' ELSE 'fresh' END,
    CASE
        WHEN judged.score = 0 THEN NULL
        WHEN 0.5 * judged.ctr_fall >= greatest(0.3 * judged.rate_fall, 0.2 * judged.rise, 0) THEN 'ctr'
        WHEN 0.3 * judged.rate_fall >= coalesce(0.2 * judged.rise, 0) THEN 'conversion_rate'
        ELSE 'frequency'
    END,
    round(judged.first_ctr, 6),
    round(judged.recent_ctr, 6),
    round(judged.first_rate, 6),
    round(judged.recent_rate, 6),
    round(judged.first_frequency, 4),
    round(judged.recent_frequency, 4)
FROM (
    SELECT
        parts.*,
        round(100 * (0.5 * parts.ctr_fall + coalesce(0.3 * parts.rate_fall, 0)
            + coalesce(0.2 * parts.rise, 0))
            / (0.5 + CASE WHEN parts.rate_fall IS NULL THEN 0 ELSE 0.3 END
                + CASE WHEN parts.rise IS NULL THEN 0 ELSE 0.2 END), 2) AS score
    FROM (
        SELECT
            rates.*,
            least(1, greatest(0, 1 - rates.recent_ctr / nullif(rates.first_ctr, 0))) AS ctr_fall,
            CASE WHEN rates.recent_rate IS NOT NULL AND rates.first_rate > 0
                THEN least(1, greatest(0, 1 - rates.recent_rate / rates.first_rate)) END AS rate_fall,
            CASE WHEN rates.recent_frequency IS NOT NULL AND rates.first_frequency > 0
                THEN least(1, greatest(0, rates.recent_frequency / rates.first_frequency - 1)) END AS rise
        FROM (
            SELECT
                days.platform,
                days.account_id,
                days.ad_id,
                max(days.ad) AS ad,
                sum(days.clicks) FILTER (WHERE days.is_first)
                    / sum(days.impressions) FILTER (WHERE days.is_first) AS first_ctr,
                sum(days.clicks) FILTER (WHERE days.is_recent)
                    / sum(days.impressions) FILTER (WHERE days.is_recent) AS recent_ctr,
                sum(days.conversions) FILTER (WHERE days.is_first)
                    / nullif(sum(days.clicks) FILTER (WHERE days.is_first), 0) AS first_rate,
                sum(days.conversions) FILTER (WHERE days.is_recent)
                    / nullif(sum(days.clicks) FILTER (WHERE days.is_recent), 0) AS recent_rate,
                sum(days.frequency * days.impressions) FILTER (WHERE days.is_first)
                    / sum(days.impressions) FILTER (WHERE days.is_first AND days.frequency IS NOT NULL)
                    AS first_frequency,
                sum(days.frequency * days.impressions) FILTER (WHERE days.is_recent)
                    / sum(days.impressions) FILTER (WHERE days.is_recent AND days.frequency IS NOT NULL)
                    AS recent_frequency
            FROM (
                SELECT
                    d.platform, d.account_id, d.ad_id, d.ad, d.impressions, d.clicks, d.frequency,
                    coalesce(d.conversions, d.view_conversions + d.click_conversions,
                        d.view_conversions, d.click_conversions) AS conversions,
                    d.date < min(d.date) OVER own + 7 AS is_first,
                    d.date > as_of - 7 AS is_recent,
                    min(d.date) OVER own <= as_of - 13 AS is_old
                FROM daily_ad_spend AS d
                WHERE d.tenant_id = of_tenant AND d.date <= as_of AND d.impressions > 0
                WINDOW own AS (PARTITION BY d.platform, d.account_id, d.ad_id)
            ) AS days
            WHERE days.is_old AND (days.is_first OR days.is_recent)
            GROUP BY days.platform, days.account_id, days.ad_id
            HAVING sum(days.impressions) FILTER (WHERE days.is_first) >= 1000
                AND sum(days.impressions) FILTER (WHERE days.is_recent) >= 1000
        ) AS rates
        WHERE rates.first_ctr > 0
    ) AS parts
) AS judged
$$;
COMMENT ON FUNCTION attributary_creative_fatigue(text, date) IS 'How tired the ads of a tenant are on a day, by their last seven days beside their first seven; the rule is told at creative_fatigue.';

CREATE VIEW creative_fatigue WITH (security_invoker = true) AS
SELECT
    t.tenant_id,
    newest.date,
    f.*
FROM tenants AS t
CROSS JOIN LATERAL (
    SELECT max(d.date) AS date FROM daily_ad_spend AS d WHERE d.tenant_id = t.tenant_id
) AS newest
CROSS JOIN LATERAL attributary_creative_fatigue(t.tenant_id, newest.date) AS f;
COMMENT ON VIEW creative_fatigue IS 'How tired each ad is that runs, by its own figures alone: its last seven days beside its first seven. score = 100 x (0.5 x fall of the click rate + 0.3 x fall of the conversion rate per click + 0.2 x rise of impressions per person reached), each between 0 and 1; a part that the platform does not tell is left out, and the weights of the others take its place. Judged is who has run for 14 days and has 1,000 impressions in both weeks. Example: SELECT platform, ad, score, level, reason FROM creative_fatigue WHERE tenant_id = ''demo'' ORDER BY score DESC;';
COMMENT ON COLUMN creative_fatigue.tenant_id IS 'Tenant.';
COMMENT ON COLUMN creative_fatigue.date IS 'Day of judgement: the tenant''s latest day with figures.';
COMMENT ON COLUMN creative_fatigue.platform IS 'Traffic platform.';
COMMENT ON COLUMN creative_fatigue.account_id IS 'Ad account.';
COMMENT ON COLUMN creative_fatigue.ad_id IS 'The vendor''s id of the ad.';
COMMENT ON COLUMN creative_fatigue.ad IS 'What it is called.';
COMMENT ON COLUMN creative_fatigue.score IS '0 to 100.';
COMMENT ON COLUMN creative_fatigue.level IS 'fresh below 25, watch from 25 on, tired from 50, exhausted from 75.';
COMMENT ON COLUMN creative_fatigue.reason IS 'What weighs most: ctr, conversion_rate or frequency; null at score 0.';
COMMENT ON COLUMN creative_fatigue.first_ctr IS 'Clicks per impression of the first seven days.';
COMMENT ON COLUMN creative_fatigue.recent_ctr IS 'The same of the last seven.';
COMMENT ON COLUMN creative_fatigue.first_conversion_rate IS 'Claimed conversions per click of the first seven days; null where none are told.';
COMMENT ON COLUMN creative_fatigue.recent_conversion_rate IS 'The same of the last seven.';
COMMENT ON COLUMN creative_fatigue.first_frequency IS 'Impressions per person reached a day, the mean of the first seven days by impressions; null where it is not told.';
COMMENT ON COLUMN creative_fatigue.recent_frequency IS 'The same of the last seven.';
GRANT SELECT ON creative_fatigue TO attributary_analyst, attributary_processor;
