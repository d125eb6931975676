"""One batch, from messages to the point where the offset may be committed.

Every engine runs its batches through this, so that waiting, dead letters and counts are the same
in all. Infrastructure errors and `Retry` are waited out in place, order kept; everything else is
raised, and the engine stops the process before the commit.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final, TypeVar

from processors.engine import kafka, postgres
from processors.engine.codec import decode
from processors.engine.deadletter import Limit, letters
from processors.engine.hops import NO_HOP, Hops, Output
from processors.engine.metrics import Metrics
from processors.engine.outcome import Dead, Outcome, Retry, label
from processors.engine.postgres import Database
from processors.engine.processor import Emit, Item, Message, Processor, Result
from processors.engine.progress import Progress
from processors.engine.pulse import Pulse
from processors.engine.settings import EngineSettings

log = logging.getLogger(__name__)

GROWTH: Final = 2.0
NO_ANSWER_SECONDS: Final = 1.0

T = TypeVar("T")


class Abandoned(Exception):
    """The batch was given up while it waited for infrastructure; nothing of it is committed."""


@dataclass(frozen=True, slots=True)
class Counting:
    """What the engine needs to count outcomes itself."""

    db: Database
    progress: Progress


def is_transient(exc: BaseException) -> bool:
    """Whether waiting may help."""
    return postgres.is_transient(exc) or kafka.is_transient(exc)


class Patience:
    """Waits out what passes by itself: backoff without jitter, capped, shown in readiness."""

    def __init__(self, settings: EngineSettings, pulse: Pulse, metrics: Metrics) -> None:
        self._first = settings.retry_first_seconds
        self._cap = settings.retry_max_seconds
        self._pulse = pulse
        self._metrics = metrics

    async def until_done(
        self,
        what: str,
        work: Callable[[], Awaitable[T]],
        *,
        give_up: Callable[[], bool] = lambda: False,
    ) -> T:
        """Repeat `work` while it fails for reasons that pass.

        Raises:
            Abandoned: when `give_up` says so between two attempts.
        """
        delay = self._first
        try:
            while True:
                try:
                    return await work()
                except Exception as error:
                    if not is_transient(error):
                        raise
                    reason = type(error).__name__
                self._note(what, reason)
                await self._pause(delay, give_up)
                delay = min(delay * GROWTH, self._cap)
        finally:
            self._pulse.waiting.pop(what, None)

    async def for_answer(
        self,
        what: str,
        work: Awaitable[T],
        *,
        give_up: Callable[[], bool] = lambda: False,
    ) -> T:
        """Await a client that repeats by itself for as long as the brokers are away, and show it.

        Raises:
            Abandoned: when `give_up` says so while there is no answer.
        """
        task = asyncio.ensure_future(work)
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=NO_ANSWER_SECONDS)
                if not task.done():
                    self._note(what, "no answer from the brokers")
                    if give_up():
                        raise Abandoned
            return task.result()
        finally:
            task.cancel()
            self._pulse.waiting.pop(what, None)

    async def _pause(self, seconds: float, give_up: Callable[[], bool]) -> None:
        deadline = monotonic() + seconds
        while True:
            if give_up():
                raise Abandoned
            left = deadline - monotonic()
            if left <= 0:
                return
            await asyncio.sleep(min(left, self._first))

    def _note(self, what: str, reason: str) -> None:
        if what not in self._pulse.waiting:
            log.warning("waiting", extra={"what": what, "reason": reason})
        self._pulse.waiting[what] = reason
        self._metrics.count("attributary_retries_total", reason=reason)


class NotYet(TimeoutError):
    """A processor answered `Retry`: tried again like an infrastructure error."""


class Cycle:
    """Runs one batch at a time."""

    def __init__(
        self,
        *,
        group: str,
        processor: Processor,
        output: Output,
        settings: EngineSettings,
        pulse: Pulse,
        metrics: Metrics,
        counting: Counting | None = None,
        hops: Hops | None = None,
    ) -> None:
        self._group = group
        self._hops = hops
        self._processor = processor
        self._output = output
        self._pulse = pulse
        self._metrics = metrics
        self._counting = counting
        self._limit = Limit(settings)
        self._patience = Patience(settings, pulse, metrics)

    async def run(
        self, messages: Sequence[Message], *, give_up: Callable[[], bool] = lambda: False
    ) -> None:
        """Apply a batch; when it returns the offsets after it may be committed.

        Raises:
            Abandoned: when `give_up` said so while it waited.
            Exception: anything unknown; the process must stop without a commit.
        """
        self._pulse.batch_since = monotonic()
        try:
            batch = [decode(message) for message in messages]
            with NO_HOP if self._hops is None else self._hops.batch(batch) as hop:
                hop.ended(await self._apply(batch, give_up))
        finally:
            self._pulse.batch_since = None
            self._pulse.batches += 1

    async def _apply(self, batch: Sequence[Item], give_up: Callable[[], bool]) -> Sequence[Outcome]:
        self._limit.check([isinstance(item.value, Dead) for item in batch])
        result = await self._step("process", lambda: self._process(batch), give_up)
        self._limit.note([isinstance(outcome, Dead) for outcome in result.outcomes])
        dead = letters(batch, result.outcomes, group=self._group)
        emits = [*result.emits, *dead]
        if emits:
            await self._step("send", lambda: self._send(emits, give_up), give_up)
        if self._counting is not None:
            await self._step("count", lambda: self._count(batch, result), give_up)
        await self._step(
            "acknowledge", lambda: self._processor.acknowledged(batch, result), give_up
        )
        self._measure(batch, result, dead)
        return result.outcomes

    async def _step(
        self, name: str, work: Callable[[], Awaitable[T]], give_up: Callable[[], bool]
    ) -> T:
        started = monotonic()
        done = await self._patience.until_done(name, work, give_up=give_up)
        self._metrics.observe("attributary_step_seconds", monotonic() - started, step=name)
        return done

    async def _process(self, batch: Sequence[Item]) -> Result:
        result = await self._processor.process(batch)
        if len(result.outcomes) != len(batch):
            raise ValueError(f"{len(result.outcomes)} outcomes for {len(batch)} records")
        for outcome in result.outcomes:
            if isinstance(outcome, Retry):
                raise NotYet(outcome.reason)
        return result

    async def _send(self, emits: Sequence[Emit], give_up: Callable[[], bool]) -> None:
        await self._patience.for_answer("send", self._output.send_all(emits), give_up=give_up)

    async def _count(self, batch: Sequence[Item], result: Result) -> None:
        assert self._counting is not None
        async with self._counting.db.transaction() as conn:
            await self._counting.progress.record(conn, batch, result.outcomes)

    def _measure(self, batch: Sequence[Item], result: Result, dead: Sequence[Emit]) -> None:
        metrics = self._metrics
        for (outcome, rule), n in Counter(map(label, result.outcomes)).items():
            metrics.count("attributary_outcomes_total", n, outcome=outcome, rule=rule)
        for topic, n in Counter(emit.topic for emit in result.emits).items():
            metrics.count("attributary_emitted_total", n, topic=topic)
        for topic, n in Counter(emit.topic for emit in dead).items():
            metrics.count("attributary_dead_letters_total", n, topic=topic)
        metrics.gauge("attributary_batch_records", len(batch))
        if self._pulse.batch_since is not None:
            metrics.observe("attributary_batch_seconds", monotonic() - self._pulse.batch_since)
