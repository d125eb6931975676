"""A worker process for the engine's fault tests: `python -m tests.support.engine_toy`.

It stores each spend record's campaign as a row, counts it, and emits a pointer with the same id.
`ATTRIBUTARY_TOY_*` says which engine runs it and where it misbehaves; it touches files so that a
test can see that it got there, and waits for a file before it goes on.
"""

import asyncio
import gc
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from aiokafka import AIOKafkaConsumer
from pydantic_settings import BaseSettings, SettingsConfigDict

from processors.engine.context import Context
from processors.engine.outcome import APPLIED, DUPLICATE, Dead, Drop, Outcome, Retry
from processors.engine.processor import Background, Emit, Item, Result
from processors.engine.runner import main
from processors.engine.settings import EngineSettings
from processors.engine.spec import Engine, Spec
from schemas.command import Command
from schemas.conversion import ConversionPointer
from schemas.envelope import Frozen
from schemas.spend import Spend

Fault = Literal["none", "raise", "raise_base", "hang", "retry"]
Where = Literal["before_store", "after_store", "acknowledged"]

STORE = """
INSERT INTO toy_effects (id, replica) SELECT id, $2 FROM unnest($1::text[]) AS new (id)
ON CONFLICT (id) DO NOTHING RETURNING id
"""


class Wrong(BaseException):
    """What `except Exception` does not see."""


LOOK_SECONDS = 0.2


class ToySettings(BaseSettings):
    """How the toy misbehaves, at the record whose campaign is `at`."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_TOY_", frozen=True)

    engine: Engine = "batches"
    name: str = "toy"
    inputs: str = "spend.v1"
    stores: bool = True
    emits: bool = True
    fault: Fault = "none"
    where: Where = "before_store"
    at: str = ""
    arrived: Path | None = None
    resume: Path | None = None
    deafen: Path | None = None
    batch_max_records: int = 100


class Toy:
    """Stores, counts, emits."""

    def __init__(self, context: Context, settings: ToySettings) -> None:
        self._context = context
        self._settings = settings

    async def start(self) -> None:
        """Nothing to prepare."""

    async def process(self, batch: Sequence[Item]) -> Result:
        """One transaction, then the pointers of everything in the batch."""
        await self._misbehave("before_store", batch)
        if self._settings.fault == "retry" and not self._resumed() and self._holds(batch):
            self._arrive()
            return Result([Retry("not_yet") for _ in batch])
        result = Result([self._outcome(item) for item in batch])
        if self._settings.stores:
            await self._store(batch, result)
        if self._settings.emits:
            result.emits += [
                Emit("conversions.v1", _pointer(item.value), item.message.timestamp)
                for item in batch
                if isinstance(item.value, Spend)
            ]
        await self._misbehave("after_store", batch)
        return result

    async def acknowledged(self, batch: Sequence[Item], result: Result) -> None:
        """The last moment before the offset."""
        await self._misbehave("acknowledged", batch)

    def background(self) -> Sequence[Background]:
        """Looks at the database now and then, and meets its faults outside of a batch."""
        return (self._look,)

    async def _look(self) -> None:
        while True:
            async with self._context.db.connection() as conn:
                await conn.fetchval("SELECT 1")
            if (path := self._settings.deafen) is not None and path.exists():
                path.unlink()
                _deafen()
            await asyncio.sleep(LOOK_SECONDS)

    async def stop(self) -> None:
        """Leave a trace, so that a test sees that it was called."""
        async with self._context.db.transaction() as conn:
            await conn.execute("INSERT INTO toy_stops (replica) VALUES ($1)", self._context.replica)

    async def _store(self, batch: Sequence[Item], result: Result) -> None:
        ids = [_id(item.value) for item in batch if not isinstance(item.value, Dead)]
        async with self._context.db.transaction() as conn:
            rows = await conn.fetch(STORE, ids, self._context.replica)
            fresh = {row["id"] for row in rows}
            for index, item in enumerate(batch):
                if result.outcomes[index] == APPLIED and _id(item.value) not in fresh:
                    result.outcomes[index] = DUPLICATE
            await self._context.progress.record(conn, batch, result.outcomes)

    def _outcome(self, item: Item) -> Outcome:
        match item.value:
            case Dead():
                return item.value
            case Spend() if item.value.channel == "unwanted":
                return Drop("unwanted")
        return APPLIED

    def _holds(self, batch: Sequence[Item]) -> bool:
        return any(
            isinstance(item.value, Spend) and item.value.campaign == self._settings.at
            for item in batch
        )

    async def _misbehave(self, where: Where, batch: Sequence[Item]) -> None:
        settings = self._settings
        if settings.where != where or settings.fault in ("none", "retry"):
            return
        if not self._holds(batch) or self._resumed():
            return
        self._arrive()
        if settings.fault == "raise":
            raise RuntimeError("the toy was told to raise")
        if settings.fault == "raise_base":
            raise Wrong
        while not self._resumed():  # noqa: ASYNC110 (the test is another process)
            await asyncio.sleep(0.02)

    def _arrive(self) -> None:
        if self._settings.arrived is not None:
            self._settings.arrived.touch()

    def _resumed(self) -> bool:
        return self._settings.resume is not None and self._settings.resume.exists()


def _deafen() -> None:
    """Every member of a group loses the tasks that fetch, as by a fault of the client."""
    for client in gc.get_objects():
        if isinstance(client, AIOKafkaConsumer) and client._group_id is not None:
            for task in (client._fetcher.error_future, *client._fetcher._pending_tasks):
                task.get_loop().call_soon_threadsafe(task.cancel)


def _id(value: object) -> str:
    match value:
        case Spend():
            return value.campaign
        case Command():
            return value.command_id
    raise TypeError(type(value).__name__)


def _pointer(value: Spend) -> ConversionPointer:
    return ConversionPointer(tenant_id=value.tenant_id, conversion_id=value.campaign, rev=1)


def about(record: Frozen) -> tuple[str, ...]:
    """A spend and its pointer are about the same."""
    match record:
        case Spend(campaign=campaign):
            return (campaign or "",)
        case ConversionPointer(conversion_id=conversion):
            return (conversion,)
    return ()


def spec(settings: ToySettings) -> Spec:
    """The toy's registry row."""
    return Spec(
        name=settings.name,
        inputs=tuple(settings.inputs.split(",")),
        outputs=("conversions.v1",),
        engine=settings.engine,
        factory=lambda context: Toy(context, settings),
        engine_counts=not settings.stores,
        about=about,
        batch_max_records=settings.batch_max_records,
    )


if __name__ == "__main__":
    main(spec(ToySettings()), EngineSettings.load())
