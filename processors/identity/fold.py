"""All snapshots of an order folded into one conversion, pure and order-free.

Snapshots are sorted by (pixel before shop, version time, hash); a later value wins over an
earlier one and null never wins; identifiers fold field by field; refunds are a set.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from processors.identity.graph import Link
from schemas.joining import STRENGTH, joining_nodes
from schemas.order import Order, OrderStatus

PAID: Final = frozenset({None, "paid", "partially_refunded", "refunded", "charged_back"})
NESTED: Final = ("identifiers", "marketing", "browser")


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


def rank(version: Version) -> tuple[bool, int, str]:
    """Of two snapshots that tell of one field the greater wins."""
    return version.order.precedence == "shop", version.version_at, version.order.content_hash


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
    order = _merge([v.order for v in counted])
    known = order.gross is not None and order.currency is not None
    status, refunded, net = _money(order, sum(refunds.values()))
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
        deliverable=known and any(v.order.status in PAID for v in counted),
        nodes=tuple(sorted(nodes)),
    )


def _merge(orders: Sequence[Order]) -> Order:
    merged: dict[str, object] = {}
    nested: dict[str, dict[str, object]] = {name: {} for name in NESTED}
    for order in orders:
        for name in type(order).model_fields:
            value = getattr(order, name)
            if name in nested:
                nested[name] |= value.model_dump(exclude_none=True)
            elif value is not None and value != () and name != "refunds":
                if name == "user_data" and not value.hashed and value.sealed is None:
                    continue
                merged[name] = value
    return Order.model_validate({**merged, **nested})


def _money(order: Order, refund_sum: int) -> tuple[OrderStatus, int, int]:
    """(status, refunded, net) in minor units."""
    gross = order.gross or 0
    refunded = max(order.refunded or 0, refund_sum)
    last = order.status or "paid"
    if last in ("cancelled", "charged_back"):
        return last, refunded, 0
    if last == "refunded" and refunded == 0:
        refunded = gross
    net = max(0, gross - refunded)
    if gross > 0 and refunded >= gross:
        return "refunded", refunded, net
    if last == "refunded" and gross == 0:
        return "refunded", refunded, 0
    if refunded > 0 or last == "partially_refunded":
        return "partially_refunded", refunded, net
    return ("pending" if last == "pending" else "paid"), refunded, net


def person_of(nodes: Iterable[str], links: Mapping[str, Link]) -> str | None:
    """The person of the order's strongest id that is not shared; None when it has none."""
    good = [name for name in nodes if name in links and not links[name].quarantined]
    if not good:
        return None
    best = min(good, key=lambda name: (STRENGTH.index(name.partition(":")[0]), name))
    return links[best].person
