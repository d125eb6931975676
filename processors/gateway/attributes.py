"""Cart and checkout attributes: the names under which a storefront hands ids to the order.

Read in any case, with and without leading underscores (a theme hides names with one).
"""

from collections.abc import Iterable
from typing import Any, Final

from processors.domain.urls import MARKETING

_TOP: Final = {
    "visitor_id": "visitor_id",
    "attributary_visitor_id": "visitor_id",
    "session_id": "session_id",
    "attributary_session_id": "session_id",
}
_IDS: Final = {
    "fbp": "fbp",
    "meta_fbp": "fbp",
    "fbc": "fbc",
    "meta_fbc": "fbc",
    "ttp": "ttp",
    "scid": "scid",
    "pinterest_epik": "epik",
    "meta_external_id": "external_id",
    "external_id": "external_id",
    "ga4_client_id": "ga4_client_id",
    "ga_client_id": "ga4_client_id",
    "ga4_session_id": "ga4_session_id",
    "ga_session_id": "ga4_session_id",
}
_MARKETING: Final = frozenset(MARKETING)


def read(pairs: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    """A neutral item of what the attributes say; the first value of a name counts."""
    item: dict[str, Any] = {}
    ids: dict[str, Any] = {}
    for name, value in pairs:
        if type(name) is not str or value is None or value == "":
            continue
        if type(value) is not str and type(value) is not int:
            continue
        key = name.strip().lower().lstrip("_")
        if key in _TOP:
            item.setdefault(_TOP[key], value)
        elif key in _IDS:
            ids.setdefault(_IDS[key], value)
        elif key in _MARKETING:
            item.setdefault(key, str(value)[:512])
    if ids:
        item["identifiers"] = ids
    return item
