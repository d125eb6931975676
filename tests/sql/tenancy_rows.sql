-- Rows of the tenant $1 in every table that the processors' own stage leaves empty.
INSERT INTO api_keys (key_sha256, tenant_id, kind) VALUES (md5($1), $1, 'server');
INSERT INTO users (email, password_hash, role) VALUES ($1 || '@example.com', 'hash', 'viewer');
INSERT INTO user_tenants VALUES ($1, $1 || '@example.com');
INSERT INTO connection_attempts VALUES (md5($1), $1, 'meta', 'encrypted', 'https://x', now());
INSERT INTO connection_checks VALUES ($1, 'meta', 'healthy', 'ok', 'probe', now(), now());
INSERT INTO platform_match_quality VALUES ($1, 'meta', '1', 6.2, '{}', now());
INSERT INTO ad_changes (tenant_id, platform, account_id, change_id, changed_at, resource_type,
    resource_name, operation, changed_fields, old_values, new_values, read_at)
    VALUES ($1, 'google_ads', '1', '1~0~0', now(), 'CAMPAIGN', 'c/7', 'UPDATE', '{status}', '{}',
    '{}', now());
INSERT INTO ad_recommendations (tenant_id, platform, account_id, recommendation_id, kind, dismissed,
    weekly, potential, first_seen_at, last_seen_at)
    VALUES ($1, 'google_ads', '1', 'r', 'KEYWORD', false, '{}', '{}', now(), now());
INSERT INTO webhook_sources VALUES ('shopify', $1 || '.example.com', $1, 'encrypted');
INSERT INTO audit_log (tenant_id, actor, action) VALUES ($1, 'operator', 'tenant');
INSERT INTO deliveries (tenant_id, platform, event_id, kind, event_name, occurred_at, state,
    next_attempt_at, deadline_at, error, payload, first_attempt_at)
    SELECT $1, 'meta', 'e', 'event', 'Lead', now(), 'parked', now(), now(), 'refused', '{}', now();
INSERT INTO delivery_dlq SELECT $1, 'meta', 'e', 'event', 'rejected', 'refused', 1, now();
INSERT INTO capi_delivery_log SELECT $1, 'meta', 'e', 'event', 'Lead', NULL, 1, 'retry', 500, NULL,
    'digest', NULL, 12, now();
INSERT INTO deliveries (tenant_id, platform, event_id, kind, event_name, occurred_at, state,
    next_attempt_at, deadline_at, finished_at) VALUES
    ($1, 'meta', 's', 'event', 'Lead', now(), 'sent', now(), now(), now());
INSERT INTO delivery_circuit_openings VALUES ($1, 'meta', 'fanout-0', now(), now());
INSERT INTO delivery_receipts (tenant_id, platform, receipt, sent_at, next_at, event_ids, kinds,
    attempts) VALUES ($1, 'google_ads', 'r', now(), now(), '{s}', '{event}', '{1}');
INSERT INTO delivery_gates VALUES ($1, 'meta', 99, now(), 1);
INSERT INTO delivery_consent_log (tenant_id, platform, event_id, kind, action, reason, attempts, at)
    VALUES ($1, 'meta', 'f', 'event', 'stopped', 'suppressed', 0, now());
INSERT INTO platform_connections VALUES ($1, 'google_ads', '123', '', true);
INSERT INTO platform_connections VALUES ($1, 'tiktok', 'C0', '', true);
INSERT INTO order_reconciliation VALUES ($1, now(), now(), false, 1, 1, 0, 0, 0, 0, 'clean');
INSERT INTO survey_cursors VALUES ($1, 'fairing', 'r', now());
INSERT INTO spend_reports VALUES ($1, 'meta', '1', 'q', 'r', now());
INSERT INTO spend_readings VALUES ($1, 'meta', '1', 'campaign', 'meta', now(), now());
INSERT INTO spend_backfills VALUES ($1, 'meta', '1', 'ad', now(), now(), NULL, 0, now());
INSERT INTO daily_spend (tenant_id, source, account_id, date, platform, subject, channel, campaign,
    campaign_id, currency, amount, reported_at)
    SELECT $1, 'none', '1', now(), name, 'id:1', 'paid_social', 'x', '1', 'USD', 1, 1
    FROM unnest('{meta,google,tiktok}'::text[]) AS name;
INSERT INTO daily_ad_spend (tenant_id, source, account_id, date, platform, ad_id, channel, campaign,
    currency, amount, reported_at)
    VALUES ($1, 'none', '1', now(), 'meta', 'x', 'paid_social', '', 'USD', 1, 1);
