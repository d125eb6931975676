"""What a batch of source records says, before the database is asked: pure, and order-free.

Every record becomes facts: touches and events (registers), ids and edges, order versions,
settings. Of two contents for one id in the batch the smaller stands; the other is a duplicate.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from processors.domain.channel_rules import RuleSet
from processors.domain.default_channels import DEFAULTS
from processors.engine.outcome import APPLIED, DUPLICATE, Dead, Drop, Outcome
from processors.engine.processor import Item
from processors.identity.commands import Commands
from processors.identity.erasure import ERASED, NOBODY, Gone, stripped
from processors.identity.offline import OfflineFacts
from processors.identity.rows import (
    EventRow,
    Key,
    SurveyRow,
    TouchRow,
    VersionRow,
    conversion_of,
    event_row,
    pixel_order,
    survey_row,
    touch_of_event,
    touch_row,
    version_row,
)
from schemas.command import Command
from schemas.joining import joining_nodes
from schemas.order import Order
from schemas.pixel_event import PixelEvent
from schemas.touchpoint import Touchpoint

TEST_ORDER = Drop("test_order")
UNKNOWN_TOPIC = Drop("unknown_topic")

Node = tuple[str, str]
Edge = tuple[str, str, str]
Winner = tuple[int | None, TouchRow]
UNTOLD: Final = frozenset({"identify", "survey", "webhook"})
"""Sources whose events are told to no platform."""
NO_RULES: Final[Mapping[str, RuleSet]] = {}


@dataclass(slots=True)
class Facts:
    """Facts of a batch, keyed so that each is written once. `of` maps a key to the item that
    will be told what became of it; superseded items are told at once."""

    outcomes: list[Outcome]
    rules: Mapping[str, RuleSet] = field(default_factory=dict)
    touches: dict[Key, TouchRow] = field(default_factory=dict)
    events: dict[Key, EventRow] = field(default_factory=dict)
    versions: dict[tuple[str, str, str], VersionRow] = field(default_factory=dict)
    surveys: dict[tuple[str, str, str], SurveyRow] = field(default_factory=dict)
    refunds: dict[tuple[str, str, str], int] = field(default_factory=dict)
    nodes: set[Node] = field(default_factory=set)
    edges: dict[Edge, str] = field(default_factory=dict)
    commands: Commands = field(default_factory=Commands)
    touch_items: dict[Key, int] = field(default_factory=dict)
    event_items: dict[Key, int] = field(default_factory=dict)
    version_items: dict[tuple[str, str, str], int] = field(default_factory=dict)
    carried: set[tuple[str, str, str]] = field(default_factory=set)
    anchors: dict[Node, int] = field(default_factory=dict)
    orders: set[Node] = field(default_factory=set)
    stitch: list[PixelEvent] = field(default_factory=list)
    offline: OfflineFacts = field(default_factory=OfflineFacts)
    gone: Gone = NOBODY


def gather(
    batch: Sequence[Item], rules: Mapping[str, RuleSet] = NO_RULES, gone: Gone = NOBODY
) -> Facts:
    """The facts of the batch's good records; bad ones keep their `Dead` outcome. `rules` are the
    channel rules of the tenants that have some of their own, `gone` is what the batch has of erased
    people."""
    facts = Facts(outcomes=[], rules=rules, gone=gone)
    for index, item in enumerate(batch):
        record = gone.instead.get(index, item.value)
        if index in gone.dropped:
            facts.outcomes.append(ERASED)
            if isinstance(record, PixelEvent):
                _purchase(facts, record, ())
            continue
        match record:
            case Touchpoint():
                facts.outcomes.append(APPLIED)
                _touch(facts, index, record)
            case PixelEvent():
                facts.outcomes.append(APPLIED)
                _event(facts, index, record)
            case Order():
                facts.outcomes.append(_order(facts, index, record))
            case Command():
                facts.outcomes.append(facts.commands.add(index, record))
            case Dead():
                facts.outcomes.append(record)
            case _:
                raise TypeError(f"identity does not read {type(record).__name__}")
    # A consent that was overtaken for one of its ids may still stand for another.
    for index in {*facts.commands.superseded}.difference(facts.commands.items.values()):
        facts.outcomes[index] = DUPLICATE
    return facts


def _join(facts: Facts, tenant: str, nodes: Iterable[str], reason: str) -> None:
    names = sorted(set(nodes))
    facts.nodes.update((tenant, name) for name in names)
    if len(names) > 1:
        for a, b in combinations(names, 2):
            facts.edges.setdefault((tenant, a, b), reason)


def _touch(facts: Facts, index: int, record: Touchpoint) -> None:
    row = touch_row(record, facts.rules.get(record.tenant_id, DEFAULTS))
    _keep_touch(facts, index, row)
    names = joining_nodes(record)
    _join(facts, record.tenant_id, names, f"touchpoints.v1 {record.event_id}")


def _keep_touch(facts: Facts, index: int | None, row: TouchRow) -> None:
    """`index` is None for the touch that an event also is: the event's own row tells."""
    reach = (row.tenant_id, row.anchor)
    facts.anchors[reach] = min(facts.anchors.get(reach, row.occurred_at), row.occurred_at)
    loser = index
    standing = facts.touches.get(row.key)
    if standing is None or row.rank < standing.rank:
        facts.touches[row.key] = row
        loser = facts.touch_items.pop(row.key, None) if standing else None
        if index is not None:
            facts.touch_items[row.key] = index
    if loser is not None:
        facts.outcomes[loser] = DUPLICATE


