CREATE VIEW delivery_revenue_at_risk WITH (security_invoker = true) AS
SELECT
    w.tenant_id,
    w.platform,
    w.deadline,
    w.currency,
    count(*) AS deliveries,
    sum(w.value) * attributary_unit(w.currency) AS value,
    min(w.deadline_at) AS first_deadline_at
FROM (
    SELECT
        d.tenant_id,
        d.platform,
        CASE
            WHEN d.deadline_at <= now() + interval '1 hour' THEN 'next_hour'
            WHEN d.deadline_at <= now() + interval '6 hours' THEN 'next_6_hours'
            WHEN d.deadline_at <= now() + interval '24 hours' THEN 'next_24_hours'
            ELSE 'later'
        END AS deadline,
        d.currency,
        d.value,
        d.deadline_at
    FROM deliveries AS d
    WHERE d.state IN ('queued', 'parked') AND d.kind = 'event'
) AS w
GROUP BY w.tenant_id, w.platform, w.deadline, w.currency;

COMMENT ON VIEW delivery_revenue_at_risk IS 'What waits to be told to a platform, by how soon the platform would no longer take it. An order that waits for two platforms is in the rows of both. Example: SELECT platform, deadline, currency, deliveries, value FROM delivery_revenue_at_risk WHERE tenant_id = ''demo'' ORDER BY first_deadline_at.';
COMMENT ON COLUMN delivery_revenue_at_risk.tenant_id IS 'Tenant.';
COMMENT ON COLUMN delivery_revenue_at_risk.platform IS 'Destination.';
COMMENT ON COLUMN delivery_revenue_at_risk.deadline IS 'next_hour, next_6_hours (and not the next one), next_24_hours (and not the next six) or later.';
COMMENT ON COLUMN delivery_revenue_at_risk.currency IS 'ISO 4217 code; null for events without a value.';
COMMENT ON COLUMN delivery_revenue_at_risk.deliveries IS 'Deliveries that are queued or parked.';
COMMENT ON COLUMN delivery_revenue_at_risk.value IS 'Sum of what they would tell.';
COMMENT ON COLUMN delivery_revenue_at_risk.first_deadline_at IS 'When the first of them expires.';

GRANT SELECT ON delivery_revenue_at_risk TO attributary_analyst, attributary_processor;
