"""The pages by their names, those of `/admin/attribution/` and `/admin/integrations/`, and what is
shown on each: `/api/v1/analytics/{page}` is its first view, `?view=` one of the others."""

from typing import Final

PAGES: Final[dict[str, tuple[str, ...]]] = {
    "overview": (
        "attribution_overview", "attributary_overview_by", "attribution_channel_summary",
        "attribution_channel_summary_cash", "attributary_summary_by",
        "attribution_platform_comparison", "attribution_customers", "attribution_realtime",
        "attribution_realtime_traffic",
    ),
    "settings": ("attribution_settings",),
    "data-quality": (
        "attribution_data_quality", "attribution_coverage", "identity_coverage",
        "deduplication_quality", "quality_coverage", "delivery_reconciliation",
        "attribution_order_reconciliation", "attribution_unattributed_orders", "attribution_bots",
        "alert_incidents",
    ),
    "setup": (
        "attribution_platform_connections", "connection_health", "pixel_health", "spend_freshness",
        "attribution_order_reconciliation",
    ),
    "products": ("attribution_products", "order_line_items"),
    "creatives": (
        "creative_performance", "creatives", "creative_fatigue", "creative_fatigue_alerts",
        "attribution_ad_spend_facts",
    ),
    "cohorts": (
        "attribution_cohorts", "attribution_customers", "attribution_ltv", "attribution_benchmarks",
    ),
    "roas-index": ("attribution_roas_index", "attributary_summary_by"),
    "model-comparison": (
        "attribution_model_comparison", "attribution_model_versions",
        "attribution_model_trainings", "attribution_removal_effects",
    ),
    "journeys": (
        "attribution_journeys", "attribution_journey_touches", "attribution_journeys_open",
        "attribution_explanations", "attribution_results", "attribution_top_paths_of",
        "attribution_top_paths", "attribution_path_lengths", "attribution_assists",
    ),
    "pixels": (
        "pixel_health", "pixel_event_log", "pixel_failures", "emq_score_history",
        "emq_parameter_scores", "emq_advice", "conversion_latency", "dedupe_quality",
        "signal_health", "signal_health_summary", "delivery_parity", "meta_ad_connections",
    ),
    "platforms": (
        "attribution_platform_connections", "connection_health", "delivery_health",
        "platform_daily_spend", "spend_freshness",
    ),
    "channels": (
        "attribution_channels", "attribution_channel_customers", "attribution_campaign_summary",
        "attribution_campaign_roas", "attribution_view_through", "attribution_platform_reach",
    ),
    "influencers": (
        "attribution_influencer_metrics", "attribution_influencers",
        "attribution_influencer_orders",
    ),
    "meta-ads": ("meta_ad_connections", "meta_daily_spend"),
    "tiktok-ads": ("tiktok_connections", "tiktok_daily_spend"),
}  # fmt: skip

LATER: Final = ("mmm", "ai-insights")
"""Pages whose figures nothing makes yet."""
