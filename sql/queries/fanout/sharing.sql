-- permit --
INSERT INTO delivery_gates AS gate (tenant_id, platform, tokens, refilled_at, granted)
SELECT tenant_id, $1, $6::numeric - least(requests, floor($6)), $5, least(requests, floor($6))
FROM unnest($3::text[], $4::int[]) AS wanted (tenant_id, requests)
ORDER BY tenant_id
ON CONFLICT (tenant_id, platform) DO UPDATE
SET (tokens, refilled_at, granted, probe_owner, probe_until, paused_until) = (
    SELECT
        full_now.tokens - given.n,
        greatest(gate.refilled_at, $5),
        given.n,
        CASE WHEN gate.open_until IS NOT NULL AND given.n > 0 THEN $2 ELSE gate.probe_owner END,
        CASE WHEN gate.open_until IS NOT NULL AND given.n > 0 THEN $8 ELSE gate.probe_until END,
        CASE WHEN gate.paused_until > $5 THEN gate.paused_until END
    FROM (
        SELECT least(
            $6, gate.tokens + $7::numeric * greatest(0, extract(epoch FROM $5 - gate.refilled_at))
        ) AS tokens
    ) AS full_now
    CROSS JOIN LATERAL (
        SELECT least(
            greatest(0, floor(full_now.tokens))::int,
            CASE
                WHEN gate.paused_until > $5 OR gate.open_until > $5 OR gate.probe_until > $5 THEN 0
                WHEN gate.open_until IS NOT NULL THEN 1
                ELSE excluded.granted
            END
        ) AS n
    ) AS given
)
RETURNING tenant_id, granted, tokens, failures, trips, open_until, paused_until, probe_until

-- reserve --
UPDATE delivery_gates
SET tokens = least(
        $4::numeric, tokens + $5::numeric * greatest(0, extract(epoch FROM $3 - refilled_at))
    ) - 1,
    refilled_at = greatest(refilled_at, $3)
WHERE platform = $1 AND tenant_id = $2
RETURNING greatest(0, -tokens) / $5 + greatest(0, extract(epoch FROM refilled_at - $3)) AS seconds

-- shut --
SELECT tenant_id, failures, trips, open_until, paused_until
FROM delivery_gates
WHERE platform = $1 AND (open_until IS NOT NULL OR paused_until IS NOT NULL)

-- report --
WITH opened AS (
    INSERT INTO delivery_circuit_openings (tenant_id, platform, replica, opened_at, open_until)
    SELECT tenant_id, $1, $2, opened_at, open_until
    FROM unnest($4::text[], $5::timestamptz[], $6::timestamptz[])
        AS o (tenant_id, opened_at, open_until)
    ORDER BY tenant_id, opened_at
    ON CONFLICT (tenant_id, platform, opened_at, replica)
    DO UPDATE SET open_until = excluded.open_until
),
told AS (
    SELECT *
    FROM unnest(
        $7::text[], $8::bool[], $9::bool[], $10::bool[], $11::int[], $12::int[],
        $13::timestamptz[], $14::timestamptz[]
    ) AS t (
        tenant_id, is_closed, is_fresh, is_answered, failures, trips, open_until, paused_until
    )
),
locked AS (
    SELECT told.*
    FROM told
    JOIN delivery_gates AS gate ON gate.platform = $1 AND gate.tenant_id = told.tenant_id
    ORDER BY told.tenant_id
    FOR UPDATE OF gate
),
shortened AS (
    UPDATE delivery_circuit_openings AS others
    SET open_until = $3
    FROM locked
    WHERE locked.is_closed
      AND others.tenant_id = locked.tenant_id
      AND others.platform = $1
      AND others.replica <> $2
      AND others.opened_at <= $3
      AND others.open_until > $3
)
UPDATE delivery_gates AS gate
SET failures = CASE WHEN locked.is_closed THEN 0 ELSE gate.failures END + locked.failures,
    trips = greatest(CASE WHEN locked.is_closed THEN 0 ELSE gate.trips END, locked.trips),
    open_until = greatest(
        CASE WHEN NOT locked.is_closed THEN gate.open_until END, locked.open_until
    ),
    probe_until = CASE
        WHEN locked.is_closed OR (locked.is_answered AND gate.probe_owner = $2) THEN NULL
        ELSE gate.probe_until
    END,
    paused_until = greatest(
        CASE WHEN NOT locked.is_fresh THEN gate.paused_until END, locked.paused_until
    )
FROM locked
WHERE gate.platform = $1 AND gate.tenant_id = locked.tenant_id

-- drop_probes --
UPDATE delivery_gates
SET probe_until = NULL
WHERE platform = $1 AND probe_owner = $2 AND probe_until IS NOT NULL