INSERT INTO daily_ad_spend (tenant_id, source, account_id, date, platform, ad_id, channel, campaign,
    currency, amount, impressions, clicks, reported_at)
    SELECT $1, 'none', '1', day, 'meta', 'old', 'paid_social', '', 'USD', 1, 1000, 9, 1
    FROM generate_series(current_date - 20, current_date, '1 day') AS day;
INSERT INTO creative_assets
    VALUES ($1, 'meta', '1', 'old', 'c', 'k', 'Old', 'video', 't', 'b', 'https://x', 'https://y',
    now(), now());
INSERT INTO creative_fatigue_alerts
    VALUES ($1, current_date, 'meta', '1', 'old', 60, 'tired', 'ctr', now());
INSERT INTO creative_saved_views
    VALUES ($1, 'best', 'Best', '{}', '{ad,roas}', '-roas', 'a', now());
INSERT INTO order_refunds VALUES ($1, 'none', 'refund', 1) ON CONFLICT DO NOTHING;
INSERT INTO identity_unlinks VALUES ($1, 'a', 'b', false, 1, 'k') ON CONFLICT DO NOTHING;
INSERT INTO identity_nodes VALUES ($1, 'device:x', 'device:x', true) ON CONFLICT DO NOTHING;
INSERT INTO identity_nodes VALUES ($1, 'visitor:y', 'visitor:y', false) ON CONFLICT DO NOTHING;
INSERT INTO attribution_touchpoints (tenant_id, touchpoint_id, event_id, anchor, occurred_at,
    received_at, late, touchpoint_type, channel, platform, campaign, rules_version, content_hash)
    SELECT $1, 'open', 'open', 'visitor:y', now(), now(), false, 'click', 'email', 'klaviyo', '',
    '1', 'h';
INSERT INTO identity_dirty (tenant_id, node) VALUES ($1, '*');
INSERT INTO conversions_due (tenant_id, conversion_id) VALUES ($1, 'c') ON CONFLICT DO NOTHING;
INSERT INTO consent_flags VALUES ($1, 'visitor:x', 'ad_storage', 'denied', 1, 'k'),
    ($1, 'visitor:x', 'processing', 'denied', 1, 'k')
ON CONFLICT DO NOTHING;
INSERT INTO fx_rates VALUES ($1, 'NOK', 'USD', '2026-01-01', 0.1, 1, 'k') ON CONFLICT DO NOTHING;
INSERT INTO tenant_settings VALUES ($1, 'note', 'x', 1, 'k') ON CONFLICT DO NOTHING;
INSERT INTO channel_rule_passes VALUES ($1, '') ON CONFLICT DO NOTHING;
INSERT INTO influencers VALUES ($1, 'one', 'One', '{spring10,vip}', '{ada}', 0.1, false, 1, 'k');
INSERT INTO attribution_models VALUES ($1, 1, 'k', 0, 'untrained', 'data_driven', '');
INSERT INTO attribution_trainings (tenant_id, trained_at, state, reason, removal) VALUES
    ($1, now(), 'insufficient_data', 'few', '[{"channel": "email", "effect": 1, "share": 1}]');
INSERT INTO attribution_training_checkpoints
    VALUES ($1, 1, '{}', '', 0, '{}', '{}', '{}', '{}', '{}', '{}', '{}');
INSERT INTO attribution_transitions VALUES ($1, '2026-01-01', '(start)', 'email', 1);
INSERT INTO shadow_runs
    VALUES ($1, 'run', 'x', NULL, NULL, '{}', NULL, NULL, 'v', 0, 'USD', 'complete', 1);
INSERT INTO shadow_ranges VALUES ($1, 'run', 0, NULL, '', 1, true);
INSERT INTO shadow_credit_rows VALUES ($1, 'run', 'c', 'untrained', '{}', NULL, 'ready', true,
    '2026-01-01', 'USD', 'USD', 1, 1, '{t}', '{2026-01-01}', '{email}', '{other}', '{""}', '{0}',
    array_fill(1, ARRAY[56]), array_fill(1, ARRAY[56]), NULL);
INSERT INTO shadow_cells SELECT $1, 'run', 'shadow', 'cash', '2026-01-01', 'email', 'other', 0,
    a, a, a FROM (SELECT array_fill(1::bigint, ARRAY[56])) AS filled (a);
