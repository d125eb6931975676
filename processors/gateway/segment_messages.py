"""Messages in the form of Segment's HTTP tracking API, as neutral items. Pure.

The fields are those of Segment's public spec (segment.com/docs/connections/spec: common fields,
track, page, screen, identify, alias, group, ecommerce events version 2), which RudderStack's SDKs
share (rudderstack.com/docs/event-spec), with their own `context.sessionId`, `context.sessionStart`
and `context.consentManagement`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from processors.domain.consent import FLAGS
from processors.domain.events import SEGMENT_EVENTS, StandardEvent
from processors.domain.payload import at
from processors.gateway.lines import first

Message = Mapping[str, Any]

KINDS: Final = ("track", "page", "screen", "identify", "alias", "group")
PEOPLE: Final = frozenset({"identify", "alias", "group"})
"""Kinds that tell who somebody is; they are no events and go to no platform."""

NAMES: Final = {
    "event_name": "event",
    "event_id": "messageId",
    "visitor_id": "anonymousId",
    "session_id": "context.sessionId",
    "occurred_at": "timestamp",
    "event_time": "timestamp",
    "updated_at": "timestamp",
    "sent_at": "sentAt",
    "url": "context.page.url",
    "referrer": "context.page.referrer",
    "user_agent": "context.userAgent",
    "ip": "context.ip",
    "user_data": "traits",
    "value": "properties.total",
    "revenue": "properties.total",
    "currency": "properties.currency",
    "contents": "properties.products",
    "line_items": "properties.products",
    "order_id": "properties.order_id",
    "checkout_id": "properties.checkout_id",
}
"""Our fields as a message calls them."""
_CAMPAIGN: Final = {
    "source": "utm_source",
    "medium": "utm_medium",
    "name": "utm_campaign",
    "term": "utm_term",
    "content": "utm_content",
}
_TRAITS: Final = {
    "email": "email",
    "phone": "phone",
    "firstName": "first_name",
    "first_name": "first_name",
    "lastName": "last_name",
    "last_name": "last_name",
}
_ADDRESS: Final = {
    "city": "city",
    "state": "state",
    "postalCode": "zip",
    "postal_code": "zip",
    "country": "country",
}
_ADS: Final = ("ad_storage", "ad_user_data", "ad_personalization")
_CATEGORIES: Final = (
    (("advertis", "marketing", "target"), _ADS),
    (("analytic", "performance", "statistic", "measure"), ("analytics_storage",)),
)
_CHANGES: Final = {"order refunded": "refunded", "order cancelled": "cancelled"}
_PRODUCT: Final = ("product_id", "sku", "name", "price", "quantity")
_NO_REFERRER: Final = "$direct"
"""What RudderStack's SDK says where there was none."""
_WORTH: Final = ("total", "revenue", "value")
_TAKEN: Final = frozenset({"email", "phone", "products", "currency", "order_id", "checkout_id"})


def neutral(message: Message, kind: str, *, shop: str) -> dict[str, Any]:
    """The neutral event of a message of the kind."""
    context = at(message, "context")
    traits = {**at(context, "traits"), **at(message, "traits")}
    properties = at(message, "properties")
    page = at(context, "page")
    campaign = at(context, "campaign")
    event: dict[str, Any] = {
        "event_name": _name(message, kind),
        "event_id": message.get("messageId"),
        **_times(message),
        "visitor_id": message.get("anonymousId"),
        "session_id": context.get("sessionId"),
        "url": first(properties, ("url",)) if kind == "page" else None,
        "referrer": first(properties, ("referrer",)) if kind == "page" else None,
        "user_agent": context.get("userAgent"),
        "ip": context.get("ip"),
        "identifiers": _ids(message, context),
        "user_data": _details(message, traits, properties),
        "consent": consent(message),
        **{ours: campaign.get(theirs) for theirs, ours in _CAMPAIGN.items()},
    }
    event["url"] = event["url"] or page.get("url")
    event["referrer"] = event["referrer"] or page.get("referrer")
    if event["referrer"] == _NO_REFERRER:
        event["referrer"] = None
    if context.get("sessionStart") is True:
        event["session_start"] = True
    if kind == "alias" and event["visitor_id"] in (None, ""):
        event["visitor_id"] = message.get("previousId")
    if kind == "track":
        event |= _commerce(properties, shop)
    event["properties"] = _kept(message, kind, context, traits)
    return {name: value for name, value in event.items() if value not in (None, "", {})}


def is_order(event: Mapping[str, Any]) -> bool:
    """Whether the neutral event is a purchase that a server can vouch for."""
    return (
        event.get("event_name") == StandardEvent.PURCHASE
        and event.get("order_id") not in (None, "")
        and event.get("value") is not None
    )


