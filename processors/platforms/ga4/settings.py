"""How to reach Google Analytics."""

from typing import Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings
from processors.platforms.base import ACCOUNT_ID, Connection, ConnectionField

CONNECTION: Final[Connection] = {
    "ga4_measurement_id": ConnectionField(ACCOUNT_ID),
    "ga4_api_secret": ConnectionField("api_secret"),
}


class Ga4Settings(Settings):
    """Base URL of the Measurement Protocol; `https://region1.google-analytics.com` keeps the
    processing in the EU."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_GA4_")

    base_url: str = Field("https://www.google-analytics.com", min_length=1)
    timeout_seconds: float = Field(10.0, gt=0)
