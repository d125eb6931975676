-- Asked at each answer: which refunds ended because this purchase had not been accepted.
CREATE INDEX deliveries_revivable ON deliveries (platform, tenant_id, after_event_id)
    WHERE state = 'filtered' AND error = 'conversion_not_accepted';
