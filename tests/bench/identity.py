"""Identity beside its floor: the same reads and writes with no logic, batch by batch in turn.

The load is a shop's usual traffic: anonymous visits, one in twenty logged in, one order in fifty
touches. Decoding is part of the stage. Kafka is left out on both sides.
"""

import random
from collections.abc import Iterator, Sequence
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
from processors.identity import Identity
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


def _messages(count: int) -> list[Message]:
    made: list[Message] = []
    offsets: dict[str, int] = {}
    for topic, record in traffic(count, rng=random.Random(1)):
        offset = offsets[topic] = offsets.get(topic, -1) + 1
        made.append(Message(topic, 0, offset, NOW, key_of(topic, record), encode(record)))
    return made


async def run(dsn: str, floor_dsn: str, *, touches: int = 30_000) -> list[dict[str, object]]:
    """Both on fresh databases; returns the one row of the table."""
    messages = _messages(touches)
    db = await Database.connect(dsn, role="attributary_processor", application_name="bench")
    recorder = Recorder(db)
    floor_db = await Database.connect(
        floor_dsn, role="attributary_processor", application_name="bench-floor"
    )
    output = Silent()

    async def publish(emits: Sequence[Emit]) -> None:
        await output.send_all(emits)

    context = Context(
        name="identity", group="identity", replica=0, db=recorder, progress=Progress("identity"),
        publish=publish, clock=lambda: NOW, metrics=Metrics(),
    )  # fmt: skip
    settings = EngineSettings(kafka_bootstrap_servers="none", database_url="none")
    cycle = Cycle(
        group="identity", processor=Identity(context), output=output, settings=settings,
        pulse=Pulse(), metrics=Metrics(),
    )  # fmt: skip
    spent = cpu = floor = 0.0
    for start in range(0, len(messages), BATCH):
        began, began_cpu = perf_counter(), process_time()
        await cycle.run(messages[start : start + BATCH])
        spent, cpu = spent + perf_counter() - began, cpu + process_time() - began_cpu
        began = perf_counter()
        for transaction in recorder.transactions:
            await replay(floor_db, transaction)
        floor += perf_counter() - began
        recorder.transactions.clear()
    await db.close()
    await floor_db.close()
    return [
        {
            "stage": "identity",
            "rate": round(len(messages) / spent),
            "floor_rate": round(len(messages) / floor),
            "ratio": round(floor / spent, 3),
            "cpu_s_per_100k": round(cpu / len(messages) * 100_000, 1),
        }
    ]
