"""The field on which the engine's fault tests play: topics and tables of one test, what was put
in, what came out, and worker processes that may be killed.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, Final

from processors.engine.cluster import Cluster
from processors.engine.kafka import KafkaError, Producer, Raw
from processors.engine.postgres import Database
from processors.engine.processor import Emit, Message
from schemas.conversion import ConversionPointer
from schemas.spend import Spend

SESSION_MS: Final = 6_000
NOON: Final = 1_700_049_600_000
GROUP: Final = "toy"
TOPICS: Final = ("spend.v1", "commands.v1", "conversions.v1")
LETTERS: Final = ("dead_letters.spend.v1", "dead_letters.commands.v1")

TABLES: Final = """
CREATE TABLE toy_effects (id text PRIMARY KEY, replica integer NOT NULL);
CREATE TABLE toy_stops (replica integer NOT NULL);
GRANT SELECT, INSERT ON toy_effects, toy_stops TO attributary_processor;
"""


def spend(id: str, *, tenant: str = "acme", channel: str | None = None) -> Spend:
    """A synthetic spend record whose campaign is the id; sixteen keys, so every partition."""
    return Spend(
        tenant_id=tenant,
        source="upload",
        account_id="account-1",
        date="2023-11-15",
        channel=channel,
        platform=f"platform-{sum(map(ord, id)) % 16}",
        campaign=id,
        currency="EUR",
        amount=100,
        reported_at=NOON,
        received_at=NOON,
    )


def ids(count: int, prefix: str = "s") -> list[str]:
    """Names of records."""
    return [f"{prefix}{n:06d}" for n in range(count)]


async def until(what: str, met: Callable[[], Awaitable[bool]], *, seconds: float = 40.0) -> None:
    """Poll a condition; fail with its name when the deadline passes."""
    deadline = monotonic() + seconds
    while not await met():
        if monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        await asyncio.sleep(0.05)


def arrival(path: Path) -> Callable[[], Awaitable[bool]]:
    """A condition for `until`: the worker touched its file."""

    async def there() -> bool:
        return path.exists()  # noqa: ASYNC240 (a stat of a local file)

    return there


class WorkerProcess:
    """One toy worker as an OS process, with its log in a file."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.engine_toy"],
                env=environment,
                stdout=out,
                stderr=out,
            )

    def send(self, number: signal.Signals) -> None:
        """Send a signal to this process only."""
        if self._process.poll() is None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL, and wait for the end."""
        self.send(signal.SIGKILL)
        self._process.wait(10)

    async def ended(self, *, seconds: float = 25.0) -> int:
        """The exit code, once it ended."""

        async def over() -> bool:
            return self._process.poll() is not None

        await until(f"the end of the worker, see {self.tail()}", over, seconds=seconds)
        return int(self._process.returncode)

    async def ready(self, *, seconds: float = 40.0) -> None:
        """Return when /readyz says 200 and there is a partition."""

        async def is_ready() -> bool:
            if self._process.poll() is not None:
                raise AssertionError(f"the worker ended: {self.tail()}")
            status, body = self.ask("/readyz")
            return status == 200 and body["partitions"] > 0

        await until("readiness of the worker", is_ready, seconds=seconds)

    def ask(self, path: str) -> tuple[int, dict[str, Any]]:
        """Status and JSON of the health server; (0, {}) while there is none."""
        port = self._health_port()
        if port is None:
            return 0, {}
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
                return int(answer.status), json.load(answer)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.load(refused)
        except OSError:
            return 0, {}

    def metrics(self) -> str:
        """The text of /metrics; empty while there is no server."""
        port = self._health_port()
        if port is None:
            return ""
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2) as answer:
            return str(answer.read().decode())

    def lines(self) -> list[dict[str, Any]]:
        """Its log."""
        found = []
        for line in self.log.read_text().splitlines():
            if line.startswith("{"):
                found.append(json.loads(line))
        return found

    def tail(self) -> str:
        """The end of its log, for a failed test."""
        return self.log.read_text()[-3_000:]

    def _health_port(self) -> int | None:
        ports = [line["health_port"] for line in self.lines() if "health_port" in line]
        return ports[-1] if ports else None


class Field:
    """Topics with a prefix and a database, both of one test."""

    def __init__(self, *, bootstrap: str, dsn: str, prefix: str, folder: Path) -> None:
        self.bootstrap = bootstrap
        self.dsn = dsn
        self.prefix = prefix
        self.folder = folder
        self.workers: list[WorkerProcess] = []
        self.cluster = Cluster(bootstrap, prefix=prefix)
        self.producer = Producer(bootstrap, prefix=prefix, linger_ms=0)
        self.db: Database

    async def open(self) -> None:
        """Create topics and tables."""
        await self.cluster.start()
        await self.cluster.create_topics([*TOPICS, *LETTERS])
        await self.producer.start()
        self.db = await Database.connect(self.dsn, application_name="field", max_size=2)
        async with self.db.transaction() as conn:
            await conn.execute(TABLES)

    async def close(self) -> None:
        """Kill what still runs and disconnect."""
        for worker in self.workers:
            worker.kill()
        await self.producer.stop()
        await self.cluster.stop()
        await self.db.close()

    def worker(
        self,
        *,
        engine: str,
        replica: int = 0,
        dead_letter_limit: int = 1_000,
        session_ms: int = SESSION_MS,
        rest_max_ms: int = 200,
        **toy: object,
    ) -> WorkerProcess:
        """Start a worker; `toy` is what ATTRIBUTARY_TOY_* says."""
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("ATTRIBUTARY_")},
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "DATABASE_URL": self.dsn,
            "ATTRIBUTARY_ENGINE_ROLE": "attributary_processor",
            "ATTRIBUTARY_ENGINE_TOPIC_PREFIX": self.prefix,
            "ATTRIBUTARY_ENGINE_REPLICA": str(replica),
            "ATTRIBUTARY_ENGINE_SESSION_TIMEOUT_MS": str(session_ms),
            "ATTRIBUTARY_ENGINE_REST_MAX_MS": str(rest_max_ms),
            "ATTRIBUTARY_ENGINE_HEARTBEAT_INTERVAL_MS": "500",
            "ATTRIBUTARY_ENGINE_REBALANCE_TIMEOUT_MS": str(SESSION_MS),
            "ATTRIBUTARY_ENGINE_DEAD_LETTER_LIMIT_CONSECUTIVE": str(dead_letter_limit),
            "ATTRIBUTARY_ENGINE_POLL_TIMEOUT_MS": "100",
            "ATTRIBUTARY_TOY_ENGINE": engine,
            **{f"ATTRIBUTARY_TOY_{name.upper()}": str(value) for name, value in toy.items()},
        }
        worker = WorkerProcess(environment, self.folder / f"worker-{len(self.workers)}.log")
        self.workers.append(worker)
        return worker

    async def put(self, names: Sequence[str], *, channel: str | None = None) -> None:
        """Produce a spend record for each name."""
        await self.producer.send_all(
            [Emit("spend.v1", spend(name, channel=channel), NOON) for name in names]
        )

    async def put_raw(self, *rows: Raw) -> list[tuple[int, int]]:
        """Produce bytes as they are."""
        return await self.producer.send_raw(rows)

    async def effects(self) -> dict[str, int]:
        """Stored ids and the replica that stored each."""
        async with self.db.connection() as conn:
            rows = await conn.fetch("SELECT id, replica FROM toy_effects")
        return {row["id"]: row["replica"] for row in rows}

    async def counts(self, topic: str = "spend.v1") -> Counter[tuple[str, str]]:
        """How records were counted: (outcome, rule) -> n."""
        async with self.db.connection() as conn:
            rows = await conn.fetch(
                "SELECT outcome, rule, sum(n)::bigint AS n FROM outcome_counts"
                " WHERE consumer_group = $1 AND topic = $2 GROUP BY 1, 2",
                GROUP,
                topic,
            )
        return Counter({(row["outcome"], row["rule"]): row["n"] for row in rows})

    async def stops(self) -> int:
        """How many workers called `stop`."""
        async with self.db.connection() as conn:
            return int(await conn.fetchval("SELECT count(*) FROM toy_stops"))

    async def lag(self, topics: Iterable[str] = ("spend.v1",)) -> int:
        """End offsets less committed offsets."""
        names = list(topics)
        ends = await self.cluster.end_offsets(names)
        committed = await self.cluster.committed(GROUP)
        return sum(end - committed.get(place, 0) for place, end in ends.items())

    async def committed(self) -> int:
        """The sum of committed offsets; 0 while a young broker has no place for them."""
        try:
            return sum((await self.cluster.committed(GROUP)).values())
        except KafkaError:
            return 0

    async def drained(
        self, *, topics: Iterable[str] = ("spend.v1",), seconds: float = 40.0
    ) -> None:
        """Wait until the group has committed everything."""
        names = list(topics)

        async def empty() -> bool:
            try:
                return await self.lag(names) == 0
            except (KafkaError, OSError):
                return False

        await until("an empty lag", empty, seconds=seconds)

    async def records(self, topic: str) -> list[Message]:
        """Everything on a topic."""
        return [message async for message in self.cluster.read_topic(topic)]

    async def emitted(self) -> Counter[str]:
        """Ids on the output topic, with how often each is there."""
        found: Counter[str] = Counter()
        for message in await self.records("conversions.v1"):
            record = ConversionPointer.model_validate_json(message.value or b"")
            found[record.conversion_id] += 1
        return found

    async def expect_all(self, names: Sequence[str]) -> None:
        """Nothing lost, every duplicate absorbed, everything counted once, nothing left over."""
        stored, emitted = set(await self.effects()), set(await self.emitted())
        assert stored == set(names), f"stored and not: {sorted(stored ^ set(names))[:9]}"
        assert emitted == set(names), f"emitted and not: {sorted(emitted ^ set(names))[:9]}"
        counts = await self.counts()
        assert counts == {("applied", ""): len(names)}, f"{len(names)} put in, counted {counts}"
        assert await self.lag() == 0
