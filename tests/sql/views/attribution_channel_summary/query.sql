SELECT * FROM attribution_channel_summary WHERE tenant_id = 'acme' AND model = 'linear'
