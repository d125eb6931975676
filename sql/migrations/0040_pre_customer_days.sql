-- New and returning customers, and cohorts, by days of orders: kept, so that a year is read at once.
-- What changes an order marks its days here, in its own transaction, without waiting for anybody; a
-- marked day is counted from the orders until a job has counted it again, so no reader sees an old one.
CREATE TABLE customer_days_due (
    tenant_id text COLLATE "C" NOT NULL,
    date date NOT NULL
);
CREATE INDEX customer_days_due_day ON customer_days_due (tenant_id, date);
COMMENT ON TABLE customer_days_due IS 'Days whose kept figures of customers are no longer right, each as often as it was marked, by the triggers of conversions and journeys. Writer: customers.';
COMMENT ON COLUMN customer_days_due.tenant_id IS 'Tenant.';
COMMENT ON COLUMN customer_days_due.date IS 'UTC day of an order: the day before, it and the day after are to be counted again, one of which is its date in the tenant''s time zone.';

CREATE TABLE customer_days (
    tenant_id text COLLATE "C" NOT NULL,
    date date NOT NULL,
    segment text COLLATE "C" NOT NULL CHECK (segment IN ('new', 'returning', 'unknown')),
    orders bigint NOT NULL,
    revenue numeric NOT NULL,
    PRIMARY KEY (tenant_id, date, segment)
);
COMMENT ON TABLE customer_days IS 'Orders of each day by whether they are their person''s first. Read it as attribution_customers. Writer: customers.';
COMMENT ON COLUMN customer_days.tenant_id IS 'Tenant.';
COMMENT ON COLUMN customer_days.date IS 'The orders'' date in the tenant''s time zone.';
COMMENT ON COLUMN customer_days.segment IS 'new: the person''s first order; returning; unknown: nobody can be told.';
COMMENT ON COLUMN customer_days.orders IS 'Orders that add to the summary.';
COMMENT ON COLUMN customer_days.revenue IS 'Their net, minor units of the reporting currency.';

CREATE TABLE cohort_days (
    tenant_id text COLLATE "C" NOT NULL,
    date date NOT NULL,
    cohort_month date NOT NULL,
    first_channel text COLLATE "C" NOT NULL,
    orders bigint NOT NULL,
    active_customers bigint NOT NULL,
    revenue numeric NOT NULL,
    PRIMARY KEY (tenant_id, date, cohort_month, first_channel)
);
COMMENT ON TABLE cohort_days IS 'Orders of each day by the cohort of their person. Read it as attribution_cohorts. Writer: customers.';
COMMENT ON COLUMN cohort_days.tenant_id IS 'Tenant.';
COMMENT ON COLUMN cohort_days.date IS 'The orders'' date in the tenant''s time zone.';
COMMENT ON COLUMN cohort_days.cohort_month IS 'First day of the month of the person''s first order.';
COMMENT ON COLUMN cohort_days.first_channel IS 'Channel that the way to the first order began with; unattributed without one.';
COMMENT ON COLUMN cohort_days.orders IS 'Orders that are not cancelled.';
COMMENT ON COLUMN cohort_days.active_customers IS 'Of these the ones that are their person''s first in their month, so that days add up to customers.';
COMMENT ON COLUMN cohort_days.revenue IS 'Their net, minor units of the reporting currency.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['customer_days_due', 'customer_days', 'cohort_days'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY processor ON %I FOR SELECT TO attributary_processor USING (true)', name);
        EXECUTE format('CREATE POLICY operator ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY analyst ON %I FOR SELECT TO attributary_analyst USING (tenant_id = (SELECT attributary_tenant()))', name);
        EXECUTE format('CREATE POLICY scheduler ON %I TO attributary_scheduler USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT ON %I TO attributary_processor, attributary_analyst', name);
        EXECUTE format('GRANT SELECT, INSERT, DELETE ON %I TO attributary_scheduler', name);
    END LOOP;
END
$$;

