"""Hits of Universal Analytics (analytics.js, Measurement Protocol version 1), as neutral events.
Pure.

The names are those of the Measurement Protocol Parameter Reference
(developers.google.com/analytics/devguides/collection/protocol/v1/parameters): t is the type of the
hit; ec, ea, el, ev describe an event; ti, tr, cu a transaction; pa and pr1id, pr1nm, pr1pr, pr1qt
a product action of enhanced ecommerce, which may ride on any hit; qt is how long the hit waited
before it was sent, in milliseconds.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from processors.domain.events import StandardEvent
from processors.gateway.ga4_hits import consent, identifiers

Hit = Mapping[str, str]

_PRODUCT: Final = re.compile(r"pr([1-9]\d{0,2})(id|nm|pr|qt)")
_LINE: Final = {"id": "product_id", "nm": "title", "pr": "price", "qt": "quantity"}
_ACTIONS: Final = {
    "detail": StandardEvent.VIEW_CONTENT,
    "add": StandardEvent.ADD_TO_CART,
    "checkout": StandardEvent.INITIATE_CHECKOUT,
    "purchase": StandardEvent.PURCHASE,
}
_TYPES: Final = {"pageview": StandardEvent.PAGE_VIEW, "transaction": StandardEvent.PURCHASE}
_CAMPAIGN: Final = {
    "cs": "utm_source",
    "cm": "utm_medium",
    "cn": "utm_campaign",
    "ck": "utm_term",
    "cc": "utm_content",
    "gclid": "gclid",
}
NAMES: Final = {
    "event_name": "t",
    "visitor_id": "cid",
    "url": "dl",
    "referrer": "dr",
    "value": "tr",
    "currency": "cu",
    "order_id": "ti",
    "contents": "pr",
}
"""Our fields as a hit calls them."""
_PROPERTIES: Final = {
    "ec": "event_category",
    "ea": "event_action",
    "el": "event_label",
    "ev": "event_value",
    "dt": "page_title",
    "ul": "language",
    "pa": "product_action",
}
_LONGEST_QUEUE_MS: Final = 14_400_000
"""Google takes a queue time of at most four hours."""


def is_universal(hit: Hit) -> bool:
    """Whether it is a hit of version 1."""
    return hit.get("v") == "1" or hit.get("tid", "").startswith("UA-")


def neutral(hit: Hit, *, shop: str, received_at: int) -> dict[str, Any]:
    """The event of a hit."""
    get = hit.get
    name = _name(hit)
    event: dict[str, Any] = {
        "event_name": name,
        "visitor_id": get("cid"),
        "url": get("dl") or _address(hit),
        "referrer": get("dr"),
        "ip": get("uip"),
        "user_agent": get("ua"),
        "identifiers": identifiers(hit, {"cid": "ga4_client_id", "uid": "customer_id"}),
        "currency": get("cu"),
        "consent": consent(hit),
        "properties": {ours: hit[theirs] for theirs, ours in _PROPERTIES.items() if get(theirs)},
        "contents": _contents(hit) or None,
        **{ours: hit[theirs] for theirs, ours in _CAMPAIGN.items() if get(theirs)},
    }
    if get("sc") == "start":
        event["session_start"] = True
    if name == StandardEvent.PURCHASE:
        event["value"] = get("tr")
        event["order_id"] = get("ti")
        event["order_source"] = shop
    waited = get("qt", "")
    if waited.isascii() and waited.isdigit() and len(waited) <= len(str(_LONGEST_QUEUE_MS)):
        event["occurred_at"] = received_at - min(int(waited), _LONGEST_QUEUE_MS)
    return {field: value for field, value in event.items() if value not in (None, "")}


def _name(hit: Hit) -> str:
    kind, action = hit.get("t", ""), hit.get("pa", "")
    if action == "purchase" or (kind == "event" and action in _ACTIONS):
        return str(_ACTIONS[action])
    if kind == "event":
        return hit.get("ea", "")
    return str(_TYPES.get(kind, kind))


def _address(hit: Hit) -> str | None:
    host = hit.get("dh")
    return f"https://{host}{hit.get('dp', '/')}" if host else None


def _contents(hit: Hit) -> list[dict[str, str]]:
    lines: dict[int, dict[str, str]] = {}
    for name, value in hit.items():
        if value and (found := _PRODUCT.fullmatch(name)):
            lines.setdefault(int(found[1]), {})[_LINE[found[2]]] = value
    return [lines[number] for number in sorted(lines)]