def change(event: Mapping[str, Any], event_id: str) -> dict[str, Any] | None:
    """What a refund or a cancellation says of its order; None for any other event.

    A refund that lists products is of a part of the order, and stands beside others under the id
    of the event; one that lists none is of all of it.
    """
    name, order_id = event.get("event_name"), event.get("order_id")
    status = _CHANGES.get(name.strip().lower()) if type(name) is str else None
    if status is None or order_id in (None, ""):
        return None
    said: dict[str, Any] = {"order_id": order_id, "source": "api", "status": status}
    if status == "refunded" and event.get("contents"):
        said["status"] = "partially_refunded"
        said["currency"] = event.get("currency")
        if event.get("value") is not None:
            said["refunds"] = [{"refund_id": event_id, "amount": event["value"]}]
    for field in ("event_id", "visitor_id", "session_id", "identifiers", "user_data", "consent"):
        if field in event:
            said[field] = event[field]
    return said


def _name(message: Message, kind: str) -> Any:
    if kind == "track":
        name = message.get("event")
        return str(SEGMENT_EVENTS.get(name.strip().lower(), name)) if type(name) is str else name
    return {"page": str(StandardEvent.PAGE_VIEW), "screen": "Screen"}.get(kind, kind)


def _times(message: Message) -> dict[str, Any]:
    """When by the client's clock, and when it was sent by it. A message that has a time of receipt
    has been through a collector before, which has corrected `timestamp`."""
    at_, original = message.get("timestamp"), message.get("originalTimestamp")
    if at_ is not None and message.get("receivedAt") is not None:
        return {"occurred_at": at_}
    return {"occurred_at": at_ or original, "sent_at": message.get("sentAt")}


def _ids(message: Message, context: Message) -> dict[str, Any]:
    device = at(context, "device")
    said = {
        "customer_id": message.get("userId"),
        "device_id": device.get("id"),
        **{name: context.get(name) for name in ("fbp", "fbc", "ttp", "scid", "epik")},
    }
    return {name: value for name, value in said.items() if value not in (None, "")}


def _details(message: Message, traits: Message, properties: Message) -> dict[str, Any]:
    """Email and phone from the traits, else from the event; an id that is an email is one."""
    found = {ours: traits[theirs] for theirs, ours in _TRAITS.items() if traits.get(theirs)}
    address = at(traits, "address")
    found |= {ours: address[theirs] for theirs, ours in _ADDRESS.items() if address.get(theirs)}
    for name in ("email", "phone"):
        if properties.get(name):
            found.setdefault(name, properties[name])
    user = message.get("userId")
    if type(user) is str and "@" in user:
        found.setdefault("email", user)
    return found


def consent(message: Message) -> Any:
    """Our own flags as they are, else Segment's category preferences, else RudderStack's lists of
    allowed and denied ids, by what the names of the categories say."""
    context = at(message, "context")
    own = message.get("consent") or context.get("consent")
    if type(own) is not dict:
        own = {}
    if not own.keys().isdisjoint(FLAGS):
        return own
    found: dict[str, str] = {}
    for name, allowed in at(own, "categoryPreferences").items():
        _mark(found, [name], "granted" if allowed is True else "denied")
    lists = at(context, "consentManagement")
    for field, said in (("allowedConsentIds", "granted"), ("deniedConsentIds", "denied")):
        ids = lists.get(field)
        _mark(found, ids if type(ids) is list else (), said)
    return found


def _mark(flags: dict[str, str], names: Iterable[Any], said: str) -> None:
    """One word for the flags of the categories; of two for one flag the denial counts."""
    for name in names:
        word = name.lower() if type(name) is str else ""
        for parts, meant in _CATEGORIES:
            if any(part in word for part in parts):
                for flag in meant:
                    if flags.get(flag) != "denied":
                        flags[flag] = said


def _commerce(properties: Message, shop: str) -> dict[str, Any]:
    products = properties.get("products")
    if products is None and (properties.get("product_id") or properties.get("sku")):
        products = [{name: properties[name] for name in _PRODUCT if name in properties}]
    found = {
        "value": first(properties, _WORTH),
        "currency": properties.get("currency"),
        "contents": products,
        "checkout_id": properties.get("checkout_id"),
        "order_id": properties.get("order_id"),
    }
    if found["order_id"] not in (None, ""):
        found["order_source"] = shop
    return found


def _kept(message: Message, kind: str, context: Message, traits: Message) -> dict[str, Any]:
    """What else was said of the event, or of the person."""
    if kind in PEOPLE:
        kept = {name: v for name, v in traits.items() if name not in (*_TRAITS, "address")}
        if kind == "group":
            kept = {"group_id": message.get("groupId"), **kept}
        return {name: value for name, value in kept.items() if value is not None}
    kept = {name: v for name, v in at(message, "properties").items() if name not in _TAKEN}
    for name in ("name", "category"):
        if kind != "track" and message.get(name):
            kept.setdefault(name, message[name])
    if context.get("locale"):
        kept.setdefault("locale", context["locale"])
    return kept
