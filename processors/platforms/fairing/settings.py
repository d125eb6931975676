"""How to reach Fairing's API."""

from typing import Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings
from processors.platforms.base import Connection, ConnectionField

CONNECTION: Final[Connection] = {"fairing_api_token": ConnectionField("api_token")}


class FairingSettings(Settings):
    """Base URL of the API, and the size of a page."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_FAIRING_")

    base_url: str = Field("https://app.fairing.co/api", min_length=1)
    page_size: int = Field(100, ge=1, le=1000)
