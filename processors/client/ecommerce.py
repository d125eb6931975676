"""A shop's actions, one call each, as the events and orders that the pipeline knows.

A purchase is an order, and not an event beside it: the pipeline tells the platforms of it once,
when it knows to whom it belongs, under the id that the browser's tags use, too.
"""

from typing import Generic, TypeVar, Unpack

from processors.client import worth
from processors.client.door import Door
from processors.client.fields import EventDetails, Order
from processors.client.items import BadItem
from processors.domain.events import StandardEvent

T = TypeVar("T")


class EcommerceTracker(Generic[T]):
    """Tells a door what happens in a shop; `currency` is that of values without one of their own.

    The value of what has products and no value is the sum of their prices, when all have one.
    """

    def __init__(self, door: Door[T], *, currency: str | None = None) -> None:
        self._door = door
        self._currency = currency

    def view_page(self, **details: Unpack[EventDetails]) -> T:
        """A page was seen."""
        return self._tell(StandardEvent.PAGE_VIEW, details)

    def view_item(self, **details: Unpack[EventDetails]) -> T:
        """A product was looked at."""
        return self._tell(StandardEvent.VIEW_CONTENT, details)

    def view_item_list(self, **details: Unpack[EventDetails]) -> T:
        """A list of products was looked at."""
        return self._tell("ViewItemList", details)

    def search(self, query: str, **details: Unpack[EventDetails]) -> T:
        """Something was searched for."""
        details["properties"] = {**details.get("properties", {}), "search_term": query}
        return self._tell(StandardEvent.SEARCH, details)

    def add_to_cart(self, **details: Unpack[EventDetails]) -> T:
        """Products went into the cart."""
        return self._tell(StandardEvent.ADD_TO_CART, details)

    def remove_from_cart(self, **details: Unpack[EventDetails]) -> T:
        """Products were taken out of the cart."""
        return self._tell("RemoveFromCart", details)

    def view_cart(self, **details: Unpack[EventDetails]) -> T:
        """The cart was looked at."""
        return self._tell("ViewCart", details)

    def add_to_wishlist(self, **details: Unpack[EventDetails]) -> T:
        """Products went onto the wish list."""
        return self._tell(StandardEvent.ADD_TO_WISHLIST, details)

    def begin_checkout(self, **details: Unpack[EventDetails]) -> T:
        """A checkout was begun."""
        return self._tell(StandardEvent.INITIATE_CHECKOUT, details)

    def add_shipping_info(self, **details: Unpack[EventDetails]) -> T:
        """An address to ship to was given."""
        return self._tell("AddShippingInfo", details)

    def add_payment_info(self, **details: Unpack[EventDetails]) -> T:
        """Details of a payment were given."""
        return self._tell(StandardEvent.ADD_PAYMENT_INFO, details)

    def purchase(self, **order: Unpack[Order]) -> T:
        """An order was placed."""
        return self._door.order(**order)

    def refund(self, **order: Unpack[Order]) -> T:
        """Money of an order went back: the order as it stands, with all its `refunds` so far, or
        with their sum as `refunded_amount`."""
        refunded = order.get("refunded_amount")
        if refunded is None and not order.get("refunds"):
            raise BadItem("refunds", "or a refunded_amount is required")
        if refunded is None:
            back = worth.of_refunds(order.get("refunds", ()))
        else:
            back = worth.decimal(refunded, "refunded_amount")
        if "status" not in order:
            whole = back >= worth.decimal(order["revenue"], "revenue")
            order["status"] = "refunded" if whole else "partially_refunded"
        return self._door.order(**order)

    def cancel(self, **order: Unpack[Order]) -> T:
        """An order came to nothing."""
        order["status"] = "cancelled"
        return self._door.order(**order)

    def lead(self, **details: Unpack[EventDetails]) -> T:
        """Somebody wants to be called back."""
        return self._tell(StandardEvent.LEAD, details)

    def sign_up(self, **details: Unpack[EventDetails]) -> T:
        """An account was made."""
        return self._tell(StandardEvent.COMPLETE_REGISTRATION, details)

    def subscribe(self, **details: Unpack[EventDetails]) -> T:
        """A subscription was begun."""
        return self._tell(StandardEvent.SUBSCRIBE, details)

    def start_trial(self, **details: Unpack[EventDetails]) -> T:
        """A trial was begun."""
        return self._tell(StandardEvent.START_TRIAL, details)

    def contact(self, **details: Unpack[EventDetails]) -> T:
        """Somebody got in touch."""
        return self._tell(StandardEvent.CONTACT, details)

    def custom(self, name: str, **details: Unpack[EventDetails]) -> T:
        """Anything else, under a name of your own."""
        return self._tell(name, details)

    def _tell(self, name: str, details: EventDetails) -> T:
        if "value" not in details:
            value = worth.of_lines(details.get("contents", ()))
            if value is not None:
                details["value"] = value
        if self._currency is not None and ("value" in details or "contents" in details):
            details.setdefault("currency", self._currency)
        return self._door.event(event_name=str(name), **details)
