"""A platform in memory under the test's own clock, and a fan-out on a real database before it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import ClassVar, Self

import orjson

from processors.engine.clock import Clock
from processors.engine.context import Context
from processors.engine.metrics import Metrics
from processors.engine.postgres import Database
from processors.engine.processor import Emit, Item, Message
from processors.engine.progress import Progress
from processors.engine.vault import Vault, new_key
from processors.fanout.processor import Fanout
from processors.fanout.settings import FanoutSettings
from processors.platforms.base import DAY_MS, Account, Answer, Connection, Result
from schemas.delivery import Delivery, DeliveryKind, Platform

NOW = 1_788_600_000_000

Reply = Callable[[Sequence[Delivery]], Awaitable[Answer]]


def answer(*results: Result, opaque: bool = False) -> Answer:
    return Answer(results, 200, 1, "", opaque=opaque)


class Vendor:
    """Notes (time, event ids) of every request, and answers as it is told."""

    platform: ClassVar[Platform] = "meta"
    connection: ClassVar[Connection] = {}
    batch_limit: ClassVar[int] = 5
    accepted_for_ms: ClassVar[int] = 7 * DAY_MS
    retracts: ClassVar[frozenset[DeliveryKind]] = frozenset()

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.is_down = False
        self.requests: list[tuple[int, list[str]]] = []
        self.reply: Reply | None = None
        self.window_ms: int | None = None

    @classmethod
    def load(cls, clock: Clock) -> Self:
        return cls(clock)

    def group(self, _: Delivery) -> str:
        return "all"

    def dedupe_window_ms(self, _: Delivery) -> int | None:
        return self.window_ms

    def refusal(self, _: Delivery) -> str | None:
        return None

    async def send(self, _: Account, deliveries: Sequence[Delivery]) -> Answer:
        self.requests.append((self._clock(), [d.event_id for d in deliveries]))
        if self.reply is not None:
            reply, self.reply = self.reply, None
            return await reply(deliveries)
        result = Result("retry", "HTTP 503") if self.is_down else Result("sent")
        return answer(*[result] * len(deliveries))

    async def close(self) -> None:
        return None


class Stand:
    """The fan-out, its vendor and the time."""

    def __init__(self, db: Database, operator: Database, **settings: float) -> None:
        self.db = db
        self.operator = operator
        self.now_ms = NOW
        self.vault = Vault(new_key())
        self.vendor = Vendor(lambda: self.now_ms)
        context = Context(
            name="fanout", group="fanout", replica=0, db=db, progress=Progress("fanout"),
            publish=_nowhere, clock=lambda: self.now_ms, metrics=Metrics(),
        )  # fmt: skip
        quick = {"poll_seconds": 0.01, "housekeeping_seconds": 0.01, "in_flight_per_tenant": 1}
        self.fanout = Fanout(
            context,
            connectors={"meta": self.vendor},
            vault=self.vault,
            settings=FanoutSettings.model_validate(quick | settings),
        )

    async def tenant(self) -> None:
        async with self.operator.connection() as conn:
            await conn.execute("INSERT INTO tenants VALUES ('acme')")
            await conn.execute(
                "INSERT INTO platform_connections VALUES ('acme', 'meta', 'px', $1)",
                self.vault.encrypt(orjson.dumps({"access_token": "t"}).decode()),
            )

    async def decide(self, node: str, value: str, issued_at: int) -> None:
        async with self.operator.transaction() as conn:
            for flag in ("ad_storage", "ad_user_data"):
                await conn.execute(
                    "INSERT INTO consent_flags VALUES ('acme', $1, $2, $3, $4, 'c')"
                    " ON CONFLICT (tenant_id, node, flag)"
                    " DO UPDATE SET value = excluded.value, issued_at = excluded.issued_at",
                    node, flag, value, issued_at,
                )  # fmt: skip

    async def put(self, *deliveries: Delivery, offset: int = 0) -> list[object]:
        batch = [
            Item(Message("deliveries.meta.v1", 0, offset + n, NOW, b"acme|k", None), one)
            for n, one in enumerate(deliveries)
        ]
        return list((await self.fanout.process(batch)).outcomes)

    async def states(self) -> dict[str, str]:
        async with self.db.connection() as conn:
            rows = await conn.fetch("SELECT event_id, state FROM deliveries")
        return {row["event_id"]: row["state"] for row in rows}

    async def are_final(self) -> bool:
        return not {"queued", "parked", "sending"} & {*(await self.states()).values()}


async def _nowhere(_: Sequence[Emit]) -> None:
    return None


@asynccontextmanager
async def stand(dsn: str, **settings: float) -> AsyncIterator[Stand]:
    db = await Database.connect(dsn, role="attributary_processor", application_name="test")
    operator = await Database.connect(dsn, application_name="operator")
    made = Stand(db, operator, **settings)
    await made.tenant()
    try:
        yield made
    finally:
        await made.fanout.stop()
        await db.close()
        await operator.close()