INSERT INTO pixel_alert_configs VALUES ($1, 'a', 'retry_rate', '', 'above', 0.05, 20, 60, 60,
    '{ops@example.com}', 'https://x', 'encrypted');
INSERT INTO alert_incidents VALUES ($1, 'i', 'a', 'meta', 'retry_rate', 'above', 0.05, now(), 1, 1,
    20, now());
INSERT INTO alert_notifications VALUES ($1, 'n', 'i', 'a', 'started', 'email', 'ops@example.com',
    '{}', 'pending', 0, now(), now());
INSERT INTO daily_series SELECT $1, 'orders', platform, current_date - age, age
    FROM generate_series(0, 30) AS age, unnest(ARRAY['meta', 'tiktok']) AS platform;
INSERT INTO daily_correlations
    VALUES ($1, 'orders', 'level', 'meta', 'tiktok', 1, 30, 1, 1);
INSERT INTO anomalies VALUES ($1, 'orders', '', '2026-01-01', 1, 9, 5, 13, -8, now());
INSERT INTO forecasts
    VALUES ($1, 'orders', 'meta', current_date - 2, current_date - 1, 1, 1, 1, 1, 1);
INSERT INTO journeys (tenant_id, conversion_id, converted_at, revenue, date, counts, path, steps,
    touches, seconds, path_starts, steps_starts)
    SELECT $1, 'recent', now(), 1, current_date, true, '', '', a, a, a, a
    FROM (SELECT array_fill(0, ARRAY[8])) AS none (a);
INSERT INTO credit_rows VALUES ($1, 'recent', 'untrained', '{}', 'unattributed', true, current_date,
    'USD', 'USD', 1, 1, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}');
INSERT INTO customer_days VALUES ($1, '2020-01-01', 'new', 1, 1);
INSERT INTO cohort_days VALUES ($1, '2020-01-01', '2020-01-01', 'email', 1, 1, 1);
INSERT INTO emq_measurements VALUES
    ($1, current_date, 'meta', '1', 80, 6, 9, 8, 10, 9, 'good', 90, 80, 70, 80, 90);
INSERT INTO emq_parameter_scores VALUES ($1, current_date, 'meta', 'phone', 10, 4, 1.2);
INSERT INTO conversion_latency_stats VALUES ($1, current_date, 'meta', 'Lead', 1, 9, 9, 9, 9);
INSERT INTO fact_signal_health_daily VALUES ($1, current_date, 'meta', 'ok', 80, 5, 0.5, 0);
INSERT INTO attribution_data_quality_snapshots
    VALUES ($1, current_date, 2, 1, 1, 50, 1, 1, 1, 1, 1);
INSERT INTO competitor_benchmarks VALUES ($1, 'x', 'toys', 'mer', '', '', '2026-01-01',
    '2026-01-31', 1, 2, 3, 9);
INSERT INTO customer_ltv_models (tenant_id, fitted_on, method, horizon_days, step_days, currency,
    customers, repeat_customers, rate, weight, value, fitted_at)
    VALUES ($1, current_date, 'shrunk_rate', 365, 1, 'USD', 1, 0, 0, 9, 9, now());
INSERT INTO customer_ltv_predictions (tenant_id, person_id, as_of, fitted_on, method, horizon_days,
    currency, first_order_on, last_order_on, orders, frequency, recency_days, age_days, revenue,
    expected_purchases, expected_value, predicted_revenue)
    VALUES ($1, 'visitor:y', current_date, current_date, 'shrunk_rate', 365, 'USD', current_date,
    current_date, 1, 0, 0, 0, 9, 0.1, 9, 0.9);
INSERT INTO offline_reports
    SELECT $1, 'new', 'k', 1, 'New', NULL, 'conversions', 'processing', 0, 0, now(), NULL
;
INSERT INTO conservation_offsets VALUES ('g', 't', 0, 0, 2, 3, true, NULL, now())
ON CONFLICT DO NOTHING;
INSERT INTO conservation_counts VALUES ($1, 'g', 't', 0, '2026-01-01', 3, 2, 1);
INSERT INTO person_keys VALUES ($1, 's', 'k', decode(repeat('00', 32), 'hex'), 0, false);
INSERT INTO person_erasures (tenant_id, erasure_id, erased_at, reason, subjects)
    VALUES ($1, 'e', 0, '', '{s}');
INSERT INTO erased_ids VALUES ($1, 's', 0);
INSERT INTO erased_records VALUES ($1, 'r', 0);
INSERT INTO erasure_turns VALUES ($1, 1) ON CONFLICT DO NOTHING
