"""How to reach Meta."""

from typing import Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.domain.accounts import meta_ad_account
from processors.engine.settings import Settings
from processors.platforms.base import ACCOUNT_ID, Connection, ConnectionField
from processors.platforms.grant import Grant, Listing, Probe

CONNECTION: Final[Connection] = {
    "meta_pixel_id": ConnectionField(ACCOUNT_ID),
    "meta_access_token": ConnectionField("access_token"),
    "meta_ad_account_id": ConnectionField("ad_account_id", meta_ad_account),
}

_VERSION: Final = "v26.0"
GRANT: Final = Grant(
    authorize_url=f"https://www.facebook.com/{_VERSION}/dialog/oauth",
    exchange_url=f"https://graph.facebook.com/{_VERSION}/oauth/access_token",
    api_url=f"https://graph.facebook.com/{_VERSION}",
    scopes=("ads_management", "ads_read", "business_management"),
    separator=",",
    long_lived=True,
    listings=(
        Listing("/me/adaccounts?fields=id,name&limit=100", "data", part="ad_account_id"),
        Listing("/{of}/adspixels?fields=id,name", "data"),
    ),
    probe=Probe("/{account_id}?fields=id", any_token=True),
    revoke_url=f"https://graph.facebook.com/{_VERSION}/me/permissions",
)
"""Facebook Login, "Manually Build a Login Flow" and "Long-Lived Access Tokens": there is no refresh
token; the long-lived token ends about 60 days after a sign-in, and is got by another."""


class MetaSettings(Settings):
    """Base URL and version of the Graph API."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_META_")

    base_url: str = Field("https://graph.facebook.com", min_length=1)
    version: str = Field(_VERSION, pattern=r"^v\d+\.\d+$")
    timeout_seconds: float = Field(10.0, gt=0)
    page_size: int = Field(500, ge=1, le=1000, description="rows of Insights that a page has")
    ads_page_size: int = Field(100, ge=1, le=500, description="ads, with what they show, of a page")
    max_pages: int = Field(200, ge=1, description="of one reading, before it is given up")
    test_event_code: str | None = Field(
        None, description="shows events under Test Events; they count all the same"
    )
