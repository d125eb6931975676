"""What must be taken back of an order, and how much: pure.

Every refund that the shop names is told once, under its own id. What the shop says was paid back
beyond those is told by the total it reached, and a cancelled order by what is left of it. Claims
remember their amounts, and all of them together never exceed what was paid back (of a cancelled
order: what was paid), in whatever order the shop's messages came. A platform that restates
(`adjust`) is told what the order is worth now instead, as often as that changes.

A dispute takes nothing back: it may still be won, and no platform takes a retraction back.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from processors.dedupe.handle import ClaimKey, FoundOrder, OrderKey, Source, Wanted
from processors.domain import ids
from schemas.delivery import DeliveryKind, Platform

Kinds = frozenset[DeliveryKind]
IsKnown = Callable[[DeliveryKind, str], bool]
"""Whether the platform was told of this (kind, suffix) before."""
RECORDED: Final[Kinds] = frozenset({"refund", "cancel"})
"""What is told where a platform has nothing for it: fanout writes down that it was not sent."""
_GONE: Final = frozenset({"cancelled", "refunded"})


class Told(NamedTuple):
    """A claim that was made: whose, of how much (minor units), for what time (epoch ms), and its
    turn among all of its order at the platform; a claim older than turns has none."""

    source: Source
    amount: int
    at: int
    turn: int | None = None


@dataclass(slots=True)
class History:
    """What the snapshots of an order say was given back, and when (epoch milliseconds)."""

    refunds: dict[str, tuple[int, int]] = field(default_factory=dict)
    totals: list[tuple[int, int]] = field(default_factory=list)
    cancelled_at: int | None = None
    refunded_at: int | None = None

    def refund(self, refund_id: str, amount: int, at: int) -> None:
        """One refund as one snapshot has it: its greatest amount and its first time stand."""
        known, since = self.refunds.get(refund_id, (amount, at))
        self.refunds[refund_id] = max(known, amount), min(since, at)

    def status(self, said: str | None, at: int) -> None:
        """The status of one snapshot."""
        if said == "cancelled":
            self.cancelled_at = min(at, self.cancelled_at or at)
        if said == "refunded":
            self.refunded_at = min(at, self.refunded_at or at)

    def reached_at(self, total: int, otherwise: int) -> int:
        """When so much had been paid back."""
        times = [at for level, at in self.totals if level >= total]
        if self.refunded_at is not None:
            times.append(self.refunded_at)
        return min(times, default=max((at for _, at in self.refunds.values()), default=otherwise))


class Part(NamedTuple):
    """Something to take back."""

    kind: DeliveryKind
    suffix: str
    amount: int
    at: int


def parts(
    found: FoundOrder,
    history: History,
    kinds: Kinds,
    *,
    told: int,
    values: Sequence[int],
    turn: int,
    is_known: IsKnown,
) -> list[Part]:
    """What is left to tell a platform that heard of the purchase and since of `told` minor units
    taken back, or of these `values`, the last one last; the next telling has this `turn`."""
    gross = found.order.gross or 0
    if "adjust" in kinds:
        return _restated(found, history, kinds, gross, values, turn, is_known)
    made: list[Part] = []
    total = min(gross, max(found.refunded, sum(amount for amount, _ in history.refunds.values())))
    if found.status == "cancelled" and is_known("cancel", "cancelled"):
        total = gross  # it was worth less when its end was told
    if "refund" in kinds:
        by_time = sorted((at, name, amount) for name, (amount, at) in history.refunds.items())
        for at, name, amount in by_time:
            some = min(amount, total - told)
            if some > 0 and not is_known("refund", name):
                made.append(Part("refund", name, some, at))
                told += some
        rest = Part(
            "refund", f"total:{total}", total - told, history.reached_at(total, found.converted_at)
        )
        if rest.amount > 0 and not is_known(rest.kind, rest.suffix):
            made.append(rest)
            told = total
    if "cancel" in kinds and found.status == "cancelled" and gross > told:
        at = history.cancelled_at or found.converted_at
        rest = Part("cancel", "cancelled", gross - told, at)
        made += [] if is_known(rest.kind, rest.suffix) else [rest]
    return made


def _restated(
    found: FoundOrder,
    history: History,
    kinds: Kinds,
    gross: int,
    values: Sequence[int],
    turn: int,
    is_known: IsKnown,
) -> list[Part]:
    """The value that stands now, or the end of the conversion. A value that it had before is told
    again when another one was told since."""
    part: Part | None = None
    if found.status in _GONE and found.net == 0:
        at = history.cancelled_at or history.reached_at(found.refunded, found.converted_at)
        part = Part("cancel", "cancelled", gross, at) if "cancel" in kinds else None
    elif found.net > 0 and found.net != (values[-1] if values else gross):
        at = history.reached_at(gross - found.net, found.converted_at)
        again = is_known("adjust", str(found.net))
        suffix = f"{found.net}:{turn}" if again else str(found.net)
        part = Part("adjust", suffix, found.net, at)
    return [part] if part is not None and not is_known(part.kind, part.suffix) else []


@dataclass(slots=True)
class Takings:
    """What to claim, and what is claimed already, word for word: by whom decides whether it is told
    again."""

    fresh: list[Wanted] = field(default_factory=list)
    known: list[Wanted] = field(default_factory=list)
    owners: dict[ClaimKey, Source] = field(default_factory=dict)


def wanted(
    purchases: Iterable[Wanted],
    *,
    histories: Mapping[OrderKey, History],
    claimed: Mapping[tuple[OrderKey, Platform], Mapping[ClaimKey, Told]],
    retracts: Mapping[Platform, Kinds],
) -> Takings:
    """What follows the `purchases`; these are claimed, so their platforms hear of them first."""
    takings = Takings()
    now: dict[tuple[OrderKey, Platform], dict[ClaimKey, Told]] = {}
    for each in purchases:
        found, platform = each.subject.about, each.key.platform
        if not isinstance(found, FoundOrder):
            continue
        place = (found.key, platform)
        is_first, before = place not in now, claimed.get(place, {})
        mine = now.setdefault(place, dict(before))
        for key, old in before.items():
            if is_first or old.source == each.subject.source:
                takings.known.append(_wanted(each, key, old))
                takings.owners[key] = old.source
        history = histories.get(found.key)
        if history is None:
            if not mine:
                continue
            history = History()
        kinds = retracts.get(platform) or RECORDED
        for part in _unclaimed(found, history, kinds, platform, mine):
            key = _key(found, platform, part.kind, part.suffix)
            told = Told(each.subject.claimant, part.amount, part.at, _next_turn(mine))
            mine[key] = told
            takings.fresh.append(_wanted(each, key, told))
    return takings


def _turn(told: Told) -> int:
    return -1 if told.turn is None else told.turn


def _next_turn(claimed: Mapping[ClaimKey, Told]) -> int:
    return 1 + max((_turn(old) for old in claimed.values()), default=-1)


def _unclaimed(
    found: FoundOrder,
    history: History,
    kinds: Kinds,
    platform: Platform,
    claimed: Mapping[ClaimKey, Told],
) -> Sequence[Part]:
    told = sum(old.amount for key, old in claimed.items() if key.kind != "adjust")
    adjusts = [old for key, old in claimed.items() if key.kind == "adjust"]
    values = [old.amount for old in sorted(adjusts, key=_turn)]

    def is_known(kind: DeliveryKind, suffix: str) -> bool:
        return _key(found, platform, kind, suffix) in claimed

    turn = _next_turn(claimed)
    return parts(found, history, kinds, told=told, values=values, turn=turn, is_known=is_known)


def _key(found: FoundOrder, platform: Platform, kind: DeliveryKind, suffix: str) -> ClaimKey:
    order = found.order
    event_id = ids.retraction_id(
        tenant=found.tenant_id,
        order=ids.order_key(order.source, order.order_id),
        platform=platform,
        kind=kind,
        suffix=suffix,
    )
    return ClaimKey(found.tenant_id, platform, event_id, kind)


def _wanted(purchase: Wanted, key: ClaimKey, told: Told) -> Wanted:
    return replace(purchase, key=key, amount=told.amount, at=told.at, turn=told.turn)
