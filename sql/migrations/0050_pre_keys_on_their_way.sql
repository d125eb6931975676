-- A key that is absent says nothing of an erasure: a gateway may have made it while Postgres was away,
-- and bring it later. Fanout asks for the erasure itself.
GRANT SELECT (tenant_id, erased_at, subjects) ON person_erasures TO attributary_fanout;
CREATE POLICY fanout ON person_erasures FOR SELECT TO attributary_fanout USING (true);
