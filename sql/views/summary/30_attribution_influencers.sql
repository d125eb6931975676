CREATE VIEW attribution_influencers WITH (security_invoker = true) AS
SELECT
    i.tenant_id,
    i.influencer_id,
    i.name,
    i.discount_codes,
    i.ref_codes,
    i.commission_rate,
    ARRAY(
        SELECT DISTINCT lower(trim(own.code))
        FROM unnest(i.discount_codes || i.ref_codes) AS own (code)
        JOIN influencers AS o ON o.tenant_id = i.tenant_id AND NOT o.removed
            AND o.influencer_id <> i.influencer_id
        CROSS JOIN LATERAL unnest(o.discount_codes || o.ref_codes) AS theirs (code)
        WHERE lower(trim(own.code)) = lower(trim(theirs.code))
        ORDER BY 1
    ) AS contested_codes
FROM influencers AS i
WHERE NOT i.removed;
COMMENT ON VIEW attribution_influencers IS 'Influencers and their codes. Example: SELECT name, discount_codes, contested_codes FROM attribution_influencers WHERE tenant_id = ''demo'' ORDER BY name;';
COMMENT ON COLUMN attribution_influencers.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_influencers.influencer_id IS 'Short name, unique within the tenant.';
COMMENT ON COLUMN attribution_influencers.name IS 'Name.';
COMMENT ON COLUMN attribution_influencers.discount_codes IS 'Discount codes.';
COMMENT ON COLUMN attribution_influencers.ref_codes IS 'Ref and creator codes of links.';
COMMENT ON COLUMN attribution_influencers.commission_rate IS 'Share of the revenue, 0 to 1.';
COMMENT ON COLUMN attribution_influencers.contested_codes IS 'Codes that another influencer claims, too: they count for the smallest influencer_id.';
GRANT SELECT ON attribution_influencers TO attributary_analyst, attributary_processor;
