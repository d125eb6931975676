"""How to reach a shop's Admin API."""

from typing import Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings
from processors.platforms.base import Connection, ConnectionField

CONNECTION: Final[Connection] = {"shopify_admin_token": ConnectionField("admin_token")}


class ShopifySettings(Settings):
    """Base URL and version of the Admin API."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_SHOPIFY_")

    base_url: str = Field("https://{shop}", min_length=1, description="{shop} is the shop's domain")
    version: str = Field("2026-07", pattern=r"^\d{4}-\d{2}$")
    page_size: int = Field(250, ge=1, le=250)
