SELECT * FROM attribution_products WHERE tenant_id = 'acme' AND model = 'linear'
