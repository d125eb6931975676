SELECT * FROM attribution_model_comparison WHERE tenant_id = 'acme' AND date = '2026-01-10'
