"""One conversion from all the snapshots of its order, in whatever order they arrived."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from tests.oracle import ids
from tests.oracle.erasure import ORDERS, PURCHASES, stripped
from tests.oracle.log import Log, events, is_real
from tests.oracle.nodes import nodes
from tests.oracle.urls import CHAT_CLICK_ID, MARKETING, marketing
from tests.oracle.words import Json

PAID = ("paid", "partially_refunded", "refunded", "charged_back")
STAGES = (None, "pending", *PAID[:3], "cancelled", "charged_back")
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
    gross: int | None
    refunded: int
    paid_at: int | None
    codes: tuple[str, ...]
    creator: str | None
    ref: str | None
    lines: tuple[Json, ...]
    event_name: str | None = None
    chat_click: str | None = None
    landed_by_chat: bool = False
    destinations: frozenset[str | None] = frozenset({None})
    last_received: int = 0

    @property
    def ready(self) -> bool:
        """Whether its value is known and it is a sale."""
        return self.known and self.status != "pending"


def conversions(tenant: str, log: Log, *, with_pixel: bool) -> list[Conversion]:
    """Every order that has a snapshot which counts."""
    return [
        _fold(tenant, source, order_id, found)
        for (source, order_id), found in snapshots_by_order(log, with_pixel=with_pixel).items()
    ]


def snapshots_by_order(log: Log, *, with_pixel: bool) -> dict[tuple[str, str], list[Json]]:
    """By (source, order id) the snapshots that count."""
    snapshots = [order for order in log["orders.v1"] if is_real(order)]
    pixels = [*events(log), *log.get(PURCHASES, [])]
    snapshots += [_from_pixel(event) for event in pixels if _is_order(event)]
    gone = {record["order"] for record in log.get(ORDERS, [])}
    by_order: dict[tuple[str, str], list[Json]] = defaultdict(list)
    for snapshot in snapshots:
        if with_pixel or snapshot["precedence"] == "shop":
            key = snapshot["source"], ids.order_number(snapshot["order_id"])
            by_order[key].append(stripped(snapshot) if key in gone else snapshot)
    return by_order


def _is_order(event: Json) -> bool:
    """A pixel's own purchase says which order it was and what it was worth."""
    return (
        event["event_name"] == "Purchase"
        and bool(event["order_id"])
        and event["value"] is not None
        and event["currency"] is not None
    )


def _from_pixel(event: Json) -> Json:
    unsaid = dict.fromkeys(("paid_at", "status", "refunded"))
    return {
        **event, **unsaid, "refunds": [], "disputes": [], "discount_codes": [],
        "precedence": "pixel", "gross": event["value"], "line_items": event["contents"],
        "source": event["order_source"] or "api", "ordered_at": event["occurred_at"],
        "updated_at": event["occurred_at"],
    }  # fmt: skip


def _in_order(snapshots: list[Json]) -> list[tuple[int, Json]]:
    """Each distinct content once, with its time: pixels first, then by (time, status, hash)."""
    times: dict[str, int] = {}
    content: dict[str, Json] = {}
    for snapshot in snapshots:
        key, at = snapshot["content_hash"], snapshot["updated_at"]
        at = snapshot["received_at"] if at is None else at
        times[key] = min(at, times.get(key, at))
        content[key] = snapshot

    def place(key: str) -> tuple[bool, int, int, str]:
        snapshot = content[key]
        stage = STAGES.index(snapshot["status"])
        return snapshot["precedence"] == "shop", times[key], stage, key

    return [(times[key], content[key]) for key in sorted(content, key=place)]


def _fold(tenant: str, source: str, order_id: str, snapshots: list[Json]) -> Conversion:
    versions = _in_order(snapshots)
    said: Json = {}
    for _, version in versions:
        said |= {name: value for name, value in version.items() if value is not None}
        for part in ("identifiers", "marketing", "browser"):
            said |= {f"{part}.{n}": v for n, v in version[part].items() if v is not None}
    priced = [v["currency"] for _, v in versions if v["gross"] is not None and v["currency"]]
    gross, currency = said.get("gross"), priced[-1] if priced else said.get("currency")
    net, status, refunded = _money(
        gross=gross or 0, last=said.get("status", "paid"), cumulative=said.get("refunded", 0),
        refunds=_refunds(snapshots), charged_back=_charged_back(snapshots),
    )  # fmt: skip
    landed = marketing(
        {
            "browser": {"url": said.get("browser.url")},
            "marketing": {name: said.get(f"marketing.{name}") for name in MARKETING},
        }
    )
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
        deliverable=known
        and any(_paid(v) for _, v in versions)
        and not any(v.get("erased") for _, v in versions),
        consents=tuple(snapshot["consent"] or {} for snapshot in snapshots),
        gross=gross,
        refunded=refunded,
        paid_at=said.get(
            "paid_at", min((_when(*v) for v in versions if _paid(v[1])), default=None)
        ),
        codes=tuple(_last(versions, "discount_codes")),
        creator=landed["creator"],
        ref=landed["ref"],
        lines=tuple(_last(versions, "line_items")),
        event_name=said.get("event_name"),
        chat_click=said.get("marketing.ctwa_clid"),
        landed_by_chat=bool(landed[CHAT_CLICK_ID]),
        destinations=frozenset((s.get("batch") or {}).get("platform") for s in snapshots),
        last_received=max(snapshot["received_at"] for snapshot in snapshots),
    )


def _last(versions: list[tuple[int, Json]], name: str) -> list[Any]:
    """The list as the last version that has any of it tells it."""
    told: list[list[Any]] = [version[name] for _, version in versions if version[name]]
    return told[-1] if told else []


def _paid(version: Json) -> bool:
    """Whether it tells of money that came in; without a status, a price does."""
    if version["status"] is None:
        return version["gross"] is not None
    return version["status"] in PAID


def _when(at: int, version: Json) -> int:
    """A snapshot without a date of its own is of the moment of the order, if it names that."""
    undated = version["updated_at"] is None and version["ordered_at"] is not None
    return int(version["ordered_at"]) if undated else at


def _charged_back(snapshots: list[Json]) -> bool:
    """Whether the bank has, or may yet keep, the money of any dispute."""
    told: dict[str, list[tuple[int, bool, bool]]] = defaultdict(list)
    for snapshot in snapshots:
        for dispute in snapshot["disputes"]:
            status = dispute["status"]
            when = dispute["decided_at"] or 0
            told[dispute["dispute_id"]].append((when, status == "lost", status == "won"))
    return any(not max(decisions)[2] for decisions in told.values())


def _refunds(snapshots: list[Json]) -> int:
    """The sum of distinct refunds, each at its greatest amount."""
    amounts: dict[str, int] = {}
    for snapshot in snapshots:
        for refund in snapshot["refunds"]:
            known = amounts.get(refund["refund_id"], 0)
            amounts[refund["refund_id"]] = max(known, refund["amount"])
    return sum(amounts.values())


def _money(
    *, gross: int, last: str, cumulative: int, refunds: int, charged_back: bool
) -> tuple[int, str, int]:
    """(net, status, refunded)."""
    refunded = max(cumulative, refunds)
    if last == "cancelled":
        return 0, last, refunded
    if charged_back or last == "charged_back":
        return 0, "charged_back", refunded
    if last == "refunded" and not refunded:
        refunded = gross
    if (gross > 0 and refunded >= gross) or (last == "refunded" and gross == 0):
        return 0, "refunded", refunded
    net = max(0, gross - refunded)
    if refunded > 0 or last == "partially_refunded":
        return net, "partially_refunded", refunded
    return net, "pending" if last == "pending" else "paid", refunded
