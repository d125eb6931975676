"""The pure part: what may be delivered, where to, under which ids, and how each record ends."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from processors.domain import ids
from processors.domain.consent import Decision, allows, effective, is_suppressed
from processors.domain.event_names import platform_name
from processors.domain.events import StandardEvent
from processors.engine.outcome import APPLIED, DUPLICATE, Dead, Drop, Outcome
from processors.engine.processor import Item, Message
from schemas.credit import Credits
from schemas.delivery import DeliveryKind, Platform
from schemas.envelope import Consent
from schemas.joining import joining_nodes
from schemas.order import Order
from schemas.stitched_event import StitchedEvent

OrderKey = tuple[str, str]
Person = tuple[str, str]
Node = tuple[str, str]

NOT_DELIVERABLE: Final = Drop("not_deliverable")
NO_CONNECTION: Final = Drop("no_connection")
NO_CONSENT: Final = Drop("consent")
SUPPRESSED: Final = Drop("suppressed")
ROBOT: Final = Drop("bot")
OTHER_EPOCH: Final = Drop("other_epoch")
OTHER_PLATFORM: Final = Drop("other_platform")

_PURCHASE: Final = StandardEvent.PURCHASE
CHAT: Final[Platform] = "whatsapp"
"""Hears only of people whom an ad led to a chat: there is nothing else to match anybody by."""
CHAT_WINDOW_MS: Final = 7 * 86_400_000
"""For how long Meta gives the ad what became of the chat."""


class ClaimKey(NamedTuple):
    """What one platform accepts once."""

    tenant_id: str
    platform: Platform
    event_id: str
    kind: DeliveryKind


class Source(NamedTuple):
    """The record that made a claim."""

    topic: str
    partition: int
    offset: int


NOBODY: Final = Source("", -1, -1)
"""Owns what a record claims that had been handled before. Its worker may have lost the partition
and end before the output, and the one that has it now is past the record; so whoever meets the
claim tells it again, under the same id."""


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """A deliverable order as identity has it now; `destinations` are those that its uploads
    name."""

    key: OrderKey
    person_id: str | None
    converted_at: int
    order: Order
    status: str = "paid"
    refunded: int = 0
    net: int = 0
    destinations: frozenset[str] = frozenset()

    @property
    def tenant_id(self) -> str:
        """Whose order."""
        return self.key[0]


@dataclass(frozen=True, slots=True)
class Route:
    """Where a tenant's events go, what an absent consent flag means to it, and whether platforms
    hear of robots."""

    platforms: tuple[Platform, ...]
    when_absent: str
    bots: bool = True


@dataclass(frozen=True, slots=True)
class Subject:
    """An event that may be delivered: an order's purchase, or an event of the pixel."""

    place: int
    source: Source
    about: FoundOrder | StitchedEvent
    repeated: bool = False

    @property
    def claimant(self) -> Source:
        """Whose the claims are that it makes now."""
        return NOBODY if self.repeated else self.source

    @property
    def tenant_id(self) -> str:
        """Whose event."""
        return self.about.tenant_id

    @property
    def occurred_at(self) -> int:
        """Event time."""
        if isinstance(self.about, FoundOrder):
            return self.about.converted_at
        return self.about.event.occurred_at

    @property
    def own_consent(self) -> Consent | None:
        """The flags that came with it."""
        about = self.about
        return about.order.consent if isinstance(about, FoundOrder) else about.event.consent

    @property
    def person_id(self) -> str | None:
        """Whoever it is about."""
        return self.about.person_id

    @property
    def chat_name(self) -> str | None:
        """What a chat calls it; None for what is no event of one."""
        about = self.about
        name = str(_PURCHASE) if isinstance(about, FoundOrder) else about.event.event_name
        return platform_name(name, CHAT)

    @property
    def own_chat_click(self) -> str | None:
        """The click id that came with it."""
        about = self.about
        said = about.order if isinstance(about, FoundOrder) else about.event
        return said.marketing.ctwa_clid

    @property
    def is_bot(self) -> bool:
        """A robot's; an order is nobody's but its buyer's."""
        about = self.about
        return isinstance(about, StitchedEvent) and bool(about.event.bot_reasons)

    def is_meant_for(self, platform: str) -> bool:
        """An order of an upload that names its destination is for that one alone; of uploads that
        name several it is for none of them."""
        about = self.about
        return not isinstance(about, FoundOrder) or about.destinations <= {platform}

    def event_id(self, platform: str) -> str:
        """Its deterministic id at the platform."""
        about = self.about
        if isinstance(about, FoundOrder):
            return ids.purchase_event_id(
                tenant=about.tenant_id,
                source=about.order.source,
                order_id=about.order.order_id,
                platform=platform,
            )
        event = about.event
        # A purchase without an order keeps its caller's id, which the browser knows too.
        is_purchase = event.event_name == _PURCHASE
        return ids.event_delivery_id(
            tenant=about.tenant_id,
            platform=platform,
            event_name=event.event_name,
            event_id=event.event_id,
            order_id=event.order_id,
            checkout_id=None if is_purchase else event.checkout_id,
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """A subject that one platform should get, if the claim is its own. A retraction of it has an
    amount in minor units, a time of its own, and its turn among all of its order."""

    subject: Subject
    key: ClaimKey
    consent: Consent
    chat_click: str | None = None
    amount: int | None = None
    at: int | None = None
    turn: int | None = None

    @property
    def occurred_at(self) -> int:
        """Event time: of a retraction its own."""
        return self.subject.occurred_at if self.at is None else self.at

    @property
    def may_be_released(self) -> bool:
        """Whether it is told after all if the person consents. A purchase that was stopped before
        an upload named another platform is not."""
        return self.key.kind != "event" or self.subject.is_meant_for(self.key.platform)


@dataclass(slots=True)
class Plan:
    """A batch sorted out. Records that are neither in `orders` nor in `events` have ended."""

    outcomes: list[Outcome]
    orders: dict[int, OrderKey] = field(default_factory=dict)
    events: dict[int, StitchedEvent] = field(default_factory=dict)


def sort_out(batch: Sequence[Item], epoch: str) -> Plan:
    """What each record asks for, before anything is looked up."""
    plan = Plan([NOT_DELIVERABLE] * len(batch))
    for place, item in enumerate(batch):
        record = item.value
        if isinstance(record, Dead):
            plan.outcomes[place] = record
        elif isinstance(record, Credits):
            if record.epoch != epoch:
                plan.outcomes[place] = OTHER_EPOCH
            elif record.deliverable:
                plan.orders[place] = record.tenant_id, record.conversion_id
        elif isinstance(record, StitchedEvent) and _is_deliverable(record):
            plan.events[place] = record
    return plan


def _is_deliverable(record: StitchedEvent) -> bool:
    """Purchases of orders come from the orders; identify calls and webhooks are no events."""
    event = record.event
    return event.source not in ("identify", "webhook") and not (
        event.event_name == _PURCHASE and event.order_id
    )


def subjects(
    batch: Sequence[Item],
    plan: Plan,
    orders: Mapping[OrderKey, FoundOrder],
    reached: Mapping[tuple[str, int], int],
) -> list[Subject]:
    """Everything that may be delivered, in the order of the batch; records below the offsets that
    were `reached` are repeated."""
    found: list[Subject] = []
    for place, item in enumerate(batch):
        about: FoundOrder | StitchedEvent | None = plan.events.get(place)
        if place in plan.orders:
            about = orders.get(plan.orders[place])
        if about is not None:
            source = _source(item.message)
            repeated = source.offset < reached.get((source.topic, source.partition), 0)
            found.append(Subject(place, source, about, repeated))
    return found


def _source(message: Message) -> Source:
    return Source(message.topic, message.partition, message.offset)


def nodes_of(subject: Subject) -> list[Node]:
    """The ids by which the person is found; of an order the person is known, too. An id that so
    many share that it joins nobody still speaks for itself."""
    about = subject.about
    if isinstance(about, FoundOrder):
        own = [about.person_id] if about.person_id else []
        return [(about.tenant_id, name) for name in (*own, *joining_nodes(about.order))]
    return [(about.tenant_id, name) for name in joining_nodes(about.event)]


def chat_seekers(found: Iterable[Subject], routes: Mapping[str, Route]) -> list[Subject]:
    """Those that a chat would hear of if an ad led their person to one, which is not known yet."""
    return [
        subject
        for subject in found
        if (own := routes.get(subject.tenant_id)) is not None
        and CHAT in own.platforms
        and subject.chat_name is not None
        and subject.person_id is not None
        and subject.own_chat_click is None
    ]


def strays(found: Iterable[Subject], routes: Mapping[str, Route]) -> list[ClaimKey]:
    """The purchases that are not meant for their platform. One that was told before an upload
    named another is still followed there."""
    return [
        _claim_key(subject, platform)
        for subject in found
        if (own := routes.get(subject.tenant_id)) is not None
        for platform in own.platforms
        if not subject.is_meant_for(platform)
    ]


def route(
    found: Iterable[Subject],
    plan: Plan,
    *,
    routes: Mapping[str, Route],
    persons: Mapping[Node, Person],
    decisions: Mapping[Person, Sequence[Decision]],
    chat_clicks: Mapping[int, str] | None = None,
    told: Collection[ClaimKey] = (),
) -> list[Wanted]:
    """Who should get what; a subject that nobody should get has ended. `chat_clicks` are those of
    `chat_seekers`, by place; `told` are those of `strays` that have been claimed."""
    wanted: list[Wanted] = []
    for subject in found:
        own = routes.get(subject.tenant_id)
        people = {persons[node] for node in nodes_of(subject) if node in persons}
        decided = [each for person in people for each in decisions.get(person, ())]
        if is_suppressed(decided):
            plan.outcomes[subject.place] = SUPPRESSED
            continue
        if own is not None and subject.is_bot and not own.bots:
            plan.outcomes[subject.place] = ROBOT
            continue
        if own is None or not own.platforms:
            plan.outcomes[subject.place] = NO_CONNECTION
            continue
        click = subject.own_chat_click or (chat_clicks or {}).get(subject.place)
        is_of_chat = click is not None and subject.chat_name is not None
        meant = [
            p for p in own.platforms if subject.is_meant_for(p) or _claim_key(subject, p) in told
        ]
        if not meant:
            plan.outcomes[subject.place] = OTHER_PLATFORM
            continue
        platforms = [p for p in meant if p != CHAT or is_of_chat]
        if not platforms:
            continue
        consent = effective(subject.own_consent, at=subject.occurred_at, decisions=decided)
        flags = consent.model_dump()
        allowed = [p for p in platforms if allows(p, flags, when_absent=own.when_absent)]
        if not allowed:
            plan.outcomes[subject.place] = NO_CONSENT
        for platform in allowed:
            key = _claim_key(subject, platform)
            led = click if platform == CHAT else None
            wanted.append(Wanted(subject=subject, key=key, consent=consent, chat_click=led))
    return wanted


def of_orders(wanted: Iterable[Wanted], orders: Mapping[OrderKey, FoundOrder]) -> Iterator[Wanted]:
    """The purchases of these orders, as the orders are now."""
    for each in wanted:
        about = each.subject.about
        if isinstance(about, FoundOrder) and (now := orders.get(about.key)) is not None:
            yield replace(each, subject=replace(each.subject, about=now))


def _claim_key(subject: Subject, platform: Platform) -> ClaimKey:
    return ClaimKey(subject.tenant_id, platform, subject.event_id(platform), "event")


def claims(wanted: Iterable[Wanted]) -> dict[ClaimKey, Wanted]:
    """One claimant a key: the first of the batch."""
    first: dict[ClaimKey, Wanted] = {}
    for each in wanted:
        first.setdefault(each.key, each)
    return first


def granted(
    wanted: Sequence[Wanted],
    plan: Plan,
    owners: Mapping[ClaimKey, Source],
    withheld: Collection[ClaimKey] = (),
) -> list[Wanted]:
    """What to emit: the wanted whose claim is their own or nobody's, and what was `withheld` at
    sending until the person consented. The others' records are duplicates, unless another platform
    gets the same event."""
    mine = [
        each
        for each in wanted
        if owners[each.key] in (each.subject.source, NOBODY) or each.key in withheld
    ]
    for each in wanted:
        plan.outcomes[each.subject.place] = DUPLICATE
    for each in mine:
        plan.outcomes[each.subject.place] = APPLIED
    return mine
