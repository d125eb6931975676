CREATE VIEW attribution_campaign_matches WITH (security_invoker = true) AS
WITH campaigns AS (
    SELECT
        d.tenant_id,
        d.platform,
        d.campaign_id,
        d.campaign,
        max(d.date) AS last_date
    FROM daily_spend d
    WHERE d.campaign_id IS NOT NULL
    GROUP BY d.tenant_id, d.platform, d.campaign_id, d.campaign
)
SELECT DISTINCT ON (found.tenant_id, found.platform, found.touch_campaign COLLATE "C")
    found.tenant_id,
    found.platform,
    found.touch_campaign COLLATE "C" AS touch_campaign,
    found.campaign_id,
    found.matched_by
FROM (
    SELECT
        ids.tenant_id, ids.platform, named.campaign AS touch_campaign, ids.campaign_id,
        'campaign_id' AS matched_by, 1 AS place, ids.last_date
    FROM (
        SELECT c.tenant_id, c.platform, c.campaign_id, max(c.last_date) AS last_date
        FROM campaigns c
        GROUP BY c.tenant_id, c.platform, c.campaign_id
    ) AS ids
    -- From each name to the next one in the index, past all the touches that share it.
    CROSS JOIN LATERAL (
        WITH RECURSIVE own AS (
            SELECT min(t.campaign COLLATE "C") AS campaign
            FROM attribution_touchpoints t
            WHERE t.tenant_id = ids.tenant_id AND t.platform COLLATE "C" = ids.platform
                AND t.campaign_id COLLATE "C" = ids.campaign_id AND t.campaign_id <> t.campaign
            UNION ALL
            SELECT (
                SELECT min(t.campaign COLLATE "C")
                FROM attribution_touchpoints t
                WHERE t.tenant_id = ids.tenant_id AND t.platform COLLATE "C" = ids.platform
                    AND t.campaign_id COLLATE "C" = ids.campaign_id AND t.campaign_id <> t.campaign
                    AND t.campaign COLLATE "C" > own.campaign
            )
            FROM own
            WHERE own.campaign IS NOT NULL
        )
        SELECT own.campaign FROM own WHERE own.campaign IS NOT NULL
    ) AS named
    UNION ALL
    SELECT c.tenant_id, c.platform, c.campaign_id, c.campaign_id, 'utm_campaign is the id', 2, c.last_date
    FROM campaigns c
    UNION ALL
    SELECT
        c.tenant_id, c.platform, cell.campaign, c.campaign_id, 'utm_campaign is the name', 3,
        c.last_date
    FROM campaigns c
    JOIN (
        SELECT n.tenant_id, n.platform, n.campaign
        FROM summary_cells n
        WHERE n.basis = 'accrual' AND n.campaign <> ''
        GROUP BY n.tenant_id, n.platform, n.campaign
        -- Every touch counts in the longest window; what one shard has, another may have taken back.
        HAVING sum(n.touchpoints[8]) > 0
    ) AS cell
        ON cell.tenant_id = c.tenant_id AND cell.platform = c.platform
        AND lower(cell.campaign) = lower(c.campaign)
) AS found
ORDER BY
    found.tenant_id, found.platform, found.touch_campaign COLLATE "C", found.place,
    found.last_date DESC, found.campaign_id;
COMMENT ON VIEW attribution_campaign_matches IS 'Which campaign of an ad platform the campaign of a touch is: by the id that touches of that name bear, else since its name is the id, else since it is a name of the campaign, in any case. Of several campaigns the one with the latest spend is meant. Example: SELECT touch_campaign, campaign_id, matched_by FROM attribution_campaign_matches WHERE tenant_id = ''demo'' AND platform = ''meta'';';
COMMENT ON COLUMN attribution_campaign_matches.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_campaign_matches.platform IS 'Traffic platform.';
COMMENT ON COLUMN attribution_campaign_matches.touch_campaign IS 'Campaign as touches and summaries have it: utm_campaign, else campaign_id.';
COMMENT ON COLUMN attribution_campaign_matches.campaign_id IS 'The vendor''s id of the campaign.';
COMMENT ON COLUMN attribution_campaign_matches.matched_by IS 'campaign_id, utm_campaign is the id, or utm_campaign is the name.';
GRANT SELECT ON attribution_campaign_matches TO attributary_analyst, attributary_processor;
