SELECT * FROM attribution_roas_index WHERE tenant_id = 'acme' AND model = 'linear'
