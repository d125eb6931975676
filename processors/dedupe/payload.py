"""What a platform is told of an event: the record of `deliveries.<platform>.v1`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from processors.dedupe.handle import FoundOrder, OrderKey, Wanted
from processors.domain.events import StandardEvent
from processors.domain.ids import normalise_order_id
from schemas.delivery import Delivery
from schemas.envelope import Frozen, UserData
from schemas.pixel_event import PixelEvent
from schemas.stitched_event import StitchedEvent

Part = TypeVar("Part", bound=Frozen)


def delivery(wanted: Wanted, seen: Mapping[OrderKey, Sequence[PixelEvent]]) -> Delivery:
    """The record; `seen` are the pixel's own events by order, the best witness first."""
    about = wanted.subject.about
    if isinstance(about, FoundOrder):
        found = _purchase(wanted, about, seen.get(about.key, ()))
    else:
        found = _event(wanted, about)
    if wanted.chat_click is None:
        return found
    marketing = found.marketing.model_copy(update={"ctwa_clid": wanted.chat_click})
    return found.model_copy(update={"marketing": marketing})


def _purchase(wanted: Wanted, found: FoundOrder, seen: Sequence[PixelEvent]) -> Delivery:
    """The order's purchase at its gross: what a customer paid is not changed by a refund that
    came before the first delivery. What the order does not know the browser may. A retraction is
    worth what it takes back, or of an `adjust` what is left, and names the purchase's time beside
    its own; of a part of it nobody says which products."""
    order = found.order
    value = order.gross if wanted.amount is None else wanted.amount
    return Delivery.model_construct(
        tenant_id=found.tenant_id,
        platform=wanted.key.platform,
        event_id=wanted.key.event_id,
        kind=wanted.key.kind,
        event_name=str(StandardEvent.PURCHASE),
        occurred_at=wanted.occurred_at,
        converted_at=None if wanted.key.kind == "event" else found.converted_at,
        turn=wanted.turn,
        source_event_id=order.event_id,
        source=order.source,
        order_id=order.order_id,
        checkout_id=order.checkout_id,
        person_id=found.person_id,
        value=value,
        currency=order.currency,
        contents=order.line_items if value == order.gross else (),
        identifiers=_filled(order.identifiers, [event.identifiers for event in seen]),
        visitor_id=order.visitor_id or next((e.visitor_id for e in seen if e.visitor_id), None),
        marketing=_filled(order.marketing, [event.marketing for event in seen]),
        browser=_filled(order.browser, [event.browser for event in seen]),
        user_data=_user_data(order.user_data, [event.user_data for event in seen]),
        consent=wanted.consent,
    )


def _event(wanted: Wanted, stitched: StitchedEvent) -> Delivery:
    event = stitched.event
    return Delivery.model_construct(
        tenant_id=stitched.tenant_id,
        platform=wanted.key.platform,
        event_id=wanted.key.event_id,
        kind="event",
        event_name=event.event_name,
        occurred_at=event.occurred_at,
        source_event_id=event.event_id,
        source=event.order_source,
        order_id=normalise_order_id(event.order_id) if event.order_id else None,
        checkout_id=event.checkout_id,
        person_id=stitched.person_id,
        value=event.value,
        currency=event.currency,
        contents=event.contents,
        identifiers=event.identifiers,
        visitor_id=event.visitor_id,
        marketing=event.marketing,
        browser=event.browser,
        user_data=event.user_data,
        consent=wanted.consent,
    )


def _filled(own: Part, others: Iterable[Part]) -> Part:
    """`own`, each absent field from the first of the others that has it."""
    gaps = {name for name in type(own).model_fields if getattr(own, name) is None}
    found: dict[str, object] = {}
    for other in others:
        for name in gaps - found.keys():
            if (value := getattr(other, name)) is not None:
                found[name] = value
    return own.model_copy(update=found) if found else own


def _user_data(own: UserData, others: Sequence[UserData]) -> UserData:
    hashed: dict[str, str] = {}
    for data in (own, *others):
        hashed = {**data.hashed, **hashed}
    sealed = own.sealed or next((data.sealed for data in others if data.sealed), None)
    return UserData(hashed=hashed, sealed=sealed)
