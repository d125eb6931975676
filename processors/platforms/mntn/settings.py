"""How to reach MNTN's API."""

import re
from typing import Final

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.domain.money import is_currency
from processors.engine.settings import Settings
from processors.platforms.base import ACCOUNT_ID, Connection, ConnectionField

_ADVERTISER: Final = re.compile(r"\d{1,20}", re.ASCII)


def advertiser(text: str) -> str:
    """The id of an advertiser.

    Raises:
        ValueError: for a text that is none.
    """
    if not _ADVERTISER.fullmatch(text.strip()):
        raise ValueError("an advertiser of MNTN is digits")
    return text.strip()


def currency(text: str) -> str:
    """The code of a currency.

    Raises:
        ValueError: for a text that is none.
    """
    code = text.strip().upper()
    if not is_currency(code):
        raise ValueError("a currency is a code like USD")
    return code


CONNECTION: Final[Connection] = {
    "mntn_advertiser_id": ConnectionField(ACCOUNT_ID, advertiser),
    "mntn_api_key": ConnectionField("api_key"),
    "mntn_currency": ConnectionField("currency", currency),
}
"""A report names no currency (none is documented): it is US dollars unless the tenant says so."""


class MntnSettings(Settings):
    """Base URL of the API, and the size of a page."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_MNTN_")

    base_url: str = Field("https://api.mountain.com/ptv", min_length=1)
    page_size: int = Field(10_000, ge=1, le=10_000)
