"""The contract between a processor and the engine that runs it.

The engine polls a batch, decodes it, and calls `process`, in which the processor does its own
transactions (its counts and the consumed offset in the first of them, through `Progress`). Then
the engine sends what `process` returned and the dead letters, waits for the brokers' acks, calls
`acknowledged`, and commits the offset. A crash anywhere repeats the batch, so every step must
absorb a repetition.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Protocol

from processors.engine.outcome import Dead, Outcome
from schemas.envelope import Frozen


@dataclass(frozen=True, slots=True)
class Message:
    """A consumed record, undecoded. `topic` is the logical name; `timestamp` is epoch ms;
    `traceparent` is that of a record of a sampled trace (spans.py)."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    traceparent: str | None = None

    @property
    def tenant(self) -> str:
        """The tenant that leads the key; `?` for a key that has none."""
        head, bar, _ = (self.key or b"").partition(b"|")
        return head.decode("utf-8", "replace")[:63] if bar and head else "?"

    @property
    def day(self) -> date:
        """The UTC date of its timestamp: of the receipt."""
        return datetime.fromtimestamp(self.timestamp / 1000, UTC).date()


@dataclass(frozen=True, slots=True)
class Item:
    """A message and its decoded record, or why it could not be decoded."""

    message: Message
    value: Frozen | Dead


@dataclass(frozen=True, slots=True)
class Emit:
    """A record to produce: logical topic, record (the key comes from the catalogue). `timestamp`
    is the event's or receive time in epoch ms; None lets the producer stamp it (bookkeeping).
    `causes` are trace contexts: the record is of the first one's trace. Handlers leave them to the
    engine, unless the cause comes out of a table."""

    topic: str
    record: Frozen
    timestamp: int | None = None
    causes: tuple[str, ...] = ()


@dataclass(slots=True)
class Result:
    """One outcome for each item of the batch, in order, and what to produce."""

    outcomes: list[Outcome]
    emits: list[Emit] = field(default_factory=list)


Background = Callable[[], Awaitable[None]]


class Processor(Protocol):
    """What the engine runs. Methods may raise only what must stop the process, or the
    infrastructure errors that the engine waits out (processors.engine.postgres.is_transient)."""

    async def start(self) -> None:
        """Before the first batch."""

    async def process(self, batch: Sequence[Item]) -> Result:
        """Apply the batch in its own transactions. May be called again with the same items."""

    async def acknowledged(self, batch: Sequence[Item], result: Result, /) -> None:
        """After all output is acked, before the offset is committed."""

    def background(self) -> Sequence[Background]:
        """Loops that run beside the batches until they are cancelled; one that raises stops the
        process."""

    async def stop(self) -> None:
        """After the last batch and after the background loops ended."""