def _event(facts: Facts, index: int, record: PixelEvent) -> None:
    if record.filtered is not None:
        facts.outcomes[index] = Drop(record.filtered)
        return
    row = event_row(record)
    loser: int | None = index
    standing = facts.events.get(row.key)
    if standing is None or row.rank < standing.rank:
        facts.events[row.key] = row
        loser = facts.event_items.get(row.key)
        facts.event_items[row.key] = index
    if loser is not None:
        facts.outcomes[loser] = DUPLICATE
    if record.source == "survey":
        _survey(facts, record)
        return
    touch = touch_of_event(record, facts.rules.get(record.tenant_id, DEFAULTS))
    if touch is not None:
        _keep_touch(facts, None, touch)
    names = joining_nodes(record)
    _join(facts, record.tenant_id, names, f"pixel_events.v1 {record.event_id}")
    if record.source not in UNTOLD:
        facts.stitch.append(record)
    _purchase(facts, record, names)


def _purchase(facts: Facts, record: PixelEvent, names: Sequence[str]) -> None:
    """The order version that a purchase also is."""
    order = pixel_order(record)
    if order is not None:
        conversion = conversion_of(order)
        if (order.tenant_id, conversion) in facts.gone.conversions:
            order, names = stripped(order), ()
        _version(facts, version_row(order, conversion))
        _carry(facts, order.tenant_id, conversion, names)


def _version(facts: Facts, row: VersionRow) -> None:
    """Of two receipts of one content the earlier stands."""
    standing = facts.versions.get(row.key)
    if standing is None or row.rank < standing.rank:
        facts.versions[row.key] = row


def _survey(facts: Facts, record: PixelEvent) -> None:
    """The latest content of a response stands; an event without an answer or order says nothing."""
    row = survey_row(record)
    if row is not None:
        standing = facts.surveys.get(row.key)
        if standing is None or row.rank > standing.rank:
            facts.surveys[row.key] = row


def _order(facts: Facts, index: int, record: Order) -> Outcome:
    if record.test:
        return TEST_ORDER
    if record.unknown_topic:
        return UNKNOWN_TOPIC
    conversion = conversion_of(record)
    if (record.tenant_id, conversion) in facts.gone.conversions:
        record = stripped(record)
    row = version_row(record, conversion)
    outcome: Outcome = APPLIED
    _version(facts, row)
    if row.key in facts.version_items:
        outcome = DUPLICATE
    else:
        facts.version_items[row.key] = index
    facts.offline.add(record, conversion)
    for refund in record.refunds:
        key = (record.tenant_id, conversion, refund.refund_id)
        facts.refunds[key] = max(refund.amount, facts.refunds.get(key, 0))
    names = joining_nodes(record)
    _join(facts, record.tenant_id, names, f"orders.v1 {record.source}/{record.order_id}")
    _carry(facts, record.tenant_id, conversion, names)
    return outcome


def _carry(facts: Facts, tenant: str, conversion: str, names: Iterable[str]) -> None:
    facts.orders.add((tenant, conversion))
    facts.carried.update((tenant, name, conversion) for name in names)
