SELECT * FROM creative_performance WHERE tenant_id = 'acme' AND model = 'linear' AND (spend > 0 OR revenue > 0)
