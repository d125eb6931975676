"""What URLs say: marketing parameters, hosts, and whether a referrer comes from outside."""

from urllib.parse import SplitResult, unquote, unquote_plus, urlsplit

from tests.oracle.sites import site_of_host
from tests.oracle.words import Json

UTMS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
CLICK_IDS = (
    "gclid", "gbraid", "wbraid", "msclkid", "fbclid", "ttclid", "sccid", "epik", "li_fat_id",
)  # fmt: skip
CHAT_CLICK_ID = "ctwa_clid"
"""Of an ad that opens a chat: it is kept, and no channel rule reads it."""
MARKETING = (*UTMS, *CLICK_IDS, "ref", "creator", CHAT_CLICK_ID)
_MAX_VALUE = 512


def marketing(record: Json) -> dict[str, str | None]:
    """Every marketing field: as it was sent, else as the landing URL says."""
    found: dict[str, str] = {}
    for part in _parts(record["browser"]["url"] or "").query.split("&"):
        name, _, raw = part.removeprefix("amp;").partition("=")
        # A click id is opaque: a plus in it is a plus.
        read = unquote if name.lower() in (*CLICK_IDS, CHAT_CLICK_ID) else unquote_plus
        value = read(raw).replace("\x00", "").strip()[:_MAX_VALUE]
        if value:
            found.setdefault(name.lower(), value)
    return {name: record["marketing"][name] or found.get(name) for name in MARKETING}


def host(url: str | None) -> str:
    """The lower-case host, without port, user and www."""
    if not url:
        return ""
    name = _parts(url if "//" in url else f"//{url}").hostname or ""
    return name.rstrip(".").removeprefix("www.")


def external_referrer(record: Json) -> str:
    """The referrer's host, or empty when there is none or it belongs to the page's own site."""
    came_from, own = host(record["browser"]["referrer"]), host(record["browser"]["url"])
    if not came_from or came_from == own:
        return ""
    if own and came_from.endswith(f".{own}"):
        return ""
    # shop.example.com below example.com is one site; a shop on a network's host is a guest.
    if own.endswith(f".{came_from}") and site_of_host(came_from) is None:
        return ""
    return came_from


def _parts(url: str) -> SplitResult:
    """The parts of a URL; of what is none, nothing."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
