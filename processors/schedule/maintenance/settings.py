"""How long bookkeeping is kept: the operator's defaults, in days."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings


class RetentionSettings(Settings):
    """A tenant's own is its setting `retention_<class>_days` (delivery_log, consent_log,
    audit_log). Tables that are served are no business of a clock."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_RETENTION_")

    delivery_log_days: int = Field(180, ge=1, description="requests to platforms")
    consent_log_days: int = Field(1_095, ge=1, description="deliveries that consent stopped")
    audit_log_days: int = Field(1_095, ge=1, description="what was changed by hand")
    receipts_days: int = Field(90, ge=1, description="uploads that have ended")
    reconciliation_days: int = Field(400, ge=1, description="runs beside the shop's own list")
    attempts_days: int = Field(7, ge=1, description="sign-ins that expired")
    replays_days: int = Field(400, ge=1, description="dead letters that were replayed")
    job_runs_days: int = Field(30, ge=1, description="runs of jobs, but the latest of each")

    batch: int = Field(10_000, ge=1, description="rows of one transaction")
    months_ahead: int = Field(2, ge=1, description="partitions made before they are needed")
