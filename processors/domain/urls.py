"""What a landing URL says of the marketing that led to it.

Works on full URLs and on paths with a query, as a Shopify order's landing site is. Names are
matched in any case; values keep theirs, since click ids are case-sensitive.
"""

import re
from typing import Final
from urllib.parse import unquote

UTMS: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
CLICK_IDS: Final = (
    "gclid",
    "gbraid",
    "wbraid",
    "msclkid",
    "fbclid",
    "ttclid",
    "sccid",
    "epik",
    "li_fat_id",
    "ctwa_clid",
)
CODES: Final = ("ref", "creator")
MARKETING: Final = (*UTMS, *CLICK_IDS, *CODES)

MAX_VALUE: Final = 512

_ESCAPED: Final = "amp;"
_NAMES: Final = frozenset(MARKETING)
_HOST: Final = re.compile(
    r"(?:[a-z][a-z0-9+.\-]*:)?//(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:\\\s]*)", re.I
)
_PLAIN_HOST: Final = re.compile(r"https?://([a-z0-9\-]+(?:\.[a-z0-9\-]+)*)(?:/|$)")
_BARE_HOST: Final = re.compile(r"[a-z0-9\-]+(?:\.[a-z0-9\-]+)+(?=[:/?#]|$)", re.I)
_LITERAL_PLUS: Final = frozenset(CLICK_IDS)


def marketing(url: str) -> dict[str, str]:
    """UTMs, click ids, ref and creator of the URL under lower-case names; first value wins."""
    start = url.find("?")
    if start < 0:
        return {}
    query = url[start + 1 :]
    if "#" in url:
        if "#" in url[:start]:
            return {}
        query = query.partition("#")[0]
    found: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, raw = pair.partition("=")
        # `&amp;` is an ampersand that some mail tool escaped once too often.
        key = (unquote(name) if "%" in name else name).lower().removeprefix(_ESCAPED)
        if key in _NAMES and key not in found:
            value = _decoded(raw, plus_is_space=key not in _LITERAL_PLUS)
            if value:
                found[key] = value
    return found


def _decoded(raw: str, *, plus_is_space: bool) -> str:
    value = raw.replace("+", " ") if plus_is_space and "+" in raw else raw
    if "%" in value:
        value = unquote(value)
    if "\x00" in value:  # Postgres text cannot hold it
        value = value.replace("\x00", "")
    return value.strip()[:MAX_VALUE]


def host(url: str) -> str:
    """The lower-case host of a URL, without port and user; empty for a path or nonsense."""
    plain = _PLAIN_HOST.match(url)
    if plain:
        return plain[1]
    found = _HOST.match(url)
    if found:
        return found[1].lower().rstrip(".")
    bare = _BARE_HOST.match(url)
    return bare[0].lower() if bare else ""
