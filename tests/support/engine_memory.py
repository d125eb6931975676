"""A scripted processor on the memory engine: the contract without servers."""

from collections.abc import Callable, Sequence

from pydantic import SecretStr

from processors.engine.memory import MemoryBroker, MemoryEngine
from processors.engine.outcome import APPLIED, Dead, Outcome
from processors.engine.processor import Background, Emit, Item, Result
from processors.engine.settings import EngineSettings
from processors.engine.spans import Tracer
from schemas.conversion import ConversionPointer
from schemas.spend import Spend
from tests.support.engine_toy import about

Decide = Callable[[Item], Outcome]


def settings(**overrides: object) -> EngineSettings:
    """Settings that need no environment."""
    given: dict[str, object] = {
        "kafka_bootstrap_servers": "127.0.0.1:9",
        "database_url": SecretStr("postgresql://nobody:secret@127.0.0.1:9/none"),
        "retry_first_seconds": 0.001,
        "retry_max_seconds": 0.002,
        **overrides,
    }
    return EngineSettings.load(**given)


def applied(item: Item) -> Outcome:
    """Everything decodable is applied."""
    return item.value if isinstance(item.value, Dead) else APPLIED


class Scripted:
    """Keeps what it was given in a set, and emits a pointer for each record."""

    def __init__(self, decide: Decide = applied) -> None:
        self.decide = decide
        self.stored: set[str] = set()
        self.calls: list[str] = []

    async def start(self) -> None:
        """Note it."""
        self.calls.append("start")

    async def process(self, batch: Sequence[Item]) -> Result:
        """Decide, store, emit."""
        self.calls.append(f"process {len(batch)}")
        outcomes = [self.decide(item) for item in batch]
        spends = [item.value for item in batch if isinstance(item.value, Spend)]
        self.stored |= {spend.campaign for spend in spends}
        emits = [
            Emit(
                "conversions.v1",
                ConversionPointer(tenant_id=spend.tenant_id, conversion_id=spend.campaign, rev=1),
            )
            for spend in spends
        ]
        return Result(outcomes, emits)

    async def acknowledged(self, batch: Sequence[Item], result: Result, /) -> None:
        """Note it."""
        self.calls.append(f"acknowledged {len(batch)}")

    def background(self) -> Sequence[Background]:
        """None."""
        return ()

    async def stop(self) -> None:
        """Note it."""
        self.calls.append("stop")


def engine(
    broker: MemoryBroker, processor: Scripted, *, tracer: Tracer | None = None, **overrides: object
) -> MemoryEngine:
    """The processor on the broker, in group `toy`."""
    return MemoryEngine(
        broker,
        group="toy",
        inputs=("spend.v1",),
        processor=processor,
        settings=settings(**overrides),
        tracer=tracer,
        about=about,
    )
