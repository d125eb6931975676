"""A batch as a hop of the traces that meet in it.

Each record of a trace gets a span from poll to where it may be committed, and each record that the
batch emits a span of its own, under that of the record which caused it; it is the one that travels
on. Processors know nothing of it: an emitted record is of the trace of whichever record of the
batch is about the same thing (`names`). Where several are, the first one's trace goes on, and the
others are linked. What no record of the batch names, as a conversion that a touch has reached, goes
on with the traced records of its tenant, the likely causes.

Attributes are those of OpenTelemetry's conventions for messaging
(https://opentelemetry.io/docs/specs/semconv/messaging/kafka/), keys of records left out.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar, Token
from dataclasses import replace
from types import TracebackType
from typing import Final, Protocol, Self

from processors.engine.outcome import Outcome, label
from processors.engine.processor import Emit, Item, Message
from processors.engine.spans import MOST_LINKS, Attributes, Span, Tracer
from schemas.dead_letter import DeadLetter
from schemas.envelope import Frozen, Record

Names = Callable[[Frozen], Iterable[str]]

_current: ContextVar["Hop | None"] = ContextVar("hop", default=None)


class Output(Protocol):
    """Where the records go; returns partition and offset of each after every ack."""

    async def send_all(self, emits: Sequence[Emit]) -> Sequence[tuple[int, int]]: ...


class NoHop:
    """A batch without a trace."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def ended(self, outcomes: Sequence[Outcome]) -> None:
        """Nobody asks."""


NO_HOP: Final = NoHop()


class Hops:
    """Makes the hops of one group."""

    def __init__(self, tracer: Tracer, *, group: str, names: Names) -> None:
        self._tracer = tracer
        self._group = group
        self._names = names

    def batch(self, batch: Sequence[Item]) -> "Hop | NoHop":
        """The hop of a batch, to be entered for as long as the batch is worked on."""
        if all(item.message.traceparent is None for item in batch):
            return NO_HOP
        return Hop(batch, tracer=self._tracer, group=self._group, names=self._names)


class Hop:
    """A batch in which some records are of a trace."""

    def __init__(self, batch: Sequence[Item], *, tracer: Tracer, group: str, names: Names) -> None:
        self._batch = batch
        self._names = names
        self._spans: dict[int, Span] = {
            place: tracer.start(
                f"process {item.message.topic}",
                "consumer",
                parent=item.message.traceparent,
                attributes=_of_message(item.message, group),
            )
            for place, item in enumerate(batch)
            if item.message.traceparent is not None
        }
        self._whole: Span | None = None
        if len(self._spans) > 1:
            self._whole = tracer.start(
                f"batch {group}",
                "internal",
                links=[span.traceparent for span in self._spans.values()][:MOST_LINKS],
                attributes={
                    "messaging.system": "kafka",
                    "messaging.consumer.group.name": group,
                    "messaging.batch.message_count": len(batch),
                },
            )
        self._ends: dict[int, Attributes] = {}
        self._token: Token[Hop | None] | None = None

    def __enter__(self) -> Self:
        self._token = _current.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if self._token is not None:
            _current.reset(self._token)
        error = None if kind is None else kind.__name__
        for place, span in self._spans.items():
            span.end(self._ends.get(place, {}), error=error)
        if self._whole is not None:
            self._whole.end(error=error)

    def ended(self, outcomes: Sequence[Outcome]) -> None:
        """How the batch's records ended."""
        for place in self._spans:
            outcome, rule = label(outcomes[place])
            self._ends[place] = {"attributary.outcome": outcome, "attributary.rule": rule}

    def carry(self, emits: Sequence[Emit]) -> Sequence[Emit]:
        """The same records, those that a record of a trace has caused with their causes."""
        named: dict[str, list[str]] = defaultdict(list)
        places: dict[tuple[str, int, int], str] = {}
        tenants: dict[str, list[str]] = defaultdict(list)
        for place, span in self._spans.items():
            message, value = self._batch[place].message, self._batch[place].value
            places[message.topic, message.partition, message.offset] = span.traceparent
            tenants[message.tenant].append(span.traceparent)
            for name in self._about(value):
                named[name].append(span.traceparent)
        others: set[str] | None = None
        carrying: list[Emit] = []
        for emit in emits:
            record = emit.record
            if isinstance(record, DeadLetter):
                own = places.get((record.topic, record.partition, record.offset))
                carrying.append(emit if own is None else replace(emit, causes=(own,)))
                continue
            names = self._about(record)
            causes = [cause for name in names for cause in named.get(name, ())]
            if not causes and isinstance(record, Record) and record.tenant_id in tenants:
                if others is None:
                    others = self._of_others()
                if others.isdisjoint(names):
                    causes = tenants[record.tenant_id]
            carrying.append(replace(emit, causes=tuple(dict.fromkeys(causes))) if causes else emit)
        return carrying

    def _of_others(self) -> set[str]:
        """What the batch's records without a trace are about."""
        return {
            name
            for place, item in enumerate(self._batch)
            if place not in self._spans
            for name in self._about(item.value)
        }

    def _about(self, value: object) -> Iterable[str]:
        return self._names(value) if isinstance(value, Frozen) else ()


class Sending:
    """An output with a span for each record of a trace, which takes its trace on."""

    def __init__(self, inner: Output, tracer: Tracer) -> None:
        self._inner = inner
        self._tracer = tracer

    async def send_all(self, emits: Sequence[Emit]) -> Sequence[tuple[int, int]]:
        """As the output's own."""
        hop = _current.get()
        if hop is not None:
            emits = hop.carry(emits)
        spans = {
            place: self._tracer.start(
                f"send {emit.topic}",
                "producer",
                parent=emit.causes[0],
                links=emit.causes[1:],
                attributes=_of_emit(emit),
            )
            for place, emit in enumerate(emits)
            if emit.causes
        }
        if not spans:
            return await self._inner.send_all(emits)
        carrying = [
            replace(emit, causes=(spans[place].traceparent,)) if place in spans else emit
            for place, emit in enumerate(emits)
        ]
        try:
            placed = await self._inner.send_all(carrying)
        except BaseException as error:
            for span in spans.values():
                span.end(error=type(error).__name__)
            raise
        for place, span in spans.items():
            span.end(place_of(*placed[place]))
        return placed


def place_of(partition: int, offset: int) -> Attributes:
    """Where a record is on its topic."""
    return {"messaging.destination.partition.id": str(partition), "messaging.kafka.offset": offset}


def _of_message(message: Message, group: str) -> Attributes:
    return {
        "messaging.system": "kafka",
        "messaging.operation.type": "process",
        "messaging.operation.name": "process",
        "messaging.destination.name": message.topic,
        "messaging.consumer.group.name": group,
        "attributary.tenant": message.tenant,
        **place_of(message.partition, message.offset),
    }


def _of_emit(emit: Emit) -> Attributes:
    tenant = emit.record.tenant_id if isinstance(emit.record, Record) else ""
    return of_sending(emit.topic, tenant)


def of_sending(topic: str, tenant: str) -> Attributes:
    """What a span of a record that is produced says at its start."""
    said = {
        "messaging.system": "kafka",
        "messaging.operation.type": "send",
        "messaging.operation.name": "send",
        "messaging.destination.name": topic,
    }
    return said | {"attributary.tenant": tenant} if tenant else said
