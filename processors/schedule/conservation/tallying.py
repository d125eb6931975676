"""Counting a stretch of one topic for each of its groups: pure.

A group is followed by two offsets of each partition. Records up to `end` are counted as received;
up to `next` as reached, which goes only to where the group's own counts stood at the moment of the
snapshot (`target`), so that both are of the same records, by tenant and day, whatever has been done
since. What lies between the two is pending.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from processors.engine.processor import Message

TenantDay = tuple[str, date]


@dataclass(slots=True, kw_only=True)
class Standing:
    """One partition as one group is followed there."""

    group: str
    partition: int
    base: int
    next: int
    end: int
    target: int
    was_level: bool
    expired_until: date | None = None
    received: Counter[TenantDay] = field(default_factory=Counter)
    reached: Counter[TenantDay] = field(default_factory=Counter)

    @property
    def start(self) -> int:
        """Where reading has to begin: records below it were counted for this group."""
        return self.next if self.next < self.target else self.end

    @property
    def is_level(self) -> bool:
        """Whether the count has come to where the group's own counts stood."""
        return self.next == self.target

    def bound(self, begin: int, end: int, *, today: date) -> None:
        """What is left of the partition: records that went before they were counted cannot be any
        more, and no group can have reached what never came."""
        self.target = max(self.next, min(self.target, end))
        if self.end < begin or self.next < min(begin, self.target):
            self.expired_until = today
        self.end = max(self.end, begin)
        self.next = max(self.next, min(begin, self.target))

    def add(self, message: Message) -> None:
        """Count one record, unless it was before."""
        key = (message.tenant, message.day)
        if message.offset >= self.end:
            self.received[key] += 1
        if self.next <= message.offset < self.target:
            self.reached[key] += 1

    def arrive(self, at: int) -> None:
        """All records below the offset have been added."""
        self.next = max(self.next, min(at, self.target))
        self.end = max(self.end, at)
