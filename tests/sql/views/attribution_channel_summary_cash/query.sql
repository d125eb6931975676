SELECT * FROM attribution_channel_summary_cash WHERE tenant_id = 'acme' AND model = 'last_touch'