CREATE FUNCTION attributary_counts_as_order(state text, status text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT state = 'ready' AND status <> 'cancelled'
$$;
COMMENT ON FUNCTION attributary_counts_as_order(text, text) IS 'Whether a person''s order can be their first.';

-- A row for each conversion as it was (was: whether it counted) and as it is (counts).
CREATE FUNCTION attributary_mark_customers(
    tenants text[], conversions text[], persons text[], times timestamptz[], was boolean[], counts boolean[]
)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
WITH changed AS (
    SELECT *
    FROM unnest(tenants, conversions, persons, times, was, counts)
        AS c (tenant_id, conversion_id, person_id, at, was, counts)
), people AS (
    SELECT
        tenant_id, person_id,
        array_agg(conversion_id) AS ids,
        (array_agg(conversion_id ORDER BY at, conversion_id) FILTER (WHERE was))[1] AS was_id,
        (array_agg(at ORDER BY at, conversion_id) FILTER (WHERE was))[1] AS was_at
    FROM changed
    WHERE person_id IS NOT NULL
    GROUP BY tenant_id, person_id
), moved AS (
    -- Whose first order is another one now: all their orders are of another cohort.
    SELECT p.tenant_id, p.person_id
    FROM people AS p
    LEFT JOIN LATERAL (
        SELECT c.conversion_id, c.converted_at
        FROM conversions AS c
        WHERE c.tenant_id = p.tenant_id COLLATE "C" AND c.person_id = p.person_id COLLATE "C"
            AND attributary_counts_as_order(c.state, c.status)
        ORDER BY c.converted_at, c.conversion_id
        LIMIT 1
    ) AS f ON true
    WHERE NOT CASE
        WHEN f.conversion_id IS NULL THEN p.was_id IS NULL
        WHEN f.conversion_id = ANY (p.ids) THEN
            (p.was_id, p.was_at) IS NOT DISTINCT FROM (f.conversion_id, f.converted_at)
        ELSE p.was_id IS NULL OR (p.was_at, p.was_id COLLATE "C") > (f.converted_at, f.conversion_id)
    END
), marked AS (
    SELECT tenant_id, at FROM changed
    UNION ALL
    SELECT c.tenant_id, c.converted_at
    FROM moved AS m
    JOIN conversions AS c ON c.tenant_id = m.tenant_id COLLATE "C" AND c.person_id = m.person_id COLLATE "C"
    UNION ALL
    -- Whether an order is the first of its month depends on the one before it.
    SELECT c.tenant_id, later.converted_at
    FROM changed AS c
    CROSS JOIN LATERAL (
        SELECT o.converted_at
        FROM conversions AS o
        WHERE o.tenant_id = c.tenant_id COLLATE "C" AND o.person_id = c.person_id COLLATE "C"
            AND (o.converted_at, o.conversion_id) > (c.at, c.conversion_id COLLATE "C")
            AND attributary_counts_as_order(o.state, o.status)
        ORDER BY o.converted_at, o.conversion_id
        LIMIT 1
    ) AS later
)
INSERT INTO customer_days_due (tenant_id, date)
SELECT DISTINCT tenant_id, (at AT TIME ZONE 'UTC')::date FROM marked
$$;
COMMENT ON FUNCTION attributary_mark_customers(text[], text[], text[], timestamptz[], boolean[], boolean[]) IS 'Marks the days whose figures of customers change with these conversions; a row for each as it was, and one as it is.';

CREATE FUNCTION attributary_conversions_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM attributary_mark_customers(
            array_agg(n.tenant_id), array_agg(n.conversion_id), array_agg(n.person_id),
            array_agg(n.converted_at), array_agg(false),
            array_agg(attributary_counts_as_order(n.state, n.status)))
        FROM new_rows AS n HAVING count(*) > 0;
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM attributary_mark_customers(
            array_agg(o.tenant_id), array_agg(o.conversion_id), array_agg(o.person_id),
            array_agg(o.converted_at), array_agg(attributary_counts_as_order(o.state, o.status)),
            array_agg(false))
        FROM old_rows AS o HAVING count(*) > 0;
    ELSE
        PERFORM attributary_mark_customers(
            array_agg(v.tenant_id), array_agg(v.conversion_id), array_agg(v.person_id),
            array_agg(v.converted_at), array_agg(v.was), array_agg(v.counts))
        FROM old_rows AS o
        JOIN new_rows AS n USING (tenant_id, conversion_id)
        CROSS JOIN LATERAL (VALUES
            (o.tenant_id, o.conversion_id, o.person_id, o.converted_at,
                attributary_counts_as_order(o.state, o.status), false),
            (n.tenant_id, n.conversion_id, n.person_id, n.converted_at,
                false, attributary_counts_as_order(n.state, n.status))
        ) AS v (tenant_id, conversion_id, person_id, converted_at, was, counts)
        WHERE (o.person_id, o.converted_at, o.state, o.status, o.currency, o.net,
                attributary_is_told(o.gross, o.folded))
            IS DISTINCT FROM (n.person_id, n.converted_at, n.state, n.status, n.currency, n.net,
                attributary_is_told(n.gross, n.folded))
        HAVING count(*) > 0;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION attributary_conversions_changed() IS 'Trigger of conversions: marks days of customers.';

-- A journey says in which currency's money an order counts, whether it does, and by which channel the
-- way to it began: that of a first order is the cohort of all of its person's. shifted: it is of another
-- month, as another time zone makes it: a first order's cohort, and whether a later one is its month's first.
CREATE FUNCTION attributary_mark_journeys(
    tenants text[], conversions text[], times timestamptz[], begun boolean[], shifted boolean[]
)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
WITH changed AS (
    SELECT *
    FROM unnest(tenants, conversions, times, begun, shifted)
        AS c (tenant_id, conversion_id, at, begun, shifted)
), marked AS (
    SELECT tenant_id, at FROM changed
    UNION ALL
    SELECT every.tenant_id, every.converted_at
    FROM (
        SELECT tenant_id, conversion_id, bool_or(shifted) AS shifted
        FROM changed WHERE begun OR shifted GROUP BY tenant_id, conversion_id
    ) AS c
    JOIN conversions AS own
        ON own.tenant_id = c.tenant_id COLLATE "C" AND own.conversion_id = c.conversion_id COLLATE "C"
    CROSS JOIN LATERAL (
        SELECT f.conversion_id
        FROM conversions AS f
        WHERE f.tenant_id = own.tenant_id AND f.person_id = own.person_id
            AND attributary_counts_as_order(f.state, f.status)
        ORDER BY f.converted_at, f.conversion_id
        LIMIT 1
    ) AS first
    JOIN conversions AS every ON every.tenant_id = own.tenant_id AND every.person_id = own.person_id
    WHERE first.conversion_id = own.conversion_id OR c.shifted
)
INSERT INTO customer_days_due (tenant_id, date)
SELECT DISTINCT tenant_id, (at AT TIME ZONE 'UTC')::date FROM marked
$$;
COMMENT ON FUNCTION attributary_mark_journeys(text[], text[], timestamptz[], boolean[], boolean[]) IS 'Marks the days whose figures of customers change with these journeys; begun: their first channel is another; shifted: their month is.';

CREATE FUNCTION attributary_journeys_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM attributary_mark_journeys(
            array_agg(n.tenant_id), array_agg(n.conversion_id), array_agg(n.converted_at), array_agg(true),
            array_agg(false))
        FROM new_rows AS n HAVING count(*) > 0;
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM attributary_mark_journeys(
            array_agg(o.tenant_id), array_agg(o.conversion_id), array_agg(o.converted_at), array_agg(true),
            array_agg(false))
        FROM old_rows AS o HAVING count(*) > 0;
    ELSE
        PERFORM attributary_mark_journeys(
            array_agg(o.tenant_id), array_agg(o.conversion_id), array_agg(v.at),
            array_agg(split_part(o.path, ' > ', 1) <> split_part(n.path, ' > ', 1)),
            array_agg(date_trunc('month', o.date) <> date_trunc('month', n.date)))
        FROM old_rows AS o
        JOIN new_rows AS n USING (tenant_id, conversion_id)
        CROSS JOIN LATERAL (VALUES (o.converted_at), (n.converted_at)) AS v (at)
        WHERE (o.converted_at, o.date, o.counts, o.revenue, split_part(o.path, ' > ', 1))
            IS DISTINCT FROM (n.converted_at, n.date, n.counts, n.revenue, split_part(n.path, ' > ', 1))
        HAVING count(*) > 0;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION attributary_journeys_changed() IS 'Trigger of journeys: marks days of customers.';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['conversions', 'journeys'] LOOP
        EXECUTE format('CREATE TRIGGER customers_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows'
            ' FOR EACH STATEMENT EXECUTE FUNCTION attributary_%s_changed()', name, name);
        EXECUTE format('CREATE TRIGGER customers_update AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_rows'
            ' NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION attributary_%s_changed()', name, name);
        EXECUTE format('CREATE TRIGGER customers_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows'
            ' FOR EACH STATEMENT EXECUTE FUNCTION attributary_%s_changed()', name, name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY[
        'attributary_mark_customers(text[], text[], text[], timestamptz[], boolean[], boolean[])',
        'attributary_mark_journeys(text[], text[], timestamptz[], boolean[], boolean[])',
        'attributary_conversions_changed()', 'attributary_journeys_changed()']
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', name);
    END LOOP;
END
$$;

-- What there is already.
INSERT INTO customer_days_due (tenant_id, date)
SELECT DISTINCT tenant_id, (converted_at AT TIME ZONE 'UTC')::date FROM conversions;
