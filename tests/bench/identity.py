"""Identity beside its floor: the same reads and writes with no logic, batch by batch in turn.

The load is a shop's usual traffic: anonymous visits, one in twenty logged in, one order in fifty
touches. Decoding is part of the stage. Kafka is left out on both sides.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter, process_time

from processors.engine.codec import encode
from processors.engine.codec import key as key_of
from processors.engine.context import Context
from processors.engine.cycle import Cycle
from processors.engine.metrics import Metrics
from processors.engine.postgres import Database
from processors.engine.processor import Emit, Message
from processors.engine.progress import Progress
from processors.engine.pulse import Pulse
from processors.engine.settings import EngineSettings
from processors.identity.processor import Identity
from processors.identity.settings import IdentitySettings
from schemas.envelope import Browser, Frozen, Identifiers
from schemas.order import Order
from schemas.touchpoint import Touchpoint
from tests.bench.floors import Recorder, replay

NOW = 1_780_000_000_000
BATCH = 1_000
URLS = (
    "https://shop.example/",
    "https://shop.example/hats?utm_source=google&utm_medium=cpc&utm_campaign=hats&gclid=Cj0KCQ",
    "https://shop.example/sale?utm_source=facebook&utm_medium=paid_social&fbclid=IwAR0abc",
    "https://shop.example/?utm_source=newsletter&utm_medium=email&utm_campaign=weekly",
)
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


class Silent:
    """Kafka's side, without Kafka."""

    def __init__(self) -> None:
        self.sent = 0

    async def send_all(self, emits: Sequence[Emit]) -> list[tuple[int, int]]:
        """Count what would be sent."""
        self.sent += len(emits)
        return [(0, 0)] * len(emits)


def traffic(count: int, *, rng: random.Random) -> Iterator[tuple[str, Frozen]]:
    """Touches, and an order for every fifty of them."""
    for n in range(count):
        visitor = f"visitor-{rng.randrange(count // 3 + 1)}"
        login = Identifiers(customer_id=f"customer-{visitor}") if n % 20 == 0 else Identifiers()
        at = NOW + n
        yield (
            "touchpoints.v1",
            Touchpoint(
                tenant_id="bench", event_id=f"e{n}", content_hash=f"{n:032x}", occurred_at=at,
                received_at=at, visitor_id=visitor, identifiers=login,
                browser=Browser(url=rng.choice(URLS), user_agent=AGENT),
            ),
        )  # fmt: skip
        if n % 50 == 49:
            yield (
                "orders.v1",
                Order(
                    tenant_id="bench", source="api", order_id=str(n), event_id=f"o{n}",
                    content_hash=f"o{n:031x}", received_at=at, ordered_at=at, status="paid",
                    currency="USD", gross=12_990, visitor_id=visitor,
                ),
            )  # fmt: skip


def messages_of(records: Iterable[tuple[str, Frozen]]) -> list[Message]:
    """The records as they come from one partition of each topic."""
    made: list[Message] = []
    offsets: dict[str, int] = {}
    for topic, record in records:
        offset = offsets[topic] = offsets.get(topic, -1) + 1
        made.append(Message(topic, 0, offset, NOW, key_of(topic, record), encode(record)))
    return made


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds that one batch took: the stage, its CPU in this process, and its floor."""

    stage: float
    cpu: float
    floor: float


class Pair:
    """The stage on one database and its floor on an equal one."""

    def __init__(self, db: Database, floor_db: Database) -> None:
        self._db, self._floor_db = db, floor_db
        self._recorder = Recorder(db)
        output = Silent()

        async def publish(emits: Sequence[Emit]) -> None:
            await output.send_all(emits)

        context = Context(
            name="identity", group="identity", replica=0, db=self._recorder,
            progress=Progress("identity"), publish=publish, clock=lambda: NOW, metrics=Metrics(),
        )  # fmt: skip
        self._cycle = Cycle(
            group="identity",
            processor=Identity(context, settings=IdentitySettings()),
            output=output,
            settings=EngineSettings(kafka_bootstrap_servers="none", database_url="none"),
            pulse=Pulse(),
            metrics=Metrics(),
        )

    @classmethod
    async def connect(cls, dsn: str, floor_dsn: str) -> "Pair":
        """Open both databases."""
        found = [
            await Database.connect(own, role="attributary_processor", application_name=name)
            for own, name in ((dsn, "bench"), (floor_dsn, "bench-floor"))
        ]
        return cls(*found)

    async def close(self) -> None:
        """Close both."""
        await self._db.close()
        await self._floor_db.close()

    async def measure(self, batch: Sequence[Message]) -> Cost:
        """The batch, then what it sent to the database once more, with nothing between."""
        began, began_cpu = perf_counter(), process_time()
        await self._cycle.run(batch)
        stage, cpu = perf_counter() - began, process_time() - began_cpu
        began = perf_counter()
        for transaction in self._recorder.transactions:
            await replay(self._floor_db, transaction)
        floor = perf_counter() - began
        self._recorder.transactions.clear()
        return Cost(stage, cpu, floor)


async def run(dsn: str, floor_dsn: str, *, touches: int = 30_000) -> list[dict[str, object]]:
    """Both on fresh databases; returns the one row of the table."""
    messages = messages_of(traffic(touches, rng=random.Random(1)))
    pair = await Pair.connect(dsn, floor_dsn)
    costs = [
        await pair.measure(messages[start : start + BATCH])
        for start in range(0, len(messages), BATCH)
    ]
    await pair.close()
    spent, cpu = sum(cost.stage for cost in costs), sum(cost.cpu for cost in costs)
    floor = sum(cost.floor for cost in costs)
    return [
        {
            "stage": "identity",
            "rate": round(len(messages) / spent),
            "floor_rate": round(len(messages) / floor),
            "ratio": round(floor / spent, 3),
            "cpu_s_per_100k": round(cpu / len(messages) * 100_000, 1),
        }
    ]
