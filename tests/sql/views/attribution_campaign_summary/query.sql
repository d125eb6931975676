SELECT campaign, sum(revenue) AS revenue, sum(spend) AS spend
FROM attribution_campaign_summary
WHERE tenant_id = 'acme' AND model = 'linear' AND attribution_window = '30d'
GROUP BY campaign
