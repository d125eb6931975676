-- What keeps the bookkeeping small: months of the delivery log, and rows that nobody needs any more.
-- Tables that are served are not among it: what is in them changes by THE LOG alone.

CREATE FUNCTION attributary_log_months_due(at timestamptz, ahead integer) RETURNS SETOF date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC'
AS $$
SELECT month::date
FROM generate_series(
    date_trunc('month', coalesce((SELECT min(created_at) FROM capi_delivery_log_default), at)),
    date_trunc('month', at) + ahead * interval '1 month',
    interval '1 month'
) AS month
WHERE to_regclass('public.capi_delivery_log_' || to_char(month, 'YYYY_MM')) IS NULL
    AND CASE
        -- A month that is over, and whose last writer is done.
        WHEN month + interval '1 month' <= at - interval '1 hour' THEN EXISTS (
            SELECT FROM capi_delivery_log_default
            WHERE created_at >= month AND created_at < month + interval '1 month'
        )
        WHEN month > at THEN true
        -- What is being written now is moved only while it is little: writers wait for it.
        ELSE 10000 >= (SELECT count(*) FROM (
            SELECT FROM capi_delivery_log_default WHERE created_at >= month LIMIT 10001
        ) AS few)
    END
ORDER BY month
$$;
COMMENT ON FUNCTION attributary_log_months_due(timestamptz, integer) IS 'Months (their first day, UTC) for which capi_delivery_log wants a partition: those ahead, and those whose rows are still in the default one.';

CREATE FUNCTION attributary_make_log_month(month date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC'
SET lock_timeout = '2s'
AS $$
DECLARE
    first timestamptz := date_trunc('month', month);
    next timestamptz := date_trunc('month', month) + interval '1 month';
    part text := 'capi_delivery_log_' || to_char(month, 'YYYY_MM');
    policy record;
    moved bigint;
BEGIN
    IF now() < next + interval '1 hour' THEN
        LOCK TABLE capi_delivery_log_default IN ACCESS EXCLUSIVE MODE;
    END IF;
    EXECUTE format('CREATE TABLE public.%I (LIKE public.capi_delivery_log INCLUDING ALL)', part);
    EXECUTE format('COMMENT ON TABLE public.%I IS %L', part,
        'Requests of a month. Writer: fanout.');
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', part);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', part);
    FOR policy IN
        SELECT * FROM pg_policies
        WHERE schemaname = 'public' AND tablename = 'capi_delivery_log_default'
    LOOP
        EXECUTE format('CREATE POLICY %I ON public.%I FOR %s TO %s USING (%s)%s', policy.policyname,
            part, policy.cmd,
            (SELECT string_agg(quote_ident(name), ', ') FROM unnest(policy.roles) AS name),
            policy.qual, coalesce(' WITH CHECK (' || policy.with_check || ')', ''));
    END LOOP;
    EXECUTE format($move$
        WITH gone AS (
            DELETE FROM public.capi_delivery_log_default
            WHERE created_at >= $1 AND created_at < $2 RETURNING *
        )
        INSERT INTO public.%I SELECT * FROM gone
    $move$, part) USING first, next;
    GET DIAGNOSTICS moved = ROW_COUNT;
    EXECUTE format(
        'ALTER TABLE public.capi_delivery_log ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
        part, first, next);
    RETURN moved;
END
$$;
COMMENT ON FUNCTION attributary_make_log_month(date) IS 'Makes the partition of a month and moves its rows out of the default one; returns how many. Waits for no lock longer than 2 s: it fails, and is tried again by the next run.';

CREATE FUNCTION attributary_drop_log_months(before timestamptz) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC'
SET lock_timeout = '2s'
AS $$
DECLARE
    part text;
    gone text[] := '{}';
BEGIN
    FOR part IN
        SELECT c.relname FROM pg_inherits
        JOIN pg_class AS c ON c.oid = inhrelid
        WHERE inhparent = 'public.capi_delivery_log'::regclass
            AND c.relname ~ '^capi_delivery_log_\d{4}_\d{2}$'
            AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= before
        ORDER BY 1
    LOOP
        EXECUTE format('ALTER TABLE public.capi_delivery_log DETACH PARTITION public.%I', part);
        EXECUTE format('DROP TABLE public.%I', part);
        gone := gone || part;
    END LOOP;
    RETURN gone;
END
$$;
COMMENT ON FUNCTION attributary_drop_log_months(timestamptz) IS 'Drops the partitions of capi_delivery_log that end before the time; returns their names.';

CREATE FUNCTION attributary_prune(of_table text, of_tenant text, before timestamptz, at_most integer)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    old text := CASE of_table
        WHEN 'capi_delivery_log' THEN 'created_at < $1'
        WHEN 'delivery_consent_log' THEN 'at < $1'
        WHEN 'delivery_receipts' THEN 'ended_at < $1'
        WHEN 'order_reconciliation' THEN 'run_at < $1'
        WHEN 'audit_log' THEN 'at < $1'
        WHEN 'connection_attempts' THEN 'expires_at < $1'
        WHEN 'dead_letter_replays' THEN 'replayed_at < $1'
        -- The latest run of a job by the clock says when it is due again.
        WHEN 'job_runs' THEN 'started_at < $1 AND outcome <> ''running'' AND EXISTS (
            SELECT FROM job_runs AS later WHERE later.name = o.name AND NOT later.manual
                AND later.scheduled_for > o.scheduled_for)'
    END;
    part regclass;
    gone integer;
    total integer := 0;
BEGIN
    IF old IS NULL THEN
        RAISE EXCEPTION 'rows of % are not pruned', of_table USING ERRCODE = '22023';
    END IF;
    IF of_tenant IS NOT NULL THEN
        old := old || ' AND tenant_id = $2';
    END IF;
    FOR part IN
        SELECT relid FROM pg_partition_tree(of_table::regclass) WHERE isleaf
        UNION
        SELECT of_table::regclass
        WHERE NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = of_table::regclass)
    LOOP
        EXECUTE format(
            'DELETE FROM %s WHERE ctid = ANY (ARRAY(SELECT ctid FROM %s AS o WHERE %s LIMIT $3))',
            part, part, old) USING before, of_tenant, at_most - total;
        GET DIAGNOSTICS gone = ROW_COUNT;
        total := total + gone;
        EXIT WHEN total >= at_most;
    END LOOP;
    RETURN total;
END
$$;
COMMENT ON FUNCTION attributary_prune(text, text, timestamptz, integer) IS 'Deletes at most so many rows of a table of bookkeeping that are older; of one tenant, or of all. Returns how many; refuses any other table.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'attributary_log_months_due(timestamptz, integer)', 'attributary_make_log_month(date)',
        'attributary_drop_log_months(timestamptz)',
        'attributary_prune(text, text, timestamptz, integer)']
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', name);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO attributary_scheduler', name);
    END LOOP;
END
$$;
GRANT SELECT ON audit_log TO attributary_scheduler;
CREATE POLICY scheduler ON audit_log FOR SELECT TO attributary_scheduler USING (true);
GRANT SELECT ON summary_cells, journeys TO attributary_scheduler;
CREATE POLICY scheduler ON journeys FOR SELECT TO attributary_scheduler USING (true);
CREATE POLICY scheduler ON summary_cells FOR SELECT TO attributary_scheduler USING (true);
