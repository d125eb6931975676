"""How to reach TikTok."""

from typing import Final, Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings
from processors.platforms.base import ACCOUNT_ID, Connection, ConnectionField

CONNECTION: Final[Connection] = {
    "tiktok_pixel_code": ConnectionField(ACCOUNT_ID),
    "tiktok_access_token": ConnectionField("access_token"),
}


class TikTokSettings(Settings):
    """Base URL of the Business API."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_TIKTOK_")

    base_url: str = Field("https://business-api.tiktok.com", min_length=1)
    timeout_seconds: float = Field(10.0, gt=0)
    purchase_name: Literal["Purchase", "CompletePayment"] = Field(
        "Purchase", description="as the pixel in the browser says it, or nothing is deduplicated"
    )
    test_event_code: str | None = Field(
        None, description="shows events under Test Events; they count all the same"
    )
