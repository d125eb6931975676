"""A gateway under load while it, its broker, or both are killed: what was promised, what is there.

Each sender has visitors of its own and sends one request at a time, so that the events of a visitor
have an order: that of the answers. A request without an answer promised nothing; what is there of
it is counted, and so is what is there twice.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import httpx
import orjson

from deploy.local.kafka import Kafka
from tests.integration.gateway.running import Gateway, client_of, records, running, until
from tests.support.servers import server_folder

SENDERS: Final = 8
VISITORS: Final = 5
ITEMS: Final = 10
EVENTS_A_ROUND: Final = 300
PAUSE_SECONDS: Final = 0.01
WAIT_SECONDS: Final = 240.0
BROKER_SECONDS: Final = 300.0
TOPIC: Final = "touchpoints.v1"

Event = tuple[int, int]
"""A visitor and a number that grows."""


@dataclass
class Promises:
    """What the answers said."""

    answers: Counter[str] = field(default_factory=Counter)
    events: Counter[int] = field(default_factory=Counter)
    promised: dict[Event, int] = field(default_factory=dict)
    """The status that each event got."""

    def note(self, status: int, items: list[Event]) -> None:
        """One answer."""
        self.answers[str(status)] += 1
        self.events[status] += len(items)
        for item in items:
            self.promised[item] = status


@dataclass(frozen=True)
class Verdict:
    """What the log says to it."""

    rounds: int
    answers: dict[str, int]
    confirmed: int
    spooled: int
    lost: int
    out_of_order: int
    unconfirmed: int
    twice: int

    @property
    def kept(self) -> bool:
        """Whether every promise was."""
        return not self.lost and not self.out_of_order and set(self.answers) <= _KNOWN


_KNOWN: Final = {"200", "202", "503", "no answer"}


class Load:
    """The senders, until they are stopped."""

    def __init__(self, gateway: Gateway) -> None:
        self.promises = Promises()
        self._gateway = gateway
        self._number = 0
        self._stopped = False
        self._senders: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin."""
        self._senders = [asyncio.ensure_future(self._send(n)) for n in range(SENDERS)]

    async def stop(self) -> None:
        """Let each finish its request."""
        self._stopped = True
        await asyncio.gather(*self._senders)

    async def _send(self, sender: int) -> None:
        async with client_of(self._gateway) as client:
            while not self._stopped:
                self._number += 1
                items = [
                    (sender * VISITORS + n % VISITORS, self._number * ITEMS + n)
                    for n in range(ITEMS)
                ]
                body = [{"event_id": f"{v}-{n}", "visitor_id": f"v{v}"} for v, n in items]
                try:
                    answer = await client.post("/v1/touchpoints", json=body)
                except httpx.TransportError:
                    self.promises.answers["no answer"] += 1
                    await asyncio.sleep(0.05)
                    continue
                taken = items if answer.status_code in (200, 202) else []
                self.promises.note(answer.status_code, taken)
                await asyncio.sleep(PAUSE_SECONDS)

    async def more(self, status: int, events: int = EVENTS_A_ROUND) -> None:
        """Wait for so many more events with that answer."""
        wanted = self.promises.events[status] + events

        async def there() -> bool:
            return self.promises.events[status] >= wanted

        await until(there, seconds=WAIT_SECONDS)


async def kill_gateway(
    *, dsn: str, bootstrap: str, prefix: str, folder: Path, rounds: int,
    tell: Callable[[str], Any],
) -> Verdict:  # fmt: skip
    """SIGKILL of the gateway, again and again."""
    async with running(bootstrap=bootstrap, dsn=dsn, prefix=prefix, folder=folder) as gateway:
        load = Load(gateway)
        load.start()
        for number in range(rounds):
            await load.more(200)
            gateway.kill()
            await gateway.start()
            tell(f"gateway killed, round {number + 1} of {rounds}")
        await load.more(200)
        await load.stop()
        await _drained(gateway)
        return await judged(load.promises, bootstrap=bootstrap, prefix=prefix, rounds=rounds)


async def kill_broker(
    *, dsn: str, prefix: str, folder: Path, rounds: int, tell: Callable[[str], Any]
) -> Verdict:
    """SIGKILL of the broker, again and again, and of the gateway in every other round, too."""
    with server_folder() as broker_folder:
        kafka = Kafka(broker_folder)
        kafka.start()
        try:
            async with running(
                bootstrap=kafka.bootstrap, dsn=dsn, prefix=prefix, folder=folder
            ) as gateway:
                load = Load(gateway)
                load.start()
                for number in range(rounds):
                    await load.more(200)
                    kafka.kill()
                    await load.more(202)
                    if number % 2:
                        gateway.kill()
                        await gateway.start()
                        await load.more(202)
                    await asyncio.to_thread(_start, kafka)
                    tell(f"broker killed, round {number + 1} of {rounds}")
                await load.more(200)
                await load.stop()
                await _drained(gateway)
                return await judged(
                    load.promises, bootstrap=kafka.bootstrap, prefix=prefix, rounds=rounds
                )
        finally:
            kafka.kill()


def _start(kafka: Kafka) -> None:
    """A busy machine takes long to read what is there."""
    kafka.launch()
    kafka.wait_ready(seconds=BROKER_SECONDS)


async def _drained(gateway: Gateway) -> None:
    async with client_of(gateway) as client:

        async def empty() -> bool:
            return int((await client.get("/readyz")).json()["spool_records"]) == 0

        await until(empty, seconds=WAIT_SECONDS)


async def judged(promises: Promises, *, bootstrap: str, prefix: str, rounds: int) -> Verdict:
    """Compare the promises with the log."""
    places: defaultdict[Event, list[int]] = defaultdict(list)
    for message in await records(bootstrap, prefix, TOPIC):
        visitor, number = orjson.loads(message.value or b"")["event_id"].split("-")
        places[int(visitor), int(number)].append(message.offset)
    by_visitor: defaultdict[int, list[Event]] = defaultdict(list)
    for event in sorted(promises.promised):
        if event in places:
            by_visitor[event[0]].append(event)
    out_of_order = sum(
        places[before][0] > places[after][0]
        for events in by_visitor.values()
        for before, after in pairwise(events)
    )
    return Verdict(
        rounds=rounds,
        answers=dict(sorted(promises.answers.items())),
        confirmed=promises.events[200],
        spooled=promises.events[202],
        lost=sum(event not in places for event in promises.promised),
        out_of_order=out_of_order,
        unconfirmed=sum(event not in promises.promised for event in places),
        twice=sum(len(found) > 1 for found in places.values()),
    )
