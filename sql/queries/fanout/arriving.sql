-- connected --
SELECT tenant_id, platform
FROM platform_connections
WHERE enabled AND tenant_id = ANY ($1::text[])

-- connections --
SELECT tenant_id, account_id, credentials_encrypted
FROM platform_connections
WHERE enabled AND platform = $1
ORDER BY tenant_id

-- enqueue --
INSERT INTO deliveries (
    tenant_id, platform, event_id, kind, event_name, order_id, occurred_at,
    state, next_attempt_at, deadline_at, payload, after_event_id, turn, traceparent
)
SELECT tenant_id, platform, event_id, kind, event_name, order_id, occurred_at,
       'queued', $10, deadline_at, payload::jsonb, after_event_id, turn, traceparent
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::timestamptz[], $8::timestamptz[], $9::text[], $11::text[], $12::int[], $13::text[]
) AS arrived (
    tenant_id, platform, event_id, kind, event_name, order_id, occurred_at, deadline_at, payload,
    after_event_id, turn, traceparent
)
ORDER BY tenant_id, platform, event_id, kind
ON CONFLICT (tenant_id, platform, event_id, kind) DO NOTHING
RETURNING tenant_id, platform, event_id, kind

-- release --
WITH allowed AS (
    SELECT held.tenant_id, held.platform, held.event_id, held.kind, held.error, told.payload,
           told.traceparent
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $7::text[])
        AS told (tenant_id, platform, event_id, kind, payload, traceparent)
    JOIN deliveries AS held USING (tenant_id, platform, event_id, kind)
    WHERE held.state = 'filtered'
      AND held.error IN ('consent_denied', 'suppressed')
      AND held.deadline_at > $6
    ORDER BY held.tenant_id, held.platform, held.event_id, held.kind
    FOR UPDATE OF held
),
released AS (
    UPDATE deliveries AS held
    SET state = 'queued',
        next_attempt_at = $6,
        payload = allowed.payload::jsonb,
        traceparent = coalesce(allowed.traceparent, held.traceparent),
        error = NULL,
        finished_at = NULL
    FROM allowed
    WHERE held.tenant_id = allowed.tenant_id
      AND held.platform = allowed.platform
      AND held.event_id = allowed.event_id
      AND held.kind = allowed.kind
    RETURNING held.tenant_id, held.platform, held.event_id, held.kind, allowed.error, held.attempts
)
INSERT INTO delivery_consent_log (
    tenant_id, platform, event_id, kind, action, reason, attempts, at
)
SELECT tenant_id, platform, event_id, kind, 'released', error, attempts, $6
FROM released
RETURNING tenant_id, platform, event_id, kind

-- erased --
SELECT e.tenant_id, e.record_id
FROM erased_records AS e
JOIN unnest($1::text[], $2::text[]) AS told (tenant_id, record_id) USING (tenant_id, record_id)

-- erasures_of --
SELECT asked.tenant_id, asked.subject, max(e.erased_at) AS erased_at
FROM unnest($1::text[], $2::text[]) AS asked (tenant_id, subject)
JOIN person_erasures AS e
    ON e.tenant_id = asked.tenant_id AND e.subjects @> ARRAY[asked.subject]
GROUP BY asked.tenant_id, asked.subject
