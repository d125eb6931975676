"""How to reach LinkedIn."""

import re
from typing import Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings
from processors.platforms import event_map
from processors.platforms.base import ACCOUNT_ID, OAUTH_PART, Connection, ConnectionField
from processors.platforms.grant import Grant, Listing, Probe

RULE: Final = "urn:lla:llaPartnerConversion:"
CONVERSIONS: Final = "conversions"
_ACCOUNT: Final = re.compile(r"(?:urn:li:sponsoredAccount:)?(\d{1,20})", re.ASCII)
_RULE: Final = re.compile(rf"(?:{RULE})?(\d{{1,20}})", re.ASCII)


def ad_account(text: str) -> str:
    """The digits of an ad account.

    Raises:
        ValueError: for a text that is none.
    """
    found = _ACCOUNT.fullmatch(text.strip())
    if found is None:
        raise ValueError("an ad account of LinkedIn is digits, or a urn:li:sponsoredAccount")
    return found[1]


def conversions(text: str) -> str:
    """The conversion rule of each event, as `event_map` keeps it.

    Raises:
        ValueError: for a text that is no such map.
    """
    return event_map.read(text, _rule)


def _rule(text: str) -> str:
    found = _RULE.fullmatch(text)
    if found is None:
        raise ValueError(f"a conversion rule of LinkedIn is digits, or {RULE} and digits")
    return RULE + found[1]


CONNECTION: Final[Connection] = {
    "linkedin_ad_account_id": ConnectionField(ACCOUNT_ID, ad_account),
    "linkedin_conversions": ConnectionField(CONVERSIONS, conversions),
    "linkedin_access_token": ConnectionField("access_token"),
    "linkedin_refresh_token": ConnectionField(OAUTH_PART),
    "linkedin_client_id": ConnectionField("client_id"),
    "linkedin_client_secret": ConnectionField("client_secret"),
}
"""A Direct API token of Campaign Manager does not expire and is all that is needed; with a refresh
token, access tokens are bought and that of the tenant is not used."""

_VERSION: Final = "202608"
GRANT: Final = Grant(
    authorize_url="https://www.linkedin.com/oauth/v2/authorization",
    exchange_url="https://www.linkedin.com/oauth/v2/accessToken",
    api_url="https://api.linkedin.com/rest",
    scopes=("rw_conversions", "r_ads", "r_ads_reporting"),
    headers={"linkedin-version": _VERSION, "x-restli-protocol-version": "2.0.0"},
    listings=(Listing("/adAccounts?q=search", "elements"),),
    probe=Probe("/adAccounts/{account_id}"),
    revoke_url="https://www.linkedin.com/oauth/v2/revoke",
)
"""LinkedIn, "Authorization Code Flow" and "Programmatic Refresh Tokens": a refresh token lasts a
year from the sign-in, also where an answer names it again; PKCE is for native clients alone. Who
signed in before `r_ads_reporting` was asked for has to do so again before spend can be read."""


class LinkedInSettings(Settings):
    """Where the API is, and of which month. LinkedIn retires a version about a year after it came;
    202608 was the newest that its documentation named in August 2026."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_LINKEDIN_")

    base_url: str = Field("https://api.linkedin.com", min_length=1)
    token_url: str = Field("https://www.linkedin.com/oauth/v2/accessToken", min_length=1)
    version: str = Field(_VERSION, pattern=r"^20\d{2}(0[1-9]|1[0-2])$")
    timeout_seconds: float = Field(10.0, gt=0)
    list_page_size: int = Field(1_000, ge=1, le=1_000, description="of campaigns")
    report_rows: int = Field(
        15_000, ge=1, description="how many rows of a report LinkedIn tells; more it drops"
    )
