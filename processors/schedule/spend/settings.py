"""How spend is read; how often the jobs run is with the other cadences."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings


class SpendSettings(Settings):
    """How far back, how fast, and how many at once."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_SPEND_")

    first_days: int = Field(28, ge=1, description="how far back a first reading goes")
    latest_days: int = Field(2, ge=1, description="read at every run")
    restated_every_seconds: int = Field(
        86_400, ge=0, description="how often all days that the vendor restates are read again"
    )
    ads_every_seconds: int = Field(
        3_600, ge=0, description="how often ads are read: they are many more than campaigns"
    )
    accounts_at_once: int = Field(8, ge=1, description="of one run")
    pages_per_second: float = Field(2.0, gt=0, description="of one account, in the long run")
    pages_at_once: int = Field(10, ge=1, description="before that holds")
    refused_seconds: float = Field(
        3_600.0, ge=0, description="how long an account is left alone that refuses us"
    )
