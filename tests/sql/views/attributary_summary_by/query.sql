SELECT * FROM attributary_summary_by('acme', 'month', '2026-01-01', '2026-02-28', 'accrual') WHERE model = 'linear'
