"""Deliveries as requests of Klaviyo's Events API. Pure.

One event goes to `events`, more of them to `event-bulk-create-jobs`; both know an event again by
`unique_id`, profile and metric. Times are ISO 8601 cut to the second, and a future one is sent as
now. Whatever is a text is capped by the vendor at 100 KB, which no field of ours reaches.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import orjson

from processors.domain.event_names import KLAVIYO, platform_name
from processors.platforms.base import Request, Unsendable
from processors.platforms.klaviyo.people import profile
from processors.platforms.klaviyo.settings import KlaviyoSettings
from processors.platforms.payload import amount, compact, order_reference, page_url
from schemas.delivery import Delivery
from schemas.envelope import Content, Json

ONE: Final = "/api/events"
BULK: Final = "/api/event-bulk-create-jobs"
MAX_NAME: Final = 127
RETRACTIONS: Final = {"refund": "Refunded Order", "cancel": "Cancelled Order"}
"""Klaviyo's own shop integrations tell of both by metrics of these names."""
_JSON_API: Final = "application/vnd.api+json"

Clear = Callable[[Delivery], Mapping[str, str]]


def refusal(
    delivery: Delivery, clear: Clear, *, settings: KlaviyoSettings, locked: bool
) -> str | None:
    """Why Klaviyo would never take it, or None. Nobody can tell who is in a `locked` one."""
    try:
        event(delivery, settings=settings, now_ms=delivery.occurred_at)
        if not locked:
            profile(delivery, clear(delivery))
    except Unsendable as error:
        return str(error)
    return None


def is_known_without_phone(delivery: Delivery, clear: Clear) -> bool:
    """Whether Klaviyo would know who it is by something else."""
    try:
        profile(delivery, clear(delivery), phone=False)
    except Unsendable:
        return False
    return True


def request(
    deliveries: Sequence[Delivery],
    authorization: str,
    *,
    settings: KlaviyoSettings,
    clear: Clear,
    now_ms: int,
    phoneless: frozenset[int] = frozenset(),
) -> Request:
    """One request with these events; those at the places of `phoneless` go without a number."""
    parts = [
        (
            _resource("profile", profile(delivery, clear(delivery), phone=n not in phoneless)),
            event(delivery, settings=settings, now_ms=now_ms),
        )
        for n, delivery in enumerate(deliveries)
    ]
    if len(parts) == 1:
        ((person, said),) = parts
        path, body = ONE, _resource("event", {**said, "profile": person})
    else:
        path, body = BULK, _job(parts)
    return Request(
        url=f"{settings.base_url.rstrip('/')}{path}",
        body=orjson.dumps(body),
        headers={
            "authorization": authorization,
            "revision": settings.revision,
            "content-type": _JSON_API,
            "accept": _JSON_API,
        },
    )


def event(delivery: Delivery, *, settings: KlaviyoSettings, now_ms: int) -> Json:
    """The attributes of one event but for its profile.

    Raises:
        Unsendable: if Klaviyo would refuse it.
    """
    found: Json = {
        "metric": _resource("metric", {"name": _metric(delivery, settings)}),
        "properties": properties(delivery),
        "time": _iso(min(delivery.occurred_at, now_ms)),
        "unique_id": delivery.event_id,
    }
    if delivery.value is not None and delivery.currency:
        found["value"] = amount(delivery.value, delivery.currency)
        found["value_currency"] = delivery.currency
    if settings.backfill:
        found["backfill"] = True
    return found


def properties(delivery: Delivery) -> Json:
    """What it was about, under the names that Klaviyo's templates use; it may be empty."""
    lines = [line for line in (_item(one, delivery.currency) for one in delivery.contents) if line]
    return compact(
        {
            "OrderId": order_reference(delivery),
            "CheckoutId": delivery.checkout_id,
            "URL": page_url(delivery),
            "Items": lines,
            "ItemNames": [line["ProductName"] for line in lines if "ProductName" in line],
        }
    )


def _item(content: Content, currency: str | None) -> Json:
    named = compact(
        {"ProductID": content.product_id, "SKU": content.sku, "ProductName": content.title}
    )
    if not named:
        return {}
    named["Quantity"] = content.quantity
    if content.price is not None and currency:
        named["ItemPrice"] = amount(content.price, currency)
    return named


def _metric(delivery: Delivery, settings: KlaviyoSettings) -> str:
    if delivery.kind == "adjust":
        raise Unsendable("Klaviyo has no way to take an adjustment")
    if delivery.kind != "event":
        return RETRACTIONS[delivery.kind]
    name = (platform_name(delivery.event_name, "klaviyo") or "").strip()
    if not name or len(name) > MAX_NAME:
        raise Unsendable(f"a metric's name has 1 to {MAX_NAME} characters")
    return settings.purchase_name if name == KLAVIYO["Purchase"] else name


def _job(parts: Sequence[tuple[Json, Json]]) -> Json:
    """Each event with a profile of its own, so that a place in it is a place in the batch."""
    rows = [
        {
            "type": "event-bulk-create",
            "attributes": {
                "profile": person,
                "events": {"data": [{"type": "event", "attributes": said}]},
            },
        }
        for person, said in parts
    ]
    return _resource("event-bulk-create-job", {"events-bulk-create": {"data": rows}})


def _resource(kind: str, attributes: Json) -> Json:
    return {"data": {"type": kind, "attributes": attributes}}


def _iso(ms: int) -> str:
    return datetime.fromtimestamp(ms // 1000, UTC).isoformat()
