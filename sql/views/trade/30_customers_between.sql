DROP FUNCTION IF EXISTS attributary_customers(text, text, text, date);
CREATE FUNCTION attributary_customers(of_tenant text, after text, until text, last_day date)
RETURNS TABLE (
    person_id text, orders integer, frequency integer, first_on date, last_on date,
    recency_days integer, age_days integer, value numeric, revenue bigint, first_id text
)
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
SELECT
    d.person_id,
    sum(d.orders)::integer,
    count(*)::integer - 1,
    min(d.day),
    max(d.day),
    max(d.day) - min(d.day),
    last_day - min(d.day),
    (sum(d.revenue) - (array_agg(d.revenue ORDER BY d.day))[1]) / nullif(count(*) - 1, 0),
    sum(d.revenue)::bigint,
    (array_agg(d.first_id ORDER BY d.day))[1]
FROM (
    SELECT
        o.person_id,
        o.day,
        count(*) AS orders,
        sum(o.revenue) AS revenue,
        (array_agg(o.conversion_id ORDER BY o.converted_at, o.conversion_id))[1] AS first_id
    FROM (
        SELECT
            c.person_id,
            c.conversion_id,
            c.converted_at,
            (c.converted_at AT TIME ZONE s.time_zone)::date AS day,
            CASE
                WHEN c.currency = s.currency THEN c.net
                ELSE (
                    SELECT j.revenue FROM journeys AS j
                    WHERE j.tenant_id = c.tenant_id AND j.conversion_id = c.conversion_id
                )
            END AS revenue
        FROM attribution_settings AS s
        JOIN conversions AS c
            ON c.tenant_id = s.tenant_id
            AND c.person_id > after
            AND c.person_id <= until
            AND c.converted_at < (last_day + 1)::timestamp AT TIME ZONE s.time_zone
        WHERE s.tenant_id = of_tenant
            AND c.state = 'ready'
            AND c.status <> 'cancelled'
            AND c.net > 0
            AND c.person_id NOT IN (
                SELECT n.person_id
                FROM consent_flags AS f
                JOIN identity_nodes AS n ON n.tenant_id = f.tenant_id AND n.node = f.node
                WHERE f.tenant_id = of_tenant AND f.flag = 'processing' AND f.value = 'denied'
            )
    ) AS o
    WHERE o.revenue > 0
    GROUP BY o.person_id, o.day
) AS d
GROUP BY d.person_id
$$;
COMMENT ON FUNCTION attributary_customers(text, text, text, date) IS 'Customers of a tenant whose person is after one id and not after another, by their orders until the end of a day: orders, days with a purchase after the first, their first and last day and the times between them, the mean of what those days brought (minor units of the reporting currency) and the sum of all, and the first order. Suppressed people are none.';
GRANT EXECUTE ON FUNCTION attributary_customers(text, text, text, date) TO attributary_scheduler;
