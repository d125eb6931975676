SELECT * FROM attribution_channel_customers WHERE tenant_id = 'acme' AND model = 'linear'
