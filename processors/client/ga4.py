"""For code that speaks to GA4: the calls of its tag, which tell the pipeline instead.

Events keep the names and parameters of GA4 where they are written down and become the pipeline's on
the way; from there GA4 gets them back by its Measurement Protocol, and every other connected
platform gets them, too. A purchase is an order (see `ecommerce`), which a pixel or a webhook may
tell of as well: one order id is one purchase, however many tell of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Generic, TypedDict, TypeVar, Unpack, cast

from processors.client import worth
from processors.client.door import Door
from processors.client.fields import (
    Amount,
    ConsentFlags,
    Event,
    Identifiers,
    Line,
    Moment,
    Order,
    OrderDetails,
)
from processors.domain.events import GA4_EVENTS

T = TypeVar("T")


class Ga4Item(TypedDict, total=False):
    """A product in GA4's words."""

    item_id: str | int
    item_name: str
    price: Amount
    quantity: int


class Purchase(OrderDetails, total=False):
    """What a purchase may say beside what it must."""

    items: Sequence[Ga4Item]


_OWN_FIELDS: Final = {
    "page_location": "url",
    "page_referrer": "referrer",
    "transaction_id": "order_id",
    "value": "value",
    "currency": "currency",
    "event_id": "event_id",
}


@dataclass(frozen=True)
class Ga4(Generic[T]):
    """A browser that GA4 knows by its client id, and what is known of who sits before it."""

    door: Door[T]
    client_id: str
    session_id: str | None = None
    user_id: str | None = None
    consent: ConsentFlags | None = None
    user_properties: Mapping[str, Any] = field(default_factory=dict)

    def set_user_properties(self, properties: Mapping[str, Any]) -> "Ga4[T]":
        """The same browser, with these properties beside those it has; later calls carry them."""
        return replace(self, user_properties={**self.user_properties, **properties})

    def track_event(self, name: str, params: Mapping[str, Any] | None = None) -> T:
        """An event in GA4's words; parameters that the pipeline has no field for are kept."""
        said = dict(params or {})
        event: dict[str, Any] = {"event_name": str(GA4_EVENTS.get(name, name)), **self._who()}
        for theirs, ours in _OWN_FIELDS.items():
            if (value := said.pop(theirs, None)) is not None:
                event[ours] = value
        if items := said.pop("items", None):
            event["contents"] = lines(items)
        if self.user_properties:
            said["user_properties"] = dict(self.user_properties)
        if said:
            event["properties"] = said
        return self.door.event(**cast(Event, event))

    def track_page_view(
        self, page_location: str, *, page_title: str | None = None, page_referrer: str | None = None
    ) -> T:
        """A page was seen."""
        page = {
            "page_location": page_location,
            "page_title": page_title,
            "page_referrer": page_referrer,
        }
        return self.track_event("page_view", _known(page))

    def track_view_item(self, items: Sequence[Ga4Item], *, currency: str) -> T:
        """Products were looked at."""
        return self._track_items("view_item", items, currency)

    def track_add_to_cart(self, items: Sequence[Ga4Item], *, currency: str) -> T:
        """Products went into the cart."""
        return self._track_items("add_to_cart", items, currency)

    def track_purchase(
        self,
        transaction_id: str | int,
        value: Amount,
        currency: str,
        *,
        purchased_at: Moment,
        **more: Unpack[Purchase],
    ) -> T:
        """An order was placed; `value` is what was charged."""
        items = more.pop("items", ())
        order = {
            "order_id": transaction_id,
            "ordered_at": purchased_at,
            "revenue": value,
            "currency": currency,
            "line_items": lines(items) or None,
            **self._who(),
            **more,
        }
        return self.door.order(**cast(Order, _known(order)))

    def _track_items(self, name: str, items: Sequence[Ga4Item], currency: str) -> T:
        value = worth.of_lines(lines(items))
        params = {"currency": currency, "value": value, "items": items}
        return self.track_event(name, _known(params))

    def _who(self) -> dict[str, Any]:
        ids: Identifiers = {"ga4_client_id": self.client_id}
        if self.session_id:
            ids["ga4_session_id"] = self.session_id
        if self.user_id:
            ids["customer_id"] = self.user_id
        who = {
            "visitor_id": self.client_id,
            "session_id": self.session_id,
            "identifiers": ids,
            "consent": self.consent,
        }
        return _known(who)


def init_ga4(
    door: Door[T],
    *,
    client_id: str,
    session_id: str | None = None,
    user_id: str | None = None,
    consent: ConsentFlags | None = None,
) -> Ga4[T]:
    """The calls for one browser. `client_id` is that of its `_ga` cookie, `session_id` that of its
    `_ga_...` cookie, `user_id` the shop's id of who is logged in: no address, no phone number."""
    return Ga4(door, client_id, session_id, user_id, consent)


def track_server_event(
    door: Door[T], client_id: str, name: str, params: Mapping[str, Any] | None = None
) -> T:
    """One event of a browser of which a server knows no more than the id."""
    return init_ga4(door, client_id=client_id).track_event(name, params)


def track_server_purchase(
    door: Door[T],
    client_id: str,
    transaction_id: str | int,
    value: Amount,
    currency: str,
    *,
    purchased_at: Moment,
    **more: Unpack[Purchase],
) -> T:
    """One purchase of a browser of which a server knows no more than the id."""
    browser = init_ga4(door, client_id=client_id)
    return browser.track_purchase(
        transaction_id, value, currency, purchased_at=purchased_at, **more
    )


def lines(items: Sequence[Ga4Item]) -> list[Line]:
    """Products in the pipeline's words."""
    found: list[Line] = []
    for item in items:
        line = {
            "product_id": item.get("item_id"),
            "title": item.get("item_name"),
            "price": item.get("price"),
            "quantity": item.get("quantity"),
        }
        found.append(cast(Line, _known(line)))
    return found


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
