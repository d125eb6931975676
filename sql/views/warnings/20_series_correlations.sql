CREATE VIEW series_correlations WITH (security_invoker = true) AS
SELECT
    tenant_id,
    series,
    basis,
    platform,
    other_platform,
    lag_days,
    n,
    pearson,
    spearman
FROM daily_correlations;
COMMENT ON VIEW series_correlations IS 'How the daily figures of two platforms go together over the last 90 days, on the same day and up to a week apart, where there are 14 days of both; as of the latest run of analytics/series-correlations. Two series with a week or a trend correlate for that alone: weekly_change has neither. Correlation is no cause. Example: SELECT platform, other_platform, lag_days, n, spearman FROM series_correlations WHERE tenant_id = ''demo'' AND series = ''delivery_success_rate'' AND basis = ''weekly_change'' ORDER BY abs(spearman) DESC NULLS LAST LIMIT 10.';
COMMENT ON COLUMN series_correlations.tenant_id IS 'Tenant.';
COMMENT ON COLUMN series_correlations.series IS 'Which figure, as in daily_series.';
COMMENT ON COLUMN series_correlations.basis IS 'level: the figures as they are; weekly_change: each less that of a week before.';
COMMENT ON COLUMN series_correlations.platform IS 'The platform that goes before, where there is a lag.';
COMMENT ON COLUMN series_correlations.other_platform IS 'The platform that follows.';
COMMENT ON COLUMN series_correlations.lag_days IS 'By how many days, 0 to 7; on the same day a pair stands once.';
COMMENT ON COLUMN series_correlations.n IS 'Pairs of days.';
COMMENT ON COLUMN series_correlations.pearson IS 'Pearson''s r, -1 to 1; null where one of the two never changes.';
COMMENT ON COLUMN series_correlations.spearman IS 'Spearman''s rho, -1 to 1: r of the ranks of the days among the 90, so that no outlier makes it; null as above.';
GRANT SELECT ON series_correlations TO attributary_analyst, attributary_processor;

CREATE VIEW forecast_accuracy WITH (security_invoker = true) AS
SELECT
    f.tenant_id,
    f.series,
    f.platform,
    f.date - f.made_on AS days_ahead,
    count(*) AS n,
    round(avg((s.value BETWEEN f.low_80 AND f.high_80)::integer), 4) AS held_80,
    round(avg((s.value BETWEEN f.low_95 AND f.high_95)::integer), 4) AS held_95,
    round(avg(abs(s.value - f.expected)), 4) AS mean_error,
    round(avg(s.value - f.expected), 4) AS bias
FROM forecasts AS f
JOIN daily_series AS s
    ON s.tenant_id = f.tenant_id AND s.series = f.series AND s.platform = f.platform
    AND s.date = f.date
GROUP BY f.tenant_id, f.series, f.platform, f.date - f.made_on;
COMMENT ON VIEW forecast_accuracy IS 'How the forecasts of the last weeks did, now that their days are over: an interval of 80 % should have held 80 % of them. Example: SELECT series, platform, days_ahead, n, held_80, held_95 FROM forecast_accuracy WHERE tenant_id = ''demo'' AND series = ''orders'' ORDER BY days_ahead.';
COMMENT ON COLUMN forecast_accuracy.tenant_id IS 'Tenant.';
COMMENT ON COLUMN forecast_accuracy.series IS 'As in daily_series.';
COMMENT ON COLUMN forecast_accuracy.platform IS 'As in daily_series.';
COMMENT ON COLUMN forecast_accuracy.days_ahead IS 'How far ahead it was made.';
COMMENT ON COLUMN forecast_accuracy.n IS 'Forecasts whose day is over and has a figure.';
COMMENT ON COLUMN forecast_accuracy.held_80 IS 'Share of them that the interval of 80 % held.';
COMMENT ON COLUMN forecast_accuracy.held_95 IS 'Share of them that the interval of 95 % held.';
COMMENT ON COLUMN forecast_accuracy.mean_error IS 'Mean absolute error, in the unit of the series.';
COMMENT ON COLUMN forecast_accuracy.bias IS 'Mean of what came less what was forecast.';
GRANT SELECT ON forecast_accuracy TO attributary_analyst, attributary_processor;
