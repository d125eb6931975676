"""How accounts are written, so that what the operator set and what the other side says of itself
are the same text."""

import re
from typing import Final

_META: Final = re.compile(r"(?:act_)?(\d{1,20})", re.ASCII)
_URL: Final = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")


def webhook_account(text: str) -> str:
    """In lower case, without scheme and trailing slash: `https://Shop.Example.com/` and
    `shop.example.com` are one store."""
    account = text.strip().lower()
    for scheme in ("https://", "http://"):
        account = account.removeprefix(scheme)
    return account.rstrip("/")


def meta_ad_account(text: str) -> str:
    """The digits of an ad account; Meta's own pages write `act_` before them.

    Raises:
        ValueError: for a text that is none.
    """
    found = _META.fullmatch(text.strip())
    if found is None:
        raise ValueError("an ad account of Meta is digits, with or without act_ before them")
    return found[1]


def container_url(text: str) -> str:
    """The address of a server container, as it is.

    Raises:
        ValueError: for a text that is none.
    """
    if not _URL.fullmatch(text):
        raise ValueError("must be https:// and a host, without a query")
    return text
