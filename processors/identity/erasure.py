"""Which records of a batch are of erased people: pure, and the same in any order.

Erased is a record that was received at or before the time of an erasure and carries one of its ids.
A touch or an event of that kind is dropped; an order keeps its money. Under the id of such a record
nothing comes back: a later receipt of the event is dropped, too (but for a content that is earlier
than it, which would have stood before it anyway), and every version of the order is stripped,
whenever it is received, since shops tell of their old orders for years.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from processors.domain.ids import subject_id, touchpoint_id
from processors.engine.outcome import Drop
from processors.engine.processor import Item
from processors.identity.rows import conversion_of, pixel_order, survey_row
from schemas.command import Command, Erase, SetConsent, Suppress, Unlink
from schemas.envelope import Browser, Identifiers, Marketing, UserData
from schemas.joining import joining_nodes
from schemas.order import Order
from schemas.pixel_event import PixelEvent
from schemas.touchpoint import Touchpoint

ERASED: Final = Drop("erased")
Owned: TypeAlias = tuple[str, str]
"""(tenant, subject or record id)."""

_STRIPPED: Final[dict[str, object]] = {
    "visitor_id": None,
    "session_id": None,
    "checkout_id": None,
    "consent": None,
    "identifiers": Identifiers(),
    "marketing": Marketing(),
    "browser": Browser(),
    "user_data": UserData(),
    "erased": True,
}


@dataclass(frozen=True, slots=True)
class Gone:
    """What the batch has of erased people: items to drop, commands that lose ids, orders of which
    the money is left; and what it has that nobody knew: `ids` by the time until when they are
    erased, and `records` by the time at which they occurred, with the event's id, if they are one.
    """

    dropped: frozenset[int] = frozenset()
    instead: Mapping[int, Command] = field(default_factory=dict)
    conversions: frozenset[Owned] = frozenset()
    ids: Mapping[Owned, int] = field(default_factory=dict)
    records: Mapping[Owned, tuple[int, str | None]] = field(default_factory=dict)

    @property
    def tenants(self) -> set[str]:
        """Whose tables something has to be taken out of."""
        return {tenant for tenant, _ in (*self.ids, *self.records)}


NOBODY: Final = Gone()


def erasures(batch: Sequence[Item]) -> dict[Owned, int]:
    """The ids that the batch's commands erase, and until when."""
    found: dict[Owned, int] = {}
    for item in batch:
        match item.value:
            case Command(tenant_id=tenant, body=Erase(erased_at=at, subjects=subjects)):
                for subject in subjects:
                    found[tenant, subject] = max(at, found.get((tenant, subject), at))
    return found


def wanted(batch: Sequence[Item], tenants: set[str]) -> tuple[set[Owned], set[Owned]]:
    """(subjects, record ids) of the batch's records of these tenants."""
    subjects: set[Owned] = set()
    records: set[Owned] = set()
    for item in batch:
        tenant = getattr(item.value, "tenant_id", None)
        if tenant in tenants:
            subjects.update((tenant, subject_id(tenant, node)) for node in _nodes(item))
            records.update((tenant, name) for name in _records(item))
    return subjects, records


def screen(
    batch: Sequence[Item],
    tenants: set[str],
    ids: Mapping[Owned, int],
    records: Mapping[Owned, int],
) -> Gone:
    """What is to be done with the batch, of tenants that have erased somebody; `ids` and `records`
    are those that were erased before, as far as the batch has them."""
    new_ids = {own: at for own, at in erasures(batch).items() if at > ids.get(own, -1)}
    until = {**ids, **new_ids}
    spent, fresh = dict(records), dict[Owned, tuple[int, str | None]]()
    marked: list[tuple[int, Item]] = [
        (index, item)
        for index, item in enumerate(batch)
        if getattr(item.value, "tenant_id", None) in tenants
    ]

    def spend(item: Item) -> None:
        for own, at, event_id in _spends(item):
            if at < spent.get(own, at + 1):
                spent[own], fresh[own] = at, (at, event_id)

    taken = {index for index, item in marked if _is_erased(item, until)}
    for index, item in marked:
        if index in taken:
            spend(item)
    dropped: set[int] = set()
    instead: dict[int, Command] = {}
    for index, item in marked:
        record = item.value
        match record:
            case Touchpoint() | PixelEvent():
                own = (record.tenant_id, touchpoint_id(record.tenant_id, record.event_id))
                if index in taken or record.occurred_at >= spent.get(own, record.occurred_at + 1):
                    spend(item)
                    dropped.add(index)
            case Command():
                left = _left(record, until)
                if left is None:
                    dropped.add(index)
                elif left is not record:
                    instead[index] = left
    dropped |= {index for index, item in marked if _answers(item, spent)}
    return Gone(frozenset(dropped), instead, frozenset(spent), new_ids, fresh)


