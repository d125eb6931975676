"""`POST /api/events/checkout`: Shopify's pixel envelope, or a flat event with the names of cart
attributes. Both are rewritten to the neutral event. Forgeable, so it never makes an order."""

from collections.abc import Mapping
from typing import Any, Final

from processors.domain.events import SHOPIFY_PIXEL_EVENTS
from processors.domain.payload import at, rows
from processors.gateway import attributes
from processors.gateway.door import Accepted, Door
from processors.gateway.registry import handler
from processors.gateway.routes.events import pixel_event
from processors.gateway.storefront import digits, shown

_DETAILS: Final = {
    "firstName": "first_name",
    "lastName": "last_name",
    "city": "city",
    "provinceCode": "state",
    "zip": "zip",
    "countryCode": "country",
}
_CONSENT: Final = (
    ("analyticsProcessingAllowed", ("analytics_storage",)),
    ("marketingAllowed", ("ad_storage", "ad_user_data", "ad_personalization")),
)


@handler("/api/events/checkout")
def checkout(item: dict[str, Any], door: Door) -> Accepted:
    """Take the events of the checkout pixel."""
    neutral = _from_envelope(item) if _is_envelope(item) else _from_flat(item)
    return pixel_event(item, neutral, door, source="checkout", shop="shopify")


def _is_envelope(item: Mapping[str, Any]) -> bool:
    return "event_name" not in item and ("data" in item or "context" in item or "clientId" in item)


def _from_flat(item: Mapping[str, Any]) -> dict[str, Any]:
    found = attributes.read(item.items())
    said = item.get("identifiers")
    ids = {**found.pop("identifiers", {}), **(said if type(said) is dict else {})}
    neutral = {**item, **{k: v for k, v in found.items() if item.get(k) in (None, "")}}
    if ids and (said is None or type(said) is dict):
        neutral["identifiers"] = ids
    if "checkout_token" in item:
        neutral.setdefault("checkout_id", item["checkout_token"])
    details = {k: item[k] for k in ("email", "phone") if item.get(k) is not None}
    if details and "user_data" not in item:
        neutral["user_data"] = details
    name = neutral.get("event_name")
    if type(name) is str:
        neutral["event_name"] = str(SHOPIFY_PIXEL_EVENTS.get(name, name))
    return neutral


def _from_envelope(item: Mapping[str, Any]) -> dict[str, Any]:
    document = at(item, "context", "document")
    data = at(item, "data", "checkout")
    # What the buyer took along in the cart; then what the pixel finds in the browser.
    told = [*rows(data, "attributes"), *rows(item, "attributes")]
    pairs = [(row.get("key"), row.get("value")) for row in told]
    neutral = attributes.read(pairs)
    neutral.setdefault("visitor_id", item.get("clientId"))
    name = item.get("name")
    known = SHOPIFY_PIXEL_EVENTS.get(name, name) if type(name) is str else name
    neutral["event_name"] = str(known) if type(known) is not int and known else known
    neutral["event_id"] = item.get("id")
    neutral["occurred_at"] = item.get("timestamp")
    neutral["sent_at"] = item.get("sent_at")
    neutral["url"] = at(document, "location").get("href")
    neutral["referrer"] = document.get("referrer")
    neutral["user_agent"] = at(item, "context", "navigator").get("userAgent")
    neutral["checkout_id"] = data.get("token")
    neutral["consent"] = item.get("consent") or _consent(item)
    order = at(data, "order")
    neutral["order_id"] = order.get("id")
    neutral["customer_id"] = digits(at(order, "customer").get("id"))
    total = at(data, "totalPrice")
    neutral["value"] = total.get("amount")
    neutral["currency"] = total.get("currencyCode") or data.get("currencyCode")
    lines = rows(data, "lineItems")
    if lines:
        neutral["contents"] = [_line(line) for line in lines]
    neutral["user_data"] = _details(data)
    return neutral if data else {**neutral, **shown(at(item, "data"))}


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    variant = at(line, "variant")
    product = variant.get("id") or variant.get("sku") or at(variant, "product").get("id")
    return {
        "product_id": digits(product),
        "sku": variant.get("sku"),
        "title": line.get("title"),
        "quantity": line.get("quantity"),
        "price": at(variant, "price").get("amount"),
    }


def _details(data: Mapping[str, Any]) -> dict[str, Any]:
    """Email and phone as the buyer gave them; the rest from the first address that is there."""
    address = at(data, "billingAddress") or at(data, "shippingAddress")
    found = {ours: address.get(theirs) for theirs, ours in _DETAILS.items()}
    found["state"] = found["state"] or address.get("province")
    found["country"] = found["country"] or address.get("country")
    found["email"] = data.get("email")
    found["phone"] = data.get("phone") or data.get("smsMarketingPhone") or address.get("phone")
    return {name: value for name, value in found.items() if value}


def _consent(item: Mapping[str, Any]) -> dict[str, str] | None:
    said = at(item, "customerPrivacy") or at(item, "init", "customerPrivacy")
    return {
        flag: "granted" if said[name] else "denied"
        for name, flags in _CONSENT
        if type(said.get(name)) is bool
        for flag in flags
    } or None
