SELECT * FROM attributary_overview_by('acme', '27d', '2026-01-10', '2026-02-28') WHERE model = 'linear'
