"""The scheduler's own knobs: cadences, how far jobs look back, and how it leads."""

from typing import Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings

MINUTE: Final = 60
HOUR: Final = 3_600
DAY: Final = 86_400


class ScheduleSettings(Settings):
    """Cadences are seconds; slots are multiples of them since the epoch: daily is midnight UTC."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_SCHEDULE_")

    gateway_url: str = Field("", validation_alias="GATEWAY_URL")
    role: str | None = "attributary_scheduler"

    reconciliation_seconds: int = Field(DAY, ge=1)
    unattributed_seconds: int = Field(HOUR, ge=1)
    recalculation_seconds: int = Field(DAY, ge=1)
    webhook_queue_seconds: int = Field(HOUR, ge=1)
    fairing_seconds: int = Field(15 * MINUTE, ge=1)
    vta_seconds: int = Field(DAY, ge=1)
    spend_seconds: int = Field(15 * MINUTE, ge=1)
    campaigns_seconds: int = Field(HOUR, ge=1)
    spend_today_seconds: int = Field(5 * MINUTE, ge=1)
    match_seconds: int = Field(15 * MINUTE, ge=1)
    connections_seconds: int = Field(15 * MINUTE, ge=1)
    match_quality_seconds: int = Field(6 * HOUR, ge=1)
    latency_seconds: int = Field(HOUR, ge=1)
    pipeline_seconds: int = Field(30 * MINUTE, ge=1)
    snapshot_seconds: int = Field(DAY, ge=1)
    quality_days: int = Field(3, ge=1, description="measured again, since outcomes come late")
    training_seconds: int = Field(7 * DAY, ge=1)
    google_changes_seconds: int = Field(15 * MINUTE, ge=1)
    google_recommendations_seconds: int = Field(DAY, ge=1)
    alerts_seconds: int = Field(5 * MINUTE, ge=1)
    anomalies_seconds: int = Field(DAY, ge=1)
    correlations_seconds: int = Field(DAY, ge=1)
    forecasts_seconds: int = Field(DAY, ge=1)
    fatigue_seconds: int = Field(DAY, ge=1)
    benchmarks_seconds: int = Field(6 * HOUR, ge=1)
    ltv_seconds: int = Field(DAY, ge=1)
    daily_metrics_seconds: int = Field(HOUR, ge=1)
    audit_seconds: int = Field(MINUTE, ge=1)
    cleanup_seconds: int = Field(DAY, ge=1)
    partitions_seconds: int = Field(DAY, ge=1)
    merge_seconds: int = Field(DAY, ge=1)
    customers_seconds: int = Field(MINUTE, ge=1)
    conservation_seconds: int = Field(5 * MINUTE, ge=1)

    at_once: dict[str, int] = Field(
        {"default": 8, "rules": 2, "sync": 4, "intel": 1, "ml": 1},
        description="jobs of each queue that may run at the same time",
    )
    tenants_at_once: int = Field(8, ge=1, description="of one job, where it asks others")

    reconciliation_days: int = Field(7, ge=1, description="orders changed so lately are compared")
    repairs_at_once: int = Field(8, ge=1)
    reconciliation_settle_seconds: int = Field(
        300, ge=0, description="an order changed since then may still be on its way"
    )
    unattributed_days: int = Field(30, ge=1)
    recalculation_days: int = Field(7, ge=1)
    webhook_queue_reasons: str = Field(
        "invalid",
        description="of dead letters that may pass by themselves: a record of a newer release is "
        "invalid until its consumer is upgraded, too",
    )
    webhook_queue_tries: int = Field(3, ge=1, description="refusals after which it is left alone")
    training_days: int = Field(180, ge=1, description="journeys of so many days are learned from")
    training_touches: int = Field(
        4_000_000, ge=1, description="about so many at most are read, of people chosen by a hash"
    )
    training_people: int = Field(
        2_000, ge=1, description="of one chunk, which is a transaction and a checkpoint"
    )
    fairing_days: int = Field(30, ge=1, description="how far back a first reading goes")
    fairing_reread_days: int = Field(2, ge=1, description="read again once a day, for edits")
    conservation_records: int = Field(
        1_000_000, ge=1, description="read from the topics in one run at most"
    )
    conservation_days: int = Field(7, ge=1, description="whose counts are compared at each run")
    match_days: int = Field(30, ge=1, description="uploads of so many days have a match rate")

    tick_seconds: float = Field(1.0, gt=0)
    standby_seconds: float = Field(2.0, gt=0, description="how often a follower tries to lead")
    lease_seconds: float = Field(
        15.0, gt=0, description="a leader that is silent for so long has lost the lead"
    )
    lock_answer_seconds: float = Field(5.0, gt=0)
    attempts: int = Field(3, ge=1, description="of one slot, when runs fail or their process dies")
    retry_seconds: float = Field(300.0, ge=0, description="between two attempts")
