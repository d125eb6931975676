"""How to reach TikTok."""

import re
from typing import Final, Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings
from processors.platforms.base import ACCOUNT_ID, Connection, ConnectionField
from processors.platforms.grant import Grant, Listing, Probe

_ADVERTISER: Final = re.compile(r"\d{1,20}", re.ASCII)


def advertiser(text: str) -> str:
    """The id of an advertiser.

    Raises:
        ValueError: for a text that is none.
    """
    if not _ADVERTISER.fullmatch(text.strip()):
        raise ValueError("an advertiser of TikTok is digits")
    return text.strip()


CONNECTION: Final[Connection] = {
    "tiktok_pixel_code": ConnectionField(ACCOUNT_ID),
    "tiktok_access_token": ConnectionField("access_token"),
    "tiktok_advertiser_id": ConnectionField("advertiser_id", advertiser),
}
"""The advertiser's id is needed to read what was spent; signing in finds it."""

GRANT: Final = Grant(
    authorize_url="https://business-api.tiktok.com/portal/auth",
    exchange_url="https://business-api.tiktok.com/open_api/v1.3/oauth2/access_token/",
    api_url="https://business-api.tiktok.com/open_api/v1.3",
    scopes=(),
    json=True,
    client=("app_id", "secret"),
    code="auth_code",
    header="access-token",
    listings=(
        Listing(
            "/oauth2/advertiser/get/?app_id={client_id}&secret={client_secret}",
            "data.list",
            id="advertiser_id",
            name="advertiser_name",
            part="advertiser_id",
        ),
        Listing(
            "/pixel/list/?advertiser_id={of}",
            "data.pixels",
            id="pixel_code",
            name="pixel_name",
        ),
    ),
    probe=Probe("/user/info/"),
    revoke_url="https://business-api.tiktok.com/open_api/v1.3/oauth2/revoke_token/",
)
"""TikTok API for Business, "Authentication": scopes are the app's own, the code comes as
`auth_code`, and the access token lasts until it is revoked, so that none is refreshed."""


class TikTokSettings(Settings):
    """Base URL of the Business API."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_TIKTOK_")

    base_url: str = Field("https://business-api.tiktok.com", min_length=1)
    timeout_seconds: float = Field(10.0, gt=0)
    report_page_size: int = Field(1000, ge=1, le=1000, description="rows of a page of reports")
    purchase_name: Literal["Purchase", "CompletePayment"] = Field(
        "Purchase", description="as the pixel in the browser says it, or nothing is deduplicated"
    )
    test_event_code: str | None = Field(
        None, description="shows events under Test Events; they count all the same"
    )
