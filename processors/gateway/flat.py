"""A neutral item out of the flat fields of a query or a form.

Ids of `identifiers` and flags of `consent` stand under their own names (`customer_id=7`,
`ad_storage=denied`), as everything else does. A name may also say where it belongs:
`identifiers.email`, `consent.ad_storage`, `properties.plan`, with a dot or in brackets.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

from processors.domain.consent import FLAGS
from processors.gateway.people import PLAIN_IDS

_IDS: Final = PLAIN_IDS | {"email", "phone", "email_sha256", "phone_sha256"}
_GROUPS: Final = ("identifiers", "consent", "properties")
_BRACKETS: Final = re.compile(r"\[([^\[\]]*)\]")
_TRUE: Final = frozenset({"1", "true", "True"})
_LISTS: Final = ("contents",)

NAMES: Final[dict[str, str]] = {
    "event_name": "makes it an event; without it, it is a touchpoint",
    "event_id": "dedupe key; else a hash of the query",
    "visitor_id": "or any id below",
    "session_id": "",
    "occurred_at": "RFC 3339 or epoch milliseconds; else the time of receipt",
    "sent_at": "the client's clock",
    "type": "click or view, of a touchpoint",
    "session_start": "1 on the first page view of a session",
    "url": "",
    "referrer": "",
    "utm_source": "",
    "utm_medium": "",
    "utm_campaign": "",
    "utm_term": "",
    "utm_content": "",
    "fbclid": "",
    "gclid": "",
    "ttclid": "",
    "msclkid": "",
    "ref": "",
    "creator": "",
    "value": "decimal",
    "currency": "ISO 4217",
    "order_id": "",
    "checkout_id": "",
    "contents": "JSON array of product lines",
    **dict.fromkeys(sorted(_IDS), "one of the identifiers"),
    **dict.fromkeys(FLAGS, "granted or denied"),
}
"""What a query may say, and what it means, for OpenAPI."""


def neutral(sent: Mapping[str, str]) -> dict[str, Any]:
    """The item that the fields describe. Empty ones are left out."""
    item: dict[str, Any] = {}
    groups: dict[str, dict[str, Any]] = {group: {} for group in _GROUPS}
    for raw, value in sent.items():
        if value == "":
            continue
        name = _BRACKETS.sub(r".\1", raw) if "[" in raw else raw
        group, dot, inner = name.partition(".")
        if dot and inner and group in groups:
            groups[group][inner] = value
        elif name in _IDS:
            groups["identifiers"].setdefault(name, value)
        elif name in FLAGS:
            groups["consent"].setdefault(name, value)
        else:
            item[name] = value
    item |= {group: found for group, found in groups.items() if found}
    if "session_start" in item:
        item["session_start"] = item["session_start"] in _TRUE
    for name in _LISTS:
        if name in item:
            item[name] = _list(item[name])
    return item


def _list(text: str) -> Any:
    """The array in the text; what is none is left for the route to refuse by name."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
