"""How to reach Pinterest."""

from typing import Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings
from processors.platforms.base import ACCOUNT_ID, OAUTH_PART, Connection, ConnectionField
from processors.platforms.grant import Grant, Listing, Probe

CONNECTION: Final[Connection] = {
    "pinterest_ad_account_id": ConnectionField(ACCOUNT_ID),
    "pinterest_access_token": ConnectionField("access_token"),
    "pinterest_client_id": ConnectionField("client_id"),
    "pinterest_client_secret": ConnectionField("client_secret"),
    "pinterest_refresh_token": ConnectionField(OAUTH_PART),
}
"""Either the conversion token of Ads Manager, which does not end but may be revoked, or an app's
three. A refresh token ends after 60 days; the new one that comes with an access token is kept. What
was spent is read with the latter alone: a conversion token may send events and nothing else."""

GRANT: Final = Grant(
    authorize_url="https://www.pinterest.com/oauth/",
    exchange_url="https://api.pinterest.com/v5/oauth/token",
    api_url="https://api.pinterest.com/v5",
    scopes=("ads:read", "ads:write", "user_accounts:read"),
    separator=",",
    basic=True,
    exchanged={"continuous_refresh": "true"},
    listings=(Listing("/ad_accounts", "items"),),
    probe=Probe("/ad_accounts/{account_id}"),
)
"""Pinterest API 5, "Set up authentication": a continuous refresh token lasts 60 days, and each
refresh brings the next. There is no place where a token is revoked."""


class PinterestSettings(Settings):
    """Base URL and version of the API."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_PINTEREST_")

    base_url: str = Field("https://api.pinterest.com", min_length=1)
    version: str = Field("v5", pattern=r"^v\d+$")
    token_url: str = Field(
        "https://api.pinterest.com/v5/oauth/token",
        min_length=1,
        description="where access tokens are bought with refresh tokens",
    )
    timeout_seconds: float = Field(10.0, gt=0)
    list_page_size: int = Field(250, ge=1, le=250, description="of campaigns and ads")
    report_ids: int = Field(100, ge=1, le=250, description="campaigns or ads of one report")
    test: bool = Field(False, description="answers as ever, and nothing is recorded")