def stripped(order: Order) -> Order:
    """What is left of an order: its ids in the shop, its money, its lines."""
    return order.model_copy(update=_STRIPPED)


def _nodes(item: Item) -> Sequence[str]:
    match item.value:
        case Touchpoint() | PixelEvent() | Order() as record:
            return joining_nodes(record)
        case Command(body=SetConsent(ids=ids) | Suppress(ids=ids)):
            return ids
        case Command(body=Unlink(a=a, b=b)):
            return (a, b)
    return ()


def _records(item: Item) -> Iterator[str]:
    match item.value:
        case Touchpoint() | PixelEvent() as record:
            yield touchpoint_id(record.tenant_id, record.event_id)
            if isinstance(record, PixelEvent) and (conversion := order_of(record)):
                yield conversion
        case Order() as order:
            yield conversion_of(order)


def order_of(event: PixelEvent) -> str | None:
    """The order that an event is, as a purchase, or is about, as an answer to a survey."""
    if event.source == "survey":
        answer = survey_row(event)
        return answer.conversion_id if answer else None
    order = pixel_order(event)
    return conversion_of(order) if order else None


def _spends(item: Item) -> Iterator[tuple[Owned, int, str | None]]:
    match item.value:
        case Touchpoint() | PixelEvent() as record:
            tenant, name = record.tenant_id, record.event_id
            yield (tenant, touchpoint_id(tenant, name)), record.occurred_at, name
            if isinstance(record, PixelEvent) and record.source != "survey":
                conversion = order_of(record)
                if conversion is not None:
                    yield (tenant, conversion), 0, None
        case Order() as order:
            yield (order.tenant_id, conversion_of(order)), 0, None


def _answers(item: Item, spent: Mapping[Owned, int]) -> bool:
    """Whether it is an answer about an order of which only the money is left."""
    record = item.value
    if not isinstance(record, PixelEvent) or record.source != "survey":
        return False
    conversion = order_of(record)
    return conversion is not None and (record.tenant_id, conversion) in spent


def _is_erased(item: Item, until: Mapping[Owned, int]) -> bool:
    record = item.value
    if not isinstance(record, Touchpoint | PixelEvent | Order):
        return False
    if isinstance(record, PixelEvent) and record.filtered is not None:
        return False
    if isinstance(record, Order) and (record.test or record.unknown_topic):
        return False
    tenant, at = record.tenant_id, record.received_at
    return any(until.get((tenant, subject_id(tenant, n)), -1) >= at for n in joining_nodes(record))


def _left(command: Command, until: Mapping[Owned, int]) -> Command | None:
    """The command without ids that were erased since it was issued; None when none is left."""
    tenant, at = command.tenant_id, command.issued_at

    def stays(node: str) -> bool:
        return until.get((tenant, subject_id(tenant, node)), -1) < at

    match command.body:
        case SetConsent(ids=ids) | Suppress(ids=ids) as body:
            kept = tuple(node for node in ids if stays(node))
            if len(kept) == len(ids):
                return command
            if not kept:
                return None
            return command.model_copy(update={"body": body.model_copy(update={"ids": kept})})
        case Unlink(a=a, b=b):
            return command if stays(a) and stays(b) else None
    return command
