"""Law 1, record by record: what the gateway took is in the log, and where its receipt says.

A receipt with an offset (200, or the part of a 202 that was in Kafka at once) names a place: the
log must have that event there. One without (spooled) names an event: the log must have it anywhere.
Records of spend have no id of their own, so of those that no receipt has placed there must be as
many as were spooled.
Ids are kept as eight bytes each, so that a million receipts fit.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from deploy.demo.lines import Request
from processors.engine.cluster import Cluster
from processors.engine.processor import Message

_IDS: Final = ("event_id", "command_id")
_SHOWN: Final = 10


class Receipts:
    """Everything that was promised to senders."""

    def __init__(self) -> None:
        self._placed: dict[str, dict[tuple[int, int], bytes]] = defaultdict(dict)
        self._anywhere: dict[str, set[bytes]] = defaultdict(set)
        self.twice: list[str] = []

    @property
    def count(self) -> int:
        """Receipts that were kept."""
        return sum(map(len, (*self._placed.values(), *self._anywhere.values())))

    @property
    def spooled(self) -> int:
        """Those without an offset."""
        return sum(map(len, self._anywhere.values()))

    def keep(self, request: Request, _status: int, said: Mapping[str, object]) -> None:
        """What an answer promised; `play.Heard`."""
        rows = said.get("receipts")
        for row in rows if isinstance(rows, list) else ():
            name = _short(request.tenant, str(row["event_id"]))
            if row["offset"] is None:
                self._anywhere[row["topic"]].add(name)
            elif (
                self._placed[row["topic"]].setdefault((row["partition"], row["offset"]), name)
                != name
            ):
                self.twice.append(f"{row} names a place that another event has")

    def reading(self, topic: str) -> "Reading":
        """Of the topic, from its beginning."""
        return Reading(topic, dict(self._placed[topic]), set(self._anywhere[topic]))

    async def broken(self, cluster: Cluster) -> list[str]:
        """Promises that the log does not keep."""
        wrong = self.twice[:_SHOWN]
        for topic in sorted(self._placed.keys() | self._anywhere.keys()):
            reading = self.reading(topic)
            async for message in cluster.read_topic(topic):
                reading.take(message)
            wrong += reading.wrong
        return wrong


@dataclass(slots=True)
class Reading:
    """One topic, held against what was promised of it: events by place, and events anywhere."""

    topic: str
    placed: dict[tuple[int, int], bytes]
    waiting: set[bytes]
    elsewhere: int = 0
    named: int = 0
    nameless: int = 0

    def take(self, message: Message) -> None:
        """The next record."""
        said = _id_in(message.value)
        name = _short(message.tenant, said)
        self.waiting.discard(name)
        promised = self.placed.pop((message.partition, message.offset), None)
        if said:
            self.named += 1
            self.elsewhere += promised not in (name, None)
        else:
            self.nameless += promised is None

    @property
    def wrong(self) -> list[str]:
        """What is missing; among named records one without a name stands for nothing."""
        lost = len(self.waiting) - (0 if self.named else self.nameless)
        return [
            *_told(self.topic, "in the log where their receipt says", self.misplaced),
            *_told(self.topic, "in the log, and were acknowledged (202)", lost),
        ]

    @property
    def misplaced(self) -> int:
        """Places that are not there, or hold another event."""
        return len(self.placed) + self.elsewhere


def _told(topic: str, where: str, count: int) -> Iterator[str]:
    if count > 0:
        yield f"{topic}: {count:,} events are not {where}"


def _short(tenant: str, name: str) -> bytes:
    return hashlib.blake2b(f"{tenant}|{name}".encode(), digest_size=8).digest()


def _id_in(value: bytes | None) -> str:
    try:
        record = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        return ""
    if not isinstance(record, dict):
        return ""
    return next((str(record[name]) for name in _IDS if record.get(name)), "")
