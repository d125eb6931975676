SELECT *, round(extract(epoch FROM date_trunc('hour', now()) - hour) / 3600) AS hours_ago
FROM attribution_realtime_traffic
