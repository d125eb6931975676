"""How to reach the affiliate network, Awin."""

import re
from typing import Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings
from processors.platforms.base import ACCOUNT_ID, Connection, ConnectionField

ZONES: Final = (
    "UTC", "Europe/Berlin", "Europe/Paris", "Europe/London", "Europe/Dublin", "Canada/Eastern",
    "Canada/Central", "Canada/Mountain", "Canada/Pacific", "US/Eastern", "US/Central",
    "US/Mountain", "US/Pacific",
)  # fmt: skip
"""Those that Awin reports in."""
USUAL_ZONE: Final = "UTC"
_ADVERTISER: Final = re.compile(r"\d{1,20}", re.ASCII)


def advertiser(text: str) -> str:
    """The id of an advertiser.

    Raises:
        ValueError: for a text that is none.
    """
    if not _ADVERTISER.fullmatch(text.strip()):
        raise ValueError("an advertiser of Awin is digits")
    return text.strip()


def zone(text: str) -> str:
    """A time zone that Awin reports in.

    Raises:
        ValueError: for any other.
    """
    if text.strip() not in ZONES:
        raise ValueError(f"must be one of {', '.join(ZONES)}")
    return text.strip()


CONNECTION: Final[Connection] = {
    "affiliate_advertiser_id": ConnectionField(ACCOUNT_ID, advertiser),
    "affiliate_access_token": ConnectionField("access_token"),
    "affiliate_time_zone": ConnectionField("time_zone", zone),
}
"""The token is a user's own, made on Awin's page of its API; days are UTC's unless the tenant names
another zone."""


class AffiliateSettings(Settings):
    """Base URL of the API."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_AFFILIATE_")

    base_url: str = Field("https://api.awin.com", min_length=1)
