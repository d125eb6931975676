"""Knobs of the fan-out."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings


class FanoutSettings(Settings):
    """How deliveries are sent, tried again and given up."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_FANOUT_")

    poll_seconds: float = Field(0.2, gt=0)
    idle_seconds: float = Field(
        2.0, gt=0, description="what a wait between two looks grows to while there is nothing"
    )
    linger_seconds: float = Field(
        0.1, ge=0, description="that what is new waits for more of it, to share a request"
    )
    housekeeping_seconds: float = Field(5.0, gt=0, description="expiry, and rows left in doubt")
    lease_seconds: float = Field(60.0, gt=0)
    accounts_seconds: float = Field(3.0, gt=0, description="how old a connection may be")

    in_flight_max: int = Field(64, ge=1, description="requests at once to a platform")
    in_flight_per_tenant: int = Field(4, ge=1)
    rows_max: int = Field(4_000, ge=1, description="rows read at once from the queue")

    bucket_capacity: float = Field(100.0, ge=1)
    bucket_per_second: float = Field(10.0, gt=0)
    breaker_failures: int = Field(5, ge=1)
    breaker_recovery_seconds: float = Field(60.0, gt=0)

    park_first_seconds: float = Field(30.0, gt=0)
    park_max_seconds: float = Field(3_600.0, gt=0)
    reauth_seconds: float = Field(60.0, gt=0, description="between looks at new credentials")
    doubt_margin_seconds: float = Field(
        600.0, ge=0, description="how long before the end of a dedupe window it is not relied on"
    )
    receipts_at_once: int = Field(20, ge=1, description="requests that are asked for together")
    receipts_poll_seconds: float = Field(2.0, gt=0)
    receipt_first_seconds: float = Field(
        1_800.0,
        gt=0,
        description="until a platform is asked what became of a request; then doubled",
    )
    receipt_max_seconds: float = Field(86_400.0, gt=0, description="between two such questions")
    receipt_until_seconds: float = Field(
        604_800.0, gt=0, description="how long it is asked for; then its events count as sent"
    )
    receipt_kept_seconds: float = Field(604_800.0, gt=0, description="after its end")
    publish_max: int = Field(500, ge=1)
    drain_seconds: float = Field(15.0, gt=0, description="for requests under way at a stop")
