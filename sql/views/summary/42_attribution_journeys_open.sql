CREATE VIEW attribution_journeys_open WITH (security_invoker = true) AS
SELECT
    newest.tenant_id,
    n.person_id,
    way.touches,
    way.first_touch_at,
    way.first_channel,
    way.first_platform,
    newest.occurred_at AS last_touch_at,
    newest.channel AS last_channel,
    newest.platform AS last_platform,
    way.path
FROM attribution_touchpoints AS newest
JOIN identity_nodes AS n
    ON n.tenant_id = newest.tenant_id AND n.node = newest.anchor AND NOT n.quarantined
-- A page walks back along the touches by time, and asks of each whether it is its person's newest.
-- Asked by scalar subqueries, which are never turned into joins that read every touch first, and
-- within coalesce, of which the planner expects every second one to hold: it then trusts the walk.
CROSS JOIN LATERAL (
    SELECT
        count(*) AS touches,
        min(own.occurred_at) AS first_touch_at,
        (array_agg(own.channel ORDER BY own.occurred_at, own.touchpoint_id))[1] AS first_channel,
        (array_agg(own.platform ORDER BY own.occurred_at, own.touchpoint_id))[1] AS first_platform,
        string_agg(own.channel, ' > ' ORDER BY own.occurred_at, own.touchpoint_id) AS path
    FROM (
        SELECT kind.touchpoint_id, kind.occurred_at, kind.channel, kind.platform
        FROM identity_nodes AS m
        CROSS JOIN (VALUES ('click'), ('view')) AS types (name)
        CROSS JOIN LATERAL (
            SELECT t.touchpoint_id, t.occurred_at, t.channel, t.platform
            FROM attribution_touchpoints AS t
            WHERE t.tenant_id = m.tenant_id AND t.anchor = m.node AND t.touchpoint_type = types.name
            ORDER BY t.occurred_at DESC, t.touchpoint_id DESC
            LIMIT 1000
        ) AS kind
        WHERE m.tenant_id = newest.tenant_id AND m.person_id = n.person_id AND NOT m.quarantined
        ORDER BY kind.occurred_at DESC, kind.touchpoint_id DESC
        LIMIT 1000
    ) AS own
) AS way
WHERE coalesce(newest.touchpoint_id = (
        SELECT kind.touchpoint_id
        FROM identity_nodes AS m
        CROSS JOIN (VALUES ('click'), ('view')) AS types (name)
        CROSS JOIN LATERAL (
            SELECT t.touchpoint_id, t.occurred_at
            FROM attribution_touchpoints AS t
            WHERE t.tenant_id = m.tenant_id AND t.anchor = m.node AND t.touchpoint_type = types.name
            ORDER BY t.occurred_at DESC, t.touchpoint_id DESC
            LIMIT 1
        ) AS kind
        WHERE m.tenant_id = newest.tenant_id AND m.person_id = n.person_id AND NOT m.quarantined
        ORDER BY kind.occurred_at DESC, kind.touchpoint_id DESC
        LIMIT 1
    ), false)
    AND NOT coalesce((
        SELECT true
        FROM conversions AS c
        WHERE c.tenant_id = newest.tenant_id AND c.person_id = n.person_id
            AND c.state = 'ready' AND c.status <> 'cancelled'
        LIMIT 1
    ), false);
COMMENT ON VIEW attribution_journeys_open IS 'People with touches and no order (none, or cancelled ones alone): their next one would be their first. A page of the latest is read at once; any other question costs as many steps as there are touches in the span of last_touch_at, so give one. Example: SELECT person_id, touches, last_touch_at, path FROM attribution_journeys_open WHERE tenant_id = ''demo'' AND last_touch_at > now() - interval ''7 days'' ORDER BY last_touch_at DESC LIMIT 50;';
COMMENT ON COLUMN attribution_journeys_open.tenant_id IS 'Tenant.';
COMMENT ON COLUMN attribution_journeys_open.person_id IS 'Person.';
COMMENT ON COLUMN attribution_journeys_open.touches IS 'Touches, 1000 at most: of more, the newest. Clicks and ad views.';
COMMENT ON COLUMN attribution_journeys_open.first_touch_at IS 'When the first of them was.';
COMMENT ON COLUMN attribution_journeys_open.first_channel IS 'Its channel.';
COMMENT ON COLUMN attribution_journeys_open.first_platform IS 'Its traffic platform.';
COMMENT ON COLUMN attribution_journeys_open.last_touch_at IS 'When the latest was.';
COMMENT ON COLUMN attribution_journeys_open.last_channel IS 'Its channel.';
COMMENT ON COLUMN attribution_journeys_open.last_platform IS 'Its traffic platform.';
COMMENT ON COLUMN attribution_journeys_open.path IS 'Channels, oldest first.';
GRANT SELECT ON attribution_journeys_open TO attributary_analyst, attributary_processor;
