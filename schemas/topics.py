"""The topic catalogue: name, key, partitions, retention, model, who writes and who reads.

Names here are logical; the physical name is the prefix of the settings plus this one. Keys
begin with `tenant|` and never contain a person, since persons change (protocol.md). The five
source topics are THE LOG: retention unlimited, and nothing else may change a served table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from schemas.ad_change import AdChange
from schemas.command import Command
from schemas.conversion import ConversionPointer
from schemas.credit import Credits
from schemas.dead_letter import DeadLetter
from schemas.delivery import Delivery, Platform
from schemas.delivery_outcome import DeliveryOutcome
from schemas.envelope import Frozen
from schemas.joining import VISITOR, joining_nodes
from schemas.order import Order
from schemas.pixel_event import PixelEvent
from schemas.refused_item import RefusedItem
from schemas.spend import Spend
from schemas.stitched_event import StitchedEvent
from schemas.touchpoint import Touchpoint

PARTITIONS: Final = 4
DAY_MS: Final = 86_400_000
MAX_RECORD_BYTES: Final = 8_388_608

KeyOf = Callable[[Any], str]


def anchor_of(record: Touchpoint | PixelEvent) -> str:
    """The visitor, else the first joining id in the fixed precedence, as `kind:value`."""
    if record.visitor_id:
        return f"{VISITOR}:{record.visitor_id}"
    found = joining_nodes(record)
    return found[0] if found else f"event:{record.event_id}"


@dataclass(frozen=True, slots=True)
class Topic:
    """One row of the catalogue."""

    name: str
    model: type[Frozen]
    key: KeyOf
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    partitions: int = PARTITIONS
    cleanup: Literal["delete", "compact"] = "delete"
    retention_ms: int = -1
    retention_bytes: int = -1
    like: str | None = None
    """The name under which topics of one contract share their JSON Schema and golden examples."""

    @property
    def contract(self) -> str:
        """The name of its JSON Schema and of the folder of its examples."""
        return self.like or self.name

    @property
    def dead_letters(self) -> str:
        """The topic's dead letters."""
        return f"dead_letters.{self.name}"


def _topic(name: str, model: type[Frozen], key: KeyOf, **rest: Any) -> Topic:
    return Topic(name=name, model=model, key=key, **rest)


DELIVERED_PLATFORMS: Final[tuple[Platform, ...]] = (
    "ga4",
    "google_ads",
    "klaviyo",
    "linkedin",
    "meta",
    "microsoft_ads",
    "pinterest",
    "sgtm",
    "snapchat",
    "tiktok",
    "whatsapp",
)

_ROWS: Final[tuple[Topic, ...]] = (
    _topic("touchpoints.v1", Touchpoint, lambda r: f"{r.tenant_id}|{anchor_of(r)}",
           producers=("gateway",), consumers=("identity",)),
    _topic("pixel_events.v1", PixelEvent, lambda r: f"{r.tenant_id}|{anchor_of(r)}",
           producers=("gateway",), consumers=("identity",)),
    _topic("orders.v1", Order, lambda r: f"{r.tenant_id}|{r.source}/{r.order_id}",
           producers=("gateway",), consumers=("identity",)),
    _topic("commands.v1", Command, lambda r: f"{r.tenant_id}|{r.body.kind}",
           producers=("gateway", "operator"), consumers=("identity",)),
    _topic("spend.v1", Spend, lambda r: f"{r.tenant_id}|{r.platform}",
           producers=("gateway", "spend"), consumers=("summary",)),
    _topic("conversions.v1", ConversionPointer, lambda r: f"{r.tenant_id}|{r.conversion_id}",
           producers=("identity",), consumers=("credit",), retention_ms=30 * DAY_MS),
    _topic("stitched_events.v1", StitchedEvent,
           lambda r: f"{r.tenant_id}|{anchor_of(r.event)}",
           producers=("identity",), consumers=("dedupe",), retention_ms=30 * DAY_MS),
    _topic("credits.v1", Credits, lambda r: f"{r.tenant_id}|{r.conversion_id}",
           producers=("credit",), consumers=("summary", "dedupe"), retention_ms=30 * DAY_MS),
    *(
        _topic(f"deliveries.{platform}.v1", Delivery, lambda r: f"{r.tenant_id}|{r.event_id}",
               producers=("dedupe",), consumers=("fanout",), retention_ms=30 * DAY_MS,
               like="deliveries.v1")
        for platform in DELIVERED_PLATFORMS
    ),
    _topic("delivery_outcomes.v1", DeliveryOutcome,
           lambda r: f"{r.tenant_id}|{r.platform}|{r.event_id}|{r.kind}",
           producers=("fanout",), consumers=(), cleanup="compact"),
    _topic("ad_changes.v1", AdChange, lambda r: f"{r.tenant_id}|{r.platform}/{r.account_id}",
           producers=("schedule",), consumers=(), retention_ms=30 * DAY_MS),
    _topic("dead_letters.gateway.v1", RefusedItem, lambda r: f"{r.tenant_id}|{r.refusal_id}",
           producers=("gateway",), consumers=(), partitions=1, retention_ms=30 * DAY_MS,
           retention_bytes=1_073_741_824),
)  # fmt: skip

TOPICS: Final[dict[str, Topic]] = {row.name: row for row in _ROWS}
SOURCES: Final = (
    "touchpoints.v1", "orders.v1", "pixel_events.v1", "spend.v1", "commands.v1",
)  # fmt: skip
DEAD_LETTERS: Final[dict[str, Topic]] = {
    row.dead_letters: _topic(
        row.dead_letters, DeadLetter, lambda r: f"{r.topic}/{r.partition}/{r.offset}",
        producers=row.consumers, consumers=("operator",), partitions=1,
    )
    for row in _ROWS
    if row.consumers
}  # fmt: skip
