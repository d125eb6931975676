"""What the topics say was received: every record counted by tenant and UTC day of receipt."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from processors.commands.ledger import Claim, Ledger, Span, TenantDay
from processors.engine.cluster import Cluster
from processors.engine.flow import GROUPS, committed
from processors.engine.processor import Message
from processors.engine.pulse import Place
from schemas.dead_letter import DeadLetter
from schemas.topics import DEAD_LETTERS, TOPICS


@dataclass(slots=True, kw_only=True)
class Tally:
    """One partition as one group sees it; `letters` is None while the group's dead letters may
    still be on their way (they are sent after the count and before the offset)."""

    group: str
    topic: str
    partition: int
    begin: int
    base: int
    next: int
    letters: int | None = None
    first_day: str = ""
    received: Counter[TenantDay] = field(default_factory=Counter)
    pending: Counter[TenantDay] = field(default_factory=Counter)

    @property
    def expired(self) -> int:
        """Records that the group counted and the topic keeps no longer."""
        return max(0, min(self.begin, self.next) - self.base)

    def may_have_expired(self, day: str) -> bool:
        """Whether some of that day's records may be gone: not after the day of the first kept."""
        return self.expired > 0 and (not self.first_day or day <= self.first_day)

    def add(self, offset: int, key: TenantDay) -> None:
        """Count one record."""
        if not self.first_day:
            self.first_day = key[1]
        if offset >= self.base:
            self.received[key] += 1
            if offset >= self.next:
                self.pending[key] += 1


async def read_tallies(cluster: Cluster, ledger: Ledger) -> list[Tally]:
    """Read each topic once, for all groups that consume it."""
    tallies: list[Tally] = []
    reached = {group.name: await committed(cluster, group) for group in GROUPS}
    for topic, row in TOPICS.items():
        if not row.consumers:
            continue
        begins = await cluster.begin_offsets([topic])
        by_partition = {
            partition: [
                _new(group, topic, partition, begin=begin, ledger=ledger) for group in row.consumers
            ]
            for (_, partition), begin in sorted(begins.items())
        }
        async for message in cluster.read_topic(topic):
            key = (message.tenant, message.day.isoformat())
            for tally in by_partition[message.partition]:
                tally.add(message.offset, key)
        found = [tally for of in by_partition.values() for tally in of]
        settled = [t for t in found if reached[t.group].get((topic, t.partition), 0) >= t.next]
        await _count_letters(cluster, topic, settled)
        tallies += found
    return tallies


def _new(group: str, topic: str, partition: int, *, begin: int, ledger: Ledger) -> Tally:
    claim: Claim = (group, topic, partition)
    span = ledger.spans.get(claim, Span(begin, begin))
    return Tally(
        group=group, topic=topic, partition=partition, begin=begin, base=span.base, next=span.next
    )


async def _count_letters(cluster: Cluster, topic: str, tallies: Sequence[Tally]) -> None:
    """Distinct dead letters of each settled partition; a repeated batch sends a letter again."""
    name = TOPICS[topic].dead_letters
    if name not in DEAD_LETTERS or not tallies:
        return
    offsets: defaultdict[tuple[str, Place], set[int]] = defaultdict(set)
    async for message in cluster.read_topic(name):
        for letter in _letters([message]):
            offsets[letter.group, (letter.topic, letter.partition)].add(letter.offset)
    for tally in tallies:
        seen = offsets[tally.group, (topic, tally.partition)]
        tally.letters = sum(tally.base <= offset < tally.next for offset in seen)


def _letters(messages: Iterable[Message]) -> Iterable[DeadLetter]:
    for message in messages:
        try:
            yield DeadLetter.model_validate_json(message.value or b"")
        except ValidationError:
            continue
