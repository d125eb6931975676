"""Every id that the pipeline makes, as a hash of content.

No clock, counter, random number or attempt number enters an id, so a retry, a replay and a
second replica all make the same one. Ids that vendors see (`purchase_event_id`,
`event_delivery_id`, `retraction_id`) have a published input string that a browser can hash
too; ids that only we see (`touchpoint_id`, `conversion_id`) are injective on their parts.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Final

ID_LENGTH: Final = 32

OWN_SOURCES: Final = frozenset({"shopify", "api"})
"""Sources whose order ids stand alone; any other source is part of the id."""

_GID: Final = re.compile(r"gid://shopify/\w+/(\d+)", re.IGNORECASE)
_canonical: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False
).encode


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:ID_LENGTH]


def content_id(item: Mapping[str, object]) -> str:
    """The id of an event that came without one: MD5 of its canonical JSON."""
    raw = _canonical(item).encode("utf-8", "surrogatepass")
    return hashlib.md5(raw, usedforsecurity=False).hexdigest()


def touchpoint_id(tenant: str, event_id: str) -> str:
    """One id per (tenant, event id)."""
    return _short(f"touchpoint:{len(tenant)}:{tenant}:{event_id}")


def conversion_id(tenant: str, source: str, order_id: str) -> str:
    """One id per (tenant, source, order); the order id may still be a Shopify gid."""
    order = normalise_order_id(order_id)
    return _short(f"conversion:{len(tenant)}:{tenant}:{len(source)}:{source}:{order}")


def subject_id(tenant: str, node: str) -> str:
    """What stands for an id (`kind:value`) where the id itself must not: 64 hex digits."""
    return hashlib.sha256(f"{tenant}|{node}".encode("utf-8", "surrogatepass")).hexdigest()


def normalise_order_id(raw: str | int) -> str:
    """The bare order id, so that pixel, webhook and API name an order alike."""
    if isinstance(raw, int):
        return str(raw)
    text = raw.strip()
    if text[:3].lower() == "gid" and (gid := _GID.match(text)):
        return gid[1]
    return text


def order_key(source: str, order_id: str) -> str:
    """The order as event ids name it: ids are unique only within their source."""
    order = normalise_order_id(order_id)
    return order if source in OWN_SOURCES else f"{source}/{order}"


def purchase_event_id(*, tenant: str, source: str, order_id: str, platform: str) -> str:
    """The id under which a platform gets an order's Purchase, from browser and server alike."""
    return _short(f"{tenant}:{order_key(source, order_id)}:{platform}")


def event_delivery_id(
    *,
    tenant: str,
    platform: str,
    event_name: str,
    event_id: str,
    order_id: str | None,
    checkout_id: str | None,
) -> str:
    """The id of any other event: the name keeps two events of one order apart."""
    subject = normalise_order_id(order_id) if order_id else checkout_id
    if not subject:
        return event_id
    return _short(f"{tenant}:{subject}:{platform}:{event_name}")


def retraction_id(*, tenant: str, order: str, platform: str, kind: str, suffix: str) -> str:
    """The id of a refund, cancel or adjust; `suffix` is the refund id or the version."""
    return _short(f"{tenant}:{order}:{platform}:{kind}:{suffix}")
