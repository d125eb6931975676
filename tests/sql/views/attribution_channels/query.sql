SELECT * FROM attribution_channels
WHERE tenant_id = 'acme' AND basis = 'cash' AND model = 'linear' AND attribution_window = '30d'
