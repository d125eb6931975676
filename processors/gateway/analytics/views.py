"""The views that may be asked for, and in which order their rows come.

The names are those of `sql/views` and of tables that analysts read; a test fails for a view that is
neither here nor left out with a reason. Rows of an order that is not complete could come on two
pages or on none, so each order ends with what makes a row unique.
"""

from typing import Final

from processors.gateway.analytics.functions import FUNCTIONS
from processors.gateway.analytics.view import View

_CELL: Final = ("model", "attribution_window")
_PLACE: Final = ("channel", "platform", *_CELL)
_SPENT: Final = ("platform", "source", "account_id", "campaign_id", "campaign_name", "channel")
_SPENT_THERE: Final = _SPENT[1:]
_WINDOW: Final = {"attribution_window": "30d"}
_ONE: Final = {"model": "linear", **_WINDOW}

VIEWS: Final[dict[str, View]] = {
    "alert_incidents": View("started_at", ("incident_id",)),
    "anomalies": View("date", ("series", "platform")),
    "attribution_ad_spend_facts": View("date", ("platform", "source", "account_id", "ad_id")),
    "attribution_assists": View("date", ("channel", "attribution_window"), assumed=_WINDOW),
    "attribution_benchmarks": View(
        "period_start", ("source", "industry", "metric", "platform", "currency"), back=400
    ),
    "attribution_bots": View("date", ("record",)),
    "attribution_campaign_matches": View(keys=("platform", "touch_campaign")),
    "attribution_campaign_roas": View("date", ("platform", "campaign_id", *_CELL), assumed=_ONE),
    "attribution_campaign_summary": View("date", ("campaign", *_PLACE), assumed=_ONE),
    "attribution_channel_customers": View("date", _PLACE, assumed=_ONE),
    "attribution_channel_summary": View("date", _PLACE, assumed=_ONE),
    "attribution_channel_summary_cash": View("date", _PLACE, assumed=_ONE),
    "attribution_channels": View(
        "date", ("basis", "level", "campaign", *_PLACE), assumed={**_ONE, "basis": "accrual"}
    ),
    "attribution_cohort_orders": View("date", ("cohort_month", "first_channel")),
    "attribution_cohorts": View("cohort_month", ("first_channel", "months_since"), back=366),
    "attribution_conversions": View("converted_at", ("conversion_id",)),
    "attribution_coverage": View("date"),
    "attribution_customer_orders": View("date", ("segment",)),
    "attribution_customers": View("date"),
    "attribution_data_quality": View("snapshot_date"),
    "attribution_explanations": View(
        keys=("conversion_id", *_CELL, "place", "touchpoint_id"), needs="conversion_id"
    ),
    "attribution_influencer_metrics": View(keys=("influencer_id", "currency")),
    "attribution_influencer_orders": View("converted_at", ("conversion_id", "influencer_id")),
    "attribution_influencers": View(keys=("influencer_id",)),
    "attribution_journey_touches": View(keys=("conversion_id", "place"), needs="conversion_id"),
    "attribution_journeys": View("date", ("conversion_id",)),
    "attribution_journeys_open": View("last_touch_at", ("person_id",)),
    "attribution_ltv": View("cohort_month", ("first_channel",), back=400),
    "attribution_model_comparison": View("date", _PLACE, assumed=_WINDOW),
    "attribution_model_trainings": View("trained_at"),
    "attribution_model_versions": View(keys=("model", "version", "applies_from", "command_id")),
    "attribution_order_reconciliation": View("run_at", ("since",)),
    "attribution_overview": View("date", _CELL, assumed=_ONE),
    "attribution_path_lengths": View(
        "date", ("attribution_window", "measure", "bucket_order"), assumed=_WINDOW
    ),
    "attribution_platform_comparison": View("date", ("platform", *_CELL), assumed=_ONE),
    "attribution_platform_connections": View(keys=("platform",)),
    "attribution_platform_reach": View("date", ("platform", "campaign", *_CELL), assumed=_ONE),
    "attribution_products": View("date", ("product_id", *_PLACE), assumed=_ONE),
    "attribution_realtime": View("hour", _PLACE, assumed=_ONE),
    "attribution_realtime_traffic": View("hour", ("channel", "platform")),
    "attribution_removal_effects": View(keys=("channel",)),
    "attribution_results": View(
        keys=("conversion_id", "touchpoint_id", *_CELL), needs="conversion_id"
    ),
    "attribution_roas_index": View("date", _PLACE, assumed=_ONE),
    "attribution_settings": View(),
    "attribution_shadow_difference": View(
        keys=("run_id", *_PLACE), needs="run_id", assumed=_ONE
    ),
    "attribution_shadow_results": View(
        keys=("run_id", "conversion_id", "touchpoint_id", *_CELL), needs="run_id", assumed=_ONE
    ),
    "attribution_shadow_runs": View("started_at", ("run_id",)),
    "attribution_shadow_summary": View(
        "date", ("run_id", "basis", *_PLACE), needs="run_id", assumed=_ONE
    ),
    "attribution_spend_facts": View(
        "date", ("platform", "source", "account_id", "subject", "channel", "campaign")
    ),
    "attribution_survey": View(
        "answered_at", ("provider", "response_id", "model", "credited_channel"),
        assumed={"model": "linear"},
    ),
    "attribution_survey_answers": View("answered_at", ("provider", "response_id")),
    "attribution_survey_summary": View(keys=("model", "channel"), assumed={"model": "linear"}),
    "attribution_top_paths": View("date", ("attribution_window", "path"), assumed=_WINDOW),
    "attribution_unattributed_orders": View("converted_at", ("conversion_id",)),
    "attribution_view_through": View("date", ("touchpoint_type", *_PLACE), assumed=_ONE),
    "connection_health": View(keys=("platform",)),
    "conservation_ledger": View("day", ("consumer_group", "topic")),
    "conversion_latencies": View("occurred_at", ("platform", "event_id")),
    "conversion_latency": View("period_date", ("platform", "event_type")),
    "conversion_latency_stats": View("period_date", ("platform", "event_type")),
    "creative_fatigue": View("date", ("platform", "account_id", "ad_id")),
    "creative_fatigue_alerts": View("date", ("platform", "account_id", "ad_id")),
    "creative_performance": View("date", ("platform", "ad_id", *_CELL), assumed=_ONE),
    "creatives": View(keys=("platform", "account_id", "ad_id")),
    "daily_series": View("date", ("series", "platform")),
    "dedupe_quality": View(
        "measurement_date", ("platform", "deduplication_quality", "events_received")
    ),
    "deduplication_quality": View("date"),
    "delivery_dead_letters": View(keys=("platform", "reason", "answer", "age", "replay")),
    "delivery_failed_platforms": View("date"),
    "delivery_health": View("date", ("platform",)),
    "delivery_legs": View("date", ("leg",)),
    "delivery_log": View("created_at", ("platform", "event_id", "kind", "attempt")),
    "delivery_parity": View("date", ("platform",)),
    "delivery_parity_events": View("occurred_at", ("platform", "event_id", "browser_event_id")),
    "delivery_reconciliation": View("date", ("platform",)),
    "delivery_revenue_at_risk": View(keys=("platform", "deadline", "currency")),
    "emq_advice": View(keys=("platform", "place")),
    "emq_measurements": View("measurement_date", ("platform", "pixel_id")),
    "emq_parameter_scores": View("measurement_date", ("platform", "parameter")),
    "emq_score_history": View("measurement_date", ("platform", "pixel_id")),
    "fact_signal_health_daily": View("date", ("platform",)),
    "forecast_accuracy": View(keys=("series", "platform", "days_ahead")),
    "forecasts": View("date", ("series", "platform", "made_on"), ahead=90),
    "google_ads_changes": View("changed_at", ("account_id", "change_id")),
    "google_ads_connections": View(keys=("customer_id",)),
    "google_ads_recommendations": View("last_seen_at", ("account_id", "recommendation_id")),
    "google_daily_spend": View("date", _SPENT_THERE),
    "identity_coverage": View("date", ("record",)),
    "meta_ad_connections": View(keys=("pixel_id",)),
    "meta_daily_spend": View("date", _SPENT_THERE),
    "offline_batches": View("created_at", ("batch_id",)),
    "offline_conversion_batches": View("created_at", ("id",)),
    "offline_conversions": View("created_at", ("batch_id", "row_number", "conversion_id")),
    "order_line_items": View("ordered_at", ("id", "position")),
    "orders": View("ordered_at", ("id",)),
    "pixel_event_log": View("occurred_at", ("event_id",)),
    "pixel_failures": View("failed_at", ("platform", "platform_event_id", "is_final")),
    "pixel_health": View("date", ("platform",)),
    "platform_daily_spend": View("date", _SPENT),
    "quality_coverage": View("date", ("table_name", "metric")),
    "series_correlations": View(keys=("series", "basis", "platform", "other_platform", "lag_days")),
    "signal_health": View("date", ("platform",)),
    "signal_health_summary": View(keys=("platform",)),
    "spend_freshness": View(keys=("platform", "account_id", "level")),
    "tiktok_connections": View(keys=("pixel_code",)),
    "tiktok_daily_spend": View("date", _SPENT_THERE),
    **FUNCTIONS,
}  # fmt: skip
