"""How to reach Snapchat."""

import re
from typing import Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings
from processors.platforms.base import ACCOUNT_ID, OAUTH_PART, Connection, ConnectionField
from processors.platforms.grant import Grant, Listing, Probe

_ACCOUNT: Final = re.compile(r"[0-9A-Za-z-]{1,64}", re.ASCII)


def ad_account(text: str) -> str:
    """The id of an ad account.

    Raises:
        ValueError: for a text that is none.
    """
    if not _ACCOUNT.fullmatch(text.strip()):
        raise ValueError("an ad account of Snapchat is an id of letters, digits and hyphens")
    return text.strip()


CONNECTION: Final[Connection] = {
    "snapchat_pixel_id": ConnectionField(ACCOUNT_ID),
    "snapchat_access_token": ConnectionField("access_token"),
    "snapchat_client_id": ConnectionField("client_id"),
    "snapchat_client_secret": ConnectionField("client_secret"),
    "snapchat_refresh_token": ConnectionField(OAUTH_PART),
    "snapchat_ad_account_id": ConnectionField("ad_account_id", ad_account),
}
"""Either the token of Ads Manager, which lasts and may ask 1,000 times a second, or an app's three,
whose tokens last an hour and may ask 10 times. What was spent is read with the latter alone, from
the ad account, which signing in finds."""

GRANT: Final = Grant(
    authorize_url="https://accounts.snapchat.com/login/oauth2/authorize",
    exchange_url="https://accounts.snapchat.com/login/oauth2/access_token",
    api_url="https://adsapi.snapchat.com/v1",
    scopes=("snapchat-marketing-api",),
    listings=(
        Listing("/me/organizations", "organizations", row="organization", part=""),
        Listing(
            "/organizations/{of}/adaccounts", "adaccounts", row="adaccount", part="ad_account_id"
        ),
        Listing("/adaccounts/{of}/pixels", "pixels", row="pixel"),
    ),
    probe=Probe("/me"),
)
"""Snapchat Marketing API, "Authentication": access tokens last an hour; an answer to a refresh has
a refresh token, which counts from then on. There is no place where a token is revoked."""


class SnapchatSettings(Settings):
    """Base URL and version of the Conversions API."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_SNAPCHAT_")

    base_url: str = Field("https://tr.snapchat.com", min_length=1)
    ads_url: str = Field(
        "https://adsapi.snapchat.com", min_length=1, description="where campaigns are reported"
    )
    ads_version: str = Field("v1", pattern=r"^v\d+$")
    list_page_size: int = Field(1000, ge=50, le=1000, description="of campaigns and ads")
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
