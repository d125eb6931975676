"""How to reach Snapchat."""

from typing import Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings
from processors.platforms.base import ACCOUNT_ID, OAUTH_PART, Connection, ConnectionField

CONNECTION: Final[Connection] = {
    "snapchat_pixel_id": ConnectionField(ACCOUNT_ID),
    "snapchat_access_token": ConnectionField("access_token"),
    "snapchat_client_id": ConnectionField("client_id"),
    "snapchat_client_secret": ConnectionField("client_secret"),
    "snapchat_refresh_token": ConnectionField(OAUTH_PART),
}
"""Either the token of Ads Manager, which lasts and may ask 1,000 times a second, or an app's three,
whose tokens last an hour and may ask 10 times."""


class SnapchatSettings(Settings):
    """Base URL and version of the Conversions API."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_SNAPCHAT_")

    base_url: str = Field("https://tr.snapchat.com", min_length=1)
    version: str = Field("v3", pattern=r"^v\d+$")
    token_url: str = Field(
        "https://accounts.snapchat.com/login/oauth2/access_token",
        min_length=1,
        description="where access tokens are bought with refresh tokens",
    )
    timeout_seconds: float = Field(10.0, gt=0)
    test_events: bool = Field(
        False, description="sends everything as test events: validated and shown, never counted"
    )
