"""What a training reads: pure. The same tables give the same plan, whenever it is made, since the
data's own newest moment ends it and not the clock."""

import hashlib
from dataclasses import asdict, dataclass
from typing import Final

import orjson

DAY_MS: Final = 86_400_000
_STALE_MS: Final = DAY_MS
"""Data that are newer by so much deserve a reading of their own."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Times in epoch milliseconds: touches and conversions in [since, until]."""

    epoch: str
    """Of the database: what was read of another one is worth nothing."""
    since: int
    until: int
    one_in: int
    """One person in so many is read."""
    with_views: bool
    lookback_days: int

    def text(self) -> str:
        """As a checkpoint keeps it."""
        return orjson.dumps(asdict(self)).decode()

    def continued(self, text: str) -> "Plan | None":
        """The earlier plan of that text, if what a run of it has read is as good as what this one
        would read."""
        try:
            earlier = Plan(**orjson.loads(text))
        except (ValueError, TypeError):  # of another release
            return None
        alike = {
            (one.epoch, one.with_views, one.lookback_days, one.until - one.since)
            for one in (self, earlier)
        }
        fresh = 0 <= self.until - earlier.until <= _STALE_MS
        return earlier if fresh and len(alike) == 1 else None

    def reads(self, person: str) -> bool:
        """Whether the person is one of those that are read."""
        digest = hashlib.sha256(person.encode()).digest()
        return int.from_bytes(digest[:8], "big") % self.one_in == 0


def one_in(touches: int, most: int) -> int:
    """The smallest power of two that leaves about `most` touches or fewer."""
    share = 1
    while touches > most * share:
        share *= 2
    return share
