"""A person's touches cut into journeys: pure.

A journey begins after a conversion, or with the first touch that is read, and ends at the next
conversion or where the data end. A conversion whose newest touch is older than the tenant looks
back was not earned by it, so its journey counts as one that did not convert.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from processors.schedule.training.plan import DAY_MS, Plan

Touch = tuple[int, str]
"""(occurred_at in epoch milliseconds, channel)."""
Conversion = tuple[int, str]
"""(converted_at in epoch milliseconds, conversion id)."""


@dataclass(frozen=True, slots=True)
class Journey:
    """`id` is the start of a hash, of 64 bits with a sign; touches are oldest first."""

    id: int
    ended_at: int
    converted: bool
    touches: Sequence[Touch]

    @property
    def ended_on(self) -> int:
        """The day of the conversion or, without one, of the last touch, in days since 1970."""
        return (self.ended_at if self.converted else self.touches[-1][0]) // DAY_MS


@dataclass(slots=True)
class Chunk:
    """Journeys of some people as columns, as a checkpoint keeps them."""

    after: str
    people: int = 0
    channels: dict[str, int] = field(default_factory=dict)
    journeys: list[int] = field(default_factory=list)
    ended_on: list[int] = field(default_factory=list)
    converted: list[bool] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    channel: list[int] = field(default_factory=list)
    age_ms: list[int] = field(default_factory=list)

    def add(self, journeys: Iterable[Journey]) -> None:
        """A person's journeys, at least one."""
        self.people += 1
        for journey in journeys:
            self.journeys.append(journey.id)
            self.ended_on.append(journey.ended_on)
            self.converted.append(journey.converted)
            self.sizes.append(len(journey.touches))
            for occurred_at, channel in journey.touches:
                self.channel.append(self.channels.setdefault(channel, len(self.channels)))
                self.age_ms.append(max(0, journey.ended_at - occurred_at))


def cut(
    person: str, touches: Sequence[Touch], conversions: Sequence[Conversion], plan: Plan
) -> Iterator[Journey]:
    """The person's journeys, oldest first; touches and conversions in any order. A touch of the
    same second as a conversion counts before it, as it does in credit."""
    ordered = sorted(touches)
    seconds = [occurred_at // 1_000 for occurred_at, _ in ordered]
    start = 0
    for converted_at, conversion in sorted(conversions):
        stop = bisect_left(seconds, converted_at // 1_000 + 1)
        if stop > start:
            own = ordered[start:stop]
            earned = converted_at - own[-1][0] <= plan.lookback_days * DAY_MS
            yield Journey(_id(person, conversion), converted_at, earned, own)
        start = stop
    if start < len(ordered):
        yield Journey(_id(person, ""), plan.until, False, ordered[start:])


def _id(person: str, conversion: str) -> int:
    digest = hashlib.sha256(f"{len(person)}:{person}:{conversion}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
