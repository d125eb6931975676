"""What a job works with; the same whether the clock or an operator started it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from processors.domain.ids import content_id
from processors.engine.clock import Clock
from processors.engine.cluster import Cluster
from processors.engine.kafka import Producer
from processors.engine.metrics import Metrics
from processors.engine.postgres import Database
from processors.engine.processor import Emit
from processors.engine.vault import Vault
from processors.platforms.reading import ReadingSettings
from processors.schedule.settings import ScheduleSettings
from processors.schedule.store import Detail
from schemas.command import Body, Command


@dataclass(frozen=True, slots=True)
class Tools:
    """Connections and settings; what an operator's run measures, nobody reads."""

    db: Database
    producer: Producer
    cluster: Callable[[], Cluster]
    vault: Vault
    settings: ScheduleSettings
    reading: ReadingSettings
    clock: Clock
    metrics: Metrics = field(default_factory=Metrics)

    async def ask(self, tenant: str, asked: Sequence[Body]) -> None:
        """Put commands on the log, and wait for the acks."""
        now = self.clock()
        await self.producer.send_all([_command(tenant, body, now) for body in asked])


Work = Callable[[Tools, str | None], Awaitable[Detail]]
"""A job: for every tenant, or the one; returns what it did."""


Queue = Literal["default", "rules", "sync", "intel", "ml"]
"""Of a queue only so many jobs run at the same time, so that slow ones of a kind wait for each
other and not the others for them."""


@dataclass(frozen=True, slots=True)
class Job:
    """A row of the table. `at` is when a slot begins, in seconds after the multiple of the cadence:
    `3 * HOUR` of a daily job is 3 AM UTC."""

    name: str
    cadence: str
    work: Work
    queue: Queue = "default"
    at: int = 0

    def every_seconds(self, settings: ScheduleSettings) -> int:
        """The cadence that holds."""
        found: Any = getattr(settings, self.cadence)
        return int(found)

    def at_once(self, settings: ScheduleSettings) -> int:
        """How many jobs of its queue may run at the same time."""
        return settings.at_once[self.queue]


class Failed(Exception):
    """A job did what it could and something is left undone; `detail` says what."""

    def __init__(self, reason: str, detail: Detail) -> None:
        super().__init__(reason)
        self.detail = detail


def _command(tenant: str, body: Body, now: int) -> Emit:
    name = content_id({"tenant": tenant, "at": now, **body.model_dump(mode="json")})
    record = Command(tenant_id=tenant, command_id=name, issued_at=now, received_at=now, body=body)
    return Emit("commands.v1", record, now)
