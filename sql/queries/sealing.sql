-- make_keys --
-- None for somebody who was erased after the record that needs it was received.
INSERT INTO person_keys (tenant_id, subject, key_id, key, made_at, spare)
SELECT new.tenant_id, new.subject, new.key_id, new.key, new.made_at, $6
FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::bigint[])
    AS new (tenant_id, subject, key_id, key, made_at)
WHERE NOT EXISTS (
    SELECT FROM person_erasures AS e
    WHERE e.tenant_id = new.tenant_id AND e.subjects @> ARRAY[new.subject]
        AND e.erased_at >= new.made_at
)
ORDER BY new.tenant_id, new.subject, new.key_id
ON CONFLICT DO NOTHING

-- keys_of_subjects --
SELECT DISTINCT ON (k.tenant_id, k.subject) k.tenant_id, k.subject, k.key
FROM person_keys AS k
JOIN unnest($1::text[], $2::text[]) AS wanted (tenant_id, subject) USING (tenant_id, subject)
ORDER BY k.tenant_id, k.subject, k.spare, k.made_at, k.key_id

-- keys_named --
SELECT k.tenant_id, k.subject, k.key_id, k.key
FROM person_keys AS k
JOIN unnest($1::text[], $2::text[], $3::text[]) AS wanted (tenant_id, subject, key_id)
    USING (tenant_id, subject, key_id)

-- erased_since --
SELECT tenant_id, subjects, asked_at
FROM person_erasures
WHERE asked_at > $1::timestamptz - interval '1 minute'

-- now --
SELECT clock_timestamp()

-- shred --
DELETE FROM person_keys
WHERE tenant_id = $1 AND subject = ANY($2::text[]) AND made_at <= $3
