"""How to reach Fairing's API."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings


class FairingSettings(Settings):
    """Base URL of the API, and the size of a page."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_FAIRING_")

    base_url: str = Field("https://app.fairing.co/api", min_length=1)
    page_size: int = Field(100, ge=1, le=1000)
