-- Cells of settled days, merged: a year of a shop is read in a sixth of the rows.
CREATE FUNCTION attributary_merge_cells(of_tenant text, days date[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    gone integer;
    made integer;
BEGIN
    -- What summary is about to write stays where it is: nobody waits for each other in a circle.
    WITH split AS (
        SELECT tenant_id, basis, date, channel, platform, campaign
        FROM summary_cells
        WHERE tenant_id = of_tenant AND date = ANY (days) AND basis IN ('accrual', 'cash')
        GROUP BY tenant_id, basis, date, channel, platform, campaign
        HAVING count(*) > 1
    ), locked AS (
        SELECT tenant_id, basis, date, channel, platform, campaign, shard
        FROM summary_cells
        JOIN split USING (tenant_id, basis, date, channel, platform, campaign)
        FOR UPDATE OF summary_cells SKIP LOCKED
    ), taken AS (
        DELETE FROM summary_cells AS c
        USING locked AS l
        WHERE c.tenant_id = l.tenant_id AND c.basis = l.basis AND c.date = l.date
            AND c.channel = l.channel AND c.platform = l.platform AND c.campaign = l.campaign
            AND c.shard = l.shard
        RETURNING c.*
    ), merged AS (
        INSERT INTO summary_cells AS shown
            (tenant_id, basis, date, channel, platform, campaign, shard, touchpoints, conversions, revenue)
        SELECT tenant_id, basis, date, channel, platform, campaign, -1,
            array_agg(touchpoints ORDER BY place), array_agg(conversions ORDER BY place),
            array_agg(revenue ORDER BY place)
        FROM (
            SELECT t.tenant_id, t.basis, t.date, t.channel, t.platform, t.campaign, cell.place,
                sum(cell.touchpoints)::bigint AS touchpoints,
                sum(cell.conversions)::bigint AS conversions, sum(cell.revenue)::bigint AS revenue
            FROM taken AS t
            CROSS JOIN LATERAL unnest(t.touchpoints, t.conversions, t.revenue)
                WITH ORDINALITY AS cell (touchpoints, conversions, revenue, place)
            GROUP BY t.tenant_id, t.basis, t.date, t.channel, t.platform, t.campaign, cell.place
        ) AS sums
        GROUP BY tenant_id, basis, date, channel, platform, campaign
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM taken), (SELECT count(*) FROM merged) INTO gone, made;
    RETURN gone - made;
END
$$;
COMMENT ON FUNCTION attributary_merge_cells(text, date[]) IS 'Adds up the shards of each cell of summary_cells on these days of a tenant, into shard -1; cells that are being written stay for the next time. Returns how many rows fewer there are.';
REVOKE ALL ON FUNCTION attributary_merge_cells(text, date[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attributary_merge_cells(text, date[]) TO attributary_scheduler;
COMMENT ON COLUMN summary_cells.shard IS 'Partition of credits.v1 whose conversions it sums, so that replicas do not meet; -1: those of settled days, merged.';
