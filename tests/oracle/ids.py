"""The ids once more, from their published input strings."""

import hashlib
import re


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def order_number(raw: str) -> str:
    """gid://shopify/Order/123 is 123; anything else is itself, trimmed."""
    text = raw.strip()
    found = re.match(r"gid://shopify/\w+/(\d+)", text, re.IGNORECASE)
    return found[1] if found else text


def touchpoint(tenant: str, event_id: str) -> str:
    return _sha(f"touchpoint:{len(tenant)}:{tenant}:{event_id}")


def conversion(tenant: str, source: str, order_id: str) -> str:
    return _sha(
        f"conversion:{len(tenant)}:{tenant}:{len(source)}:{source}:{order_number(order_id)}"
    )


def purchase(tenant: str, source: str, order_id: str, platform: str) -> str:
    """DED-01: only Shopify's and our own order ids stand without their source."""
    return _sha(f"{tenant}:{_order(source, order_id)}:{platform}")


def retraction(
    tenant: str, source: str, order_id: str, platform: str, kind: str, suffix: str
) -> str:
    """The suffix is the refund's id, or which total, end or value it tells of."""
    return _sha(f"{tenant}:{_order(source, order_id)}:{platform}:{kind}:{suffix}")


def _order(source: str, order_id: str) -> str:
    order = order_number(order_id)
    return order if source in ("shopify", "api") else f"{source}/{order}"


def event(tenant: str, platform: str, record: dict[str, object]) -> str:
    """DED-16 when there is an order or a checkout, else the caller's id."""
    order, checkout = record["order_id"], record["checkout_id"]
    subject = order_number(str(order)) if order else checkout
    if not subject:
        return str(record["event_id"])
    return _sha(f"{tenant}:{subject}:{platform}:{record['event_name']}")
