SELECT * FROM attributary_benchmark_figures('acme', '2026-02-01', '2026-02-28')
