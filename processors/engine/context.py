"""What the engine hands to a processor's factory."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from processors.engine.clock import Clock
from processors.engine.metrics import Metrics
from processors.engine.postgres import Database
from processors.engine.processor import Emit, Processor
from processors.engine.progress import Progress
from processors.engine.spans import Tracer

Publish = Callable[[Sequence[Emit]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Context:
    """`publish` returns after the brokers acked every record (for background loops; the output
    of a batch is returned from `process` instead). `replica` is this process's static number;
    `behind` says how many records of its partitions wait, as the latest poll knew it; without a
    `tracer` there are no traces."""

    name: str
    group: str
    replica: int
    db: Database
    progress: Progress
    publish: Publish
    clock: Clock
    metrics: Metrics
    behind: Callable[[], int] = lambda: 0
    tracer: Tracer | None = None


Factory = Callable[[Context], Processor]
