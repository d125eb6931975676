"""How to reach the dataset of a WhatsApp business account."""

from typing import Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings
from processors.platforms.base import ACCOUNT_ID, Connection, ConnectionField

CONNECTION: Final[Connection] = {
    "whatsapp_dataset_id": ConnectionField(ACCOUNT_ID),
    "whatsapp_waba_id": ConnectionField("waba_id"),
    "whatsapp_access_token": ConnectionField("access_token"),
}
"""The dataset is the one that Meta linked to the business account (WABA), whose id goes with each
event; the token is a system user's and lasts until it is revoked. A shop whose pixel is that very
dataset is told there of a purchase by `meta` as of its website, too, and sees both."""


class WhatsAppSettings(Settings):
    """Base URL and version of the Graph API."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_WHATSAPP_")

    base_url: str = Field("https://graph.facebook.com", min_length=1)
    version: str = Field("v26.0", pattern=r"^v\d+\.\d+$")
    timeout_seconds: float = Field(10.0, gt=0)
    test_event_code: str | None = Field(
        None, description="shows events under Test Events; they count all the same"
    )
