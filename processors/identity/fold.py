"""All snapshots of an order folded into one conversion, pure and order-free.

Snapshots are sorted by (pixel before shop, version time, status, hash); a later value wins over
an earlier one and null never wins; identifiers fold field by field; refunds are a set. Shops date
their snapshots to the second, so of two of one second the status that comes later in an order's
life stands. The currency is the one that the gross was told in: a refund may come in another.

A chargeback is what analysts of a shop expect of it: while a dispute is open or once it is lost,
the order is `charged_back` and worth nothing, whatever part was disputed; won, the order is what
it would be without the dispute. Disputes are told apart from the order's own status, which shops
leave at `paid`. A cancelled order stays cancelled.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from processors.domain.order_money import settled
from processors.domain.urls import CODES, marketing
from processors.identity.graph import Link
from schemas.joining import STRENGTH, joining_nodes
from schemas.order import Order, OrderStatus

LIFE: Final = ("pending", "paid", "partially_refunded", "refunded", "cancelled", "charged_back")
PAID: Final = frozenset({"paid", "partially_refunded", "refunded", "charged_back"})
DECISIONS: Final = ("open", "won", "lost")
NESTED: Final = ("identifiers", "marketing", "browser")
SETS: Final = ("refunds", "disputes")


@dataclass(frozen=True, slots=True)
class Version:
    """A stored snapshot and its time."""

    version_at: int
    order: Order


@dataclass(frozen=True, slots=True)
class Fold:
    """A conversion, but for its person."""

    order: Order
    refunded: int
    net: int
    converted_at: int
    status: OrderStatus
    state: str
    deliverable: bool
    nodes: tuple[str, ...]


def rank(version: Version) -> tuple[bool, int, int, str]:
    """Of two snapshots that tell of one field the greater wins."""
    order = version.order
    stage = -1 if order.status is None else LIFE.index(order.status)
    return order.precedence == "shop", version.version_at, stage, order.content_hash


def fold(
    versions: Iterable[Version], refunds: Mapping[str, int], *, pixel_counts: bool
) -> Fold | None:
    """The conversion that these snapshots make, or None when none of them counts."""
    counted = sorted(
        (v for v in versions if pixel_counts or v.order.precedence == "shop"),
        key=rank,
    )
    if not any(pixel_counts or v.order.precedence == "shop" for v in counted):
        return None
    orders = [v.order for v in counted]
    order = _with_codes(_merge(orders))
    known = order.gross is not None and order.currency is not None
    status, refunded, net = settled(
        order.status,
        gross=order.gross or 0,
        refunded=max(order.refunded or 0, sum(refunds.values())),
        charged_back=_disputed(orders),
    )
    paid = [v for v in counted if _is_paid(v.order)]
    if order.paid_at is None and paid:
        order = order.model_copy(update={"paid_at": min(_moment(v) for v in paid)})
    nodes = {name for v in counted for name in joining_nodes(v.order)}
    return Fold(
        order=order,
        refunded=refunded,
        net=net,
        converted_at=order.ordered_at
        if order.ordered_at is not None
        else min(v.version_at for v in counted),
        status=status,
        state="ready" if known and status != "pending" else "pending_order",
        deliverable=known and bool(paid) and not order.erased,
        nodes=tuple(sorted(nodes)),
    )


def _is_paid(order: Order) -> bool:
    """A snapshot of the whole order that names no status is of a sale; a part of one (a refund,
    an edit) does not say whether it was paid."""
    return order.gross is not None if order.status is None else order.status in PAID


def _moment(version: Version) -> int:
    """When the snapshot's word was true: as the shop dates it, else when the order was placed."""
    order = version.order
    if order.updated_at is None and order.ordered_at is not None:
        return order.ordered_at
    return version.version_at


def _merge(orders: Sequence[Order]) -> Order:
    merged: dict[str, object] = {}
    nested: dict[str, dict[str, object]] = {name: {} for name in NESTED}
    for order in orders:
        for name in type(order).model_fields:
            value = getattr(order, name)
            if name in nested:
                nested[name] |= value.model_dump(exclude_none=True)
            elif value is not None and value != () and name not in SETS:
                if name == "user_data" and not value.hashed and value.sealed is None:
                    continue
                merged[name] = value
    for order in orders:
        if order.gross is not None and order.currency is not None:
            merged["currency"] = order.currency
    return Order.model_validate({**merged, **nested})


def _disputed(orders: Iterable[Order]) -> bool:
    """Whether any dispute is open or lost."""
    stand: dict[str, tuple[int, int]] = {}
    for order in orders:
        for said in order.disputes:
            told = (said.decided_at or 0, DECISIONS.index(said.status))
            stand[said.dispute_id] = max(told, stand.get(said.dispute_id, told))
    return any(DECISIONS[decision] != "won" for _, decision in stand.values())


def _with_codes(order: Order) -> Order:
    """With the codes that its landing page says and nobody sent."""
    url, sent = order.browser.url, order.marketing
    if not url:
        return order
    said = marketing(url)
    found: dict[str, str] = {
        name: said[name] for name in CODES if name in said and not getattr(sent, name)
    }
    return order.model_copy(update={"marketing": sent.model_copy(update=found)}) if found else order


def person_of(nodes: Iterable[str], links: Mapping[str, Link]) -> str | None:
    """The person of the order's strongest id that is not shared; None when it has none."""
    good = [name for name in nodes if name in links and not links[name].quarantined]
    if not good:
        return None
    best = min(good, key=lambda name: (STRENGTH.index(name.partition(":")[0]), name))
    return links[best].person
