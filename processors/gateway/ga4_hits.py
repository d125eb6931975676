"""Hits as gtag.js sends them to `/g/collect`, as neutral events. Pure.

Google publishes no reference of this protocol. The names here are those that independent
descriptions agree on, checked against recorded requests: thyngster.com/ga4-measurement-protocol-
cheatsheet, the GA4 gtag page of d8a-tech/d8a (docs/articles/tracking-protocols). A hit has shared
fields in the query (v, tid, cid, sid, _p, _s, dl, dr, dt, gcs, gcd, uid, ...) and one event, or a
line of the body for each of several (en, _et, ep.*, epn.*, up.*, upn.*, pr1 to pr200); a field of
the line wins.

The client id of the `_ga` cookie is the visitor, unless the hit names another (`ep.visitor_id`,
`up.visitor_id`), and rides along as an attached id. GA4 dates a hit by its receipt, and so do we.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from processors.domain.events import GA4_EVENTS
from processors.domain.google_consent import flags
from processors.gateway.canonical import canonical, content_hash
from processors.gateway.exchange import parameters

Hit = Mapping[str, str]

_ITEM: Final = re.compile(r"pr([1-9]\d{0,2})")
_GAP: Final = re.compile(r"(?<!~)~(?!~)")
_LINE: Final = {"id": "product_id", "nm": "title", "pr": "price", "qt": "quantity"}
_CAMPAIGN: Final = {
    "cs": "utm_source",
    "cm": "utm_medium",
    "cn": "utm_campaign",
    "ck": "utm_term",
    "cc": "utm_content",
}
_IDS: Final = {
    "cid": "ga4_client_id",
    "sid": "ga4_session_id",
    "uid": "customer_id",
    "ep.fbp": "fbp",
    "ep.x-fb-ck-fbp": "fbp",
    "ep.fbc": "fbc",
    "ep.x-fb-ck-fbc": "fbc",
}
NAMES: Final = {
    "event_name": "en",
    "event_id": "ep.event_id",
    "visitor_id": "cid",
    "session_id": "sid",
    "url": "dl",
    "referrer": "dr",
    "value": "epn.value",
    "currency": "cu",
    "order_id": "ep.transaction_id",
    "contents": "pr",
    "properties": "ep",
}
"""Our fields as a hit calls them."""
_FIRST_ONLY: Final = ("_ss", "_fv", "_nsi")
"""Of a batch they are about its first event."""
_TAKEN: Final = frozenset(
    {
        "ep.event_id", "ep.visitor_id", "ep.transaction_id", "ep.currency", "ep.order_source",
        "ep.checkout_id", "epn.value", "ep.value", *_IDS,
    }
)  # fmt: skip


def hits(query: Hit, body: bytes) -> list[dict[str, str]]:
    """The hits of a request, each with the shared fields and its own. Of several equal lines each
    says which it is, since it is an event of its own."""
    lines = [line for raw in body.splitlines() if (line := raw.strip())]
    found = [dict(query)] if not lines else []
    for place, line in enumerate(lines):
        shared = dict(query)
        if place:
            for name in _FIRST_ONLY:
                shared.pop(name, None)
            shared["_line"] = str(place)
        found.append(shared | parameters(line))
    return found


def neutral(hit: Hit, *, shop: str) -> dict[str, Any]:
    """The event of a hit."""
    get = hit.get
    name = get("en", "")
    event: dict[str, Any] = {
        "event_name": str(GA4_EVENTS.get(name, name)),
        "event_id": get("ep.event_id") or _own_id(hit),
        "visitor_id": get("ep.visitor_id") or get("up.visitor_id") or get("cid"),
        "session_id": get("sid"),
        "url": get("dl"),
        "referrer": None if get("ir") == "1" else get("dr"),
        "ip": get("_uip"),
        "identifiers": identifiers(hit, _IDS),
        "value": get("epn.value") or get("ep.value"),
        "currency": get("cu") or get("ep.currency"),
        "checkout_id": get("ep.checkout_id"),
        "consent": consent(hit),
        "properties": _properties(hit, name, event_name=str(GA4_EVENTS.get(name, name))),
        "contents": _contents(hit) or None,
    }
    if get("_ss"):
        event["session_start"] = True
    if get("cm"):  # without a medium cs and cn are the slot and the name of a promotion
        event |= {ours: hit[theirs] for theirs, ours in _CAMPAIGN.items() if get(theirs)}
    order = get("ep.transaction_id")
    if order:
        event["order_id"] = order
        event["order_source"] = get("ep.order_source") or shop
    return {field: value for field, value in event.items() if value not in (None, "")}


def consent(hit: Hit) -> dict[str, str] | None:
    """The flags of a hit, of Universal Analytics, too."""
    return flags(hit.get("gcs", ""), hit.get("gcd", "")) or None


def identifiers(hit: Hit, names: Mapping[str, str]) -> dict[str, str]:
    """The ids under the names; the first that has a value counts."""
    found: dict[str, str] = {}
    for theirs, ours in names.items():
        if hit.get(theirs):
            found.setdefault(ours, hit[theirs])
    return found


def _own_id(hit: Hit) -> str | None:
    """The hash of the hit alone, when page load and count tell it from every other: a browser that
    sends it again then repeats it, while any other hit is one more each time that it comes."""
    if hit.get("_p") and hit.get("_s"):
        return content_hash(hit, canonical(hit))
    return None


def _properties(hit: Hit, name: str, *, event_name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    person: dict[str, Any] = {}
    for field, value in hit.items():
        scope, dot, inner = field.partition(".")
        if not dot or not inner or field in _TAKEN:
            continue
        if scope in ("ep", "epn"):
            found[inner] = value if scope == "ep" else _number(value)
        elif scope in ("up", "upn") and field != "up.visitor_id":
            person[inner] = value if scope == "up" else _number(value)
    if person:
        found["user_properties"] = person
    if name != event_name:
        found["ga4_event_name"] = name
    if hit.get("dt"):
        found["page_title"] = hit["dt"]
    if hit.get("ul"):
        found["language"] = hit["ul"]
    if hit.get("_et"):
        found["engagement_time_msec"] = _number(hit["_et"])
    if hit.get("_fv"):
        found["first_visit"] = True
    return found


def _number(text: str) -> int | float | str:
    """The number; what is none stays as it is."""
    try:
        value = float(text)
    except ValueError:
        return text
    if value != value or abs(value) > 1e15:
        return text
    return int(value) if value.is_integer() else value


def _contents(hit: Hit) -> list[dict[str, str]]:
    """`pr1=idSKU_1~nmHat~pr19.99~qt2`: fields of two letters, a tilde in a value doubled."""
    found = []
    numbered = sorted((int(m[1]), n) for n in hit if (m := _ITEM.fullmatch(n)))
    for _, name in numbered:
        parts = (part.replace("~~", "~") for part in _GAP.split(hit[name]))
        said = {part[:2]: part[2:] for part in parts if part[2:]}
        line = {ours: said[theirs] for theirs, ours in _LINE.items() if theirs in said}
        if line:
            found.append(line)
    return found
