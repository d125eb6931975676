"""How to reach Microsoft Advertising."""

import re
from typing import Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings
from processors.platforms import event_map
from processors.platforms.base import ACCOUNT_ID, OAUTH_PART, Connection, ConnectionField
from processors.platforms.grant import Grant

GOALS: Final = "goals"
ENHANCED: Final = "enhanced_conversions"
ON: Final = "on"
_ID: Final = re.compile(r"\d{1,20}", re.ASCII)
_MAX_GOAL: Final = 100


def identifier(text: str) -> str:
    """The digits of an account or a customer; its number with letters is something else.

    Raises:
        ValueError: for a text that is none.
    """
    if not _ID.fullmatch(text.strip()):
        raise ValueError("an id of Microsoft Advertising is digits: aid= or cid= in the address")
    return text.strip()


def goals(text: str) -> str:
    """The conversion goal of each event, by its name, as `event_map` keeps it.

    Raises:
        ValueError: for a text that is no such map.
    """
    return event_map.read(text, _goal)


def _goal(text: str) -> str:
    if len(text) > _MAX_GOAL:
        raise ValueError(f"the name of a goal has {_MAX_GOAL} characters at most")
    return text


def switch(text: str) -> str:
    """`on` or `off`.

    Raises:
        ValueError: for another word.
    """
    if text not in (ON, "off"):
        raise ValueError("must be on or off")
    return text


CONNECTION: Final[Connection] = {
    "microsoft_ads_account_id": ConnectionField(ACCOUNT_ID, identifier),
    "microsoft_ads_customer_id": ConnectionField("customer_id", identifier),
    "microsoft_ads_goals": ConnectionField(GOALS, goals),
    "microsoft_ads_enhanced_conversions": ConnectionField(ENHANCED, switch),
    "microsoft_ads_developer_token": ConnectionField("developer_token"),
    "microsoft_ads_refresh_token": ConnectionField(OAUTH_PART),
    "microsoft_ads_client_id": ConnectionField("client_id"),
    "microsoft_ads_client_secret": ConnectionField("client_secret"),
}
"""Hashes of people are only sent where enhanced conversions are `on`: at a goal without them
Microsoft refuses the conversion together with its click id."""

_OAUTH: Final = "https://login.microsoftonline.com/common/oauth2/v2.0"
GRANT: Final = Grant(
    authorize_url=f"{_OAUTH}/authorize",
    exchange_url=f"{_OAUTH}/token",
    api_url="https://clientcenter.api.bingads.microsoft.com/CustomerManagement/v13",
    scopes=("https://ads.microsoft.com/msads.manage", "offline_access"),
    pkce=True,
    renews_scope=True,
)
"""Microsoft Advertising API, "Authentication with OAuth"; identity platform, "authorization code
flow": a refresh says the scope, and its answer has another refresh token, while the old one lasts.
What a token may use is only told to a developer token, which is the tenant's to give, with the ids
of the account and its customer. There is no place where a token is revoked."""


class MicrosoftAdsSettings(Settings):
    """Where the API is; `https://campaign.api.sandbox.bingads.microsoft.com` takes tests."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_MICROSOFT_ADS_")

    base_url: str = Field("https://campaign.api.bingads.microsoft.com", min_length=1)
    token_url: str = Field(f"{_OAUTH}/token", min_length=1)
    scope: str = Field(GRANT.scope, min_length=1)
    version: str = Field("v13", pattern=r"^v\d+$")
    timeout_seconds: float = Field(30.0, gt=0)
    report_time_zone: str = Field(
        "GreenwichMeanTimeDublinEdinburghLisbonLondon",
        min_length=1,
        description="by whose date a report may end today",
    )

    @property
    def reporting(self) -> str:
        """Where the reporting service answers: beside campaign management, at a host of its own."""
        return self.base_url.rstrip("/").replace("//campaign.api.", "//reporting.api.", 1)
