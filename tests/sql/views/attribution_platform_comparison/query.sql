SELECT * FROM attribution_platform_comparison WHERE tenant_id = 'acme' AND model = 'linear'
