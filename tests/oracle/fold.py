"""One conversion from all the snapshots of its order, in whatever order they arrived."""

from collections import defaultdict
from dataclasses import dataclass

from tests.oracle import ids
from tests.oracle.log import Log, is_real
from tests.oracle.nodes import nodes
from tests.oracle.words import Json

PAID = ("paid", "partially_refunded", "refunded", "charged_back")
REFUNDED_STATES = ("refunded", "cancelled", "charged_back")


@dataclass(frozen=True, slots=True)
class Conversion:
    """What all counted snapshots together say of an order."""

    id: str
    source: str
    order_id: str
    customer_id: str | None
    visitor_id: str | None
    nodes: frozenset[str]
    currency: str | None
    known: bool
    net: int
    status: str
    converted_at: int
    deliverable: bool
    consents: tuple[Json, ...]

    @property
    def ready(self) -> bool:
        """Whether its value is known and it is a sale."""
        return self.known and self.status != "pending"


def conversions(tenant: str, log: Log, *, with_pixel: bool) -> list[Conversion]:
    """Every order that has a snapshot which counts."""
    snapshots = [order for order in log["orders.v1"] if is_real(order)]
    snapshots += [_from_pixel(event) for event in log["pixel_events.v1"] if _is_order(event)]
    by_order: dict[tuple[str, str], list[Json]] = defaultdict(list)
    for snapshot in snapshots:
        if with_pixel or snapshot["precedence"] == "shop":
            by_order[snapshot["source"], ids.order_number(snapshot["order_id"])].append(snapshot)
    return [
        _fold(tenant, source, order_id, found) for (source, order_id), found in by_order.items()
    ]


def _is_order(event: Json) -> bool:
    """A pixel's own purchase says which order it was and what it was worth."""
    return (
        event["event_name"] == "Purchase"
        and bool(event["order_id"])
        and event["value"] is not None
        and event["currency"] is not None
    )


def _from_pixel(event: Json) -> Json:
    unsaid = dict.fromkeys(("updated_at", "status", "refunded"))
    return {
        **event, **unsaid, "refunds": [], "precedence": "pixel", "gross": event["value"],
        "source": event["order_source"] or "api", "ordered_at": event["occurred_at"],
    }  # fmt: skip


def _in_order(snapshots: list[Json]) -> list[tuple[int, Json]]:
    """Each distinct content once, with its time: pixels first, then by (time, hash)."""
    times: dict[str, int] = {}
    content: dict[str, Json] = {}
    for snapshot in snapshots:
        key, at = snapshot["content_hash"], snapshot["updated_at"]
        at = snapshot["received_at"] if at is None else at
        times[key] = min(at, times.get(key, at))
        content[key] = snapshot
    keys = sorted(content, key=lambda k: (content[k]["precedence"] == "shop", times[k], k))
    return [(times[key], content[key]) for key in keys]


def _fold(tenant: str, source: str, order_id: str, snapshots: list[Json]) -> Conversion:
    versions = _in_order(snapshots)
    said: Json = {}
    for _, version in versions:
        said |= {name: value for name, value in version.items() if value is not None}
        for name, value in version["identifiers"].items():
            if value is not None:
                said[f"identifiers.{name}"] = value
    gross, currency = said.get("gross"), said.get("currency")
    net, status = _net_and_status(
        gross=gross or 0, last=said.get("status", "paid"), cumulative=said.get("refunded", 0),
        refunds=_refunds(snapshots),
    )  # fmt: skip
    known = gross is not None and currency is not None
    return Conversion(
        id=ids.conversion(tenant, source, order_id),
        source=source,
        order_id=order_id,
        customer_id=said.get("identifiers.customer_id"),
        visitor_id=said.get("visitor_id"),
        nodes=frozenset(node for snapshot in snapshots for node in nodes(snapshot)),
        currency=currency,
        known=known,
        net=net,
        status=status,
        converted_at=said.get("ordered_at", min(at for at, _ in versions)),
        deliverable=known and any((v["status"] or "paid") in PAID for _, v in versions),
        consents=tuple(snapshot["consent"] or {} for snapshot in snapshots),
    )


def _refunds(snapshots: list[Json]) -> int:
    """The sum of distinct refunds, each at its greatest amount."""
    amounts: dict[str, int] = {}
    for snapshot in snapshots:
        for refund in snapshot["refunds"]:
            known = amounts.get(refund["refund_id"], 0)
            amounts[refund["refund_id"]] = max(known, refund["amount"])
    return sum(amounts.values())


def _net_and_status(*, gross: int, last: str, cumulative: int, refunds: int) -> tuple[int, str]:
    refunded = max(cumulative, refunds)
    if last in ("cancelled", "charged_back"):
        return 0, last
    if last == "refunded" and not refunded:
        refunded = gross
    if (gross > 0 and refunded >= gross) or (last == "refunded" and gross == 0):
        return 0, "refunded"
    net = max(0, gross - refunded)
    if refunded > 0 or last == "partially_refunded":
        return net, "partially_refunded"
    return net, "pending" if last == "pending" else "paid"
