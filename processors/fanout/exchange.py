"""One batch and its requests: sent, judged, written down.

A platform that refuses a batch without saying which event it means is asked again with the
halves, until the event stands alone; one that names the event is asked again without it. The
others lose nothing. Each further request is counted and committed before it is made, like the
first.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from processors.engine.context import Context
from processors.fanout import handle
from processors.fanout.attempts import attempts
from processors.fanout.gates import Gates
from processors.fanout.handle import Waiting
from processors.fanout.patience import patiently
from processors.fanout.recording import Recorder
from processors.fanout.screen import Screen
from processors.fanout.sharing import Sharing
from processors.fanout.store import Queue
from processors.platforms.base import Account, Answer, Connector, Result

log = logging.getLogger(__name__)

Rows = Sequence[Waiting]


class Exchange:
    """The requests of one platform."""

    def __init__(
        self,
        connector: Connector,
        *,
        context: Context,
        gates: Gates,
        sharing: Sharing,
        queue: Queue,
        screen: Screen,
        recorder: Recorder,
    ) -> None:
        self._connector = connector
        self._context = context
        self._gates = gates
        self._sharing = sharing
        self._queue = queue
        self._screen = screen
        self._recorder = recorder

    async def run(
        self, account: Account, rows: Rows, *, answered: Callable[[], object] = lambda: None
    ) -> None:
        """Send rows that are leased, and settle every one of them. `answered` is called when no
        further request follows, before the last answer is written down."""
        left: list[Rows] = [rows]
        while left:
            current = left.pop()
            answer = await self._send(account, current)
            if answer.opaque and len(current) > 1:
                left += await self._apart(current, answer)
            else:
                if not left:
                    answered()
                await self._recorder.record(current, answer)
                if left and not _is_about_events(answer):
                    await self._release([row for part in left for row in part])
                    return
            if left:
                left = await self._prepare(account.tenant_id, left)

    async def _send(self, account: Account, rows: Rows) -> Answer:
        platform = self._connector.platform
        with attempts(self._context.tracer, platform, rows) as told:
            answer = await self._connector.send(account, [row.delivery for row in rows])
            told(answer)
        self._gates.learn(account.tenant_id, answer, now_ms=self._context.clock())
        metrics = self._context.metrics
        metrics.observe("attributary_delivery_seconds", answer.latency_ms / 1000, platform=platform)
        for result in answer.results:
            metrics.count("attributary_deliveries_total", platform=platform, verdict=result.verdict)
        if again := sum(row.attempts > 1 for row in rows):
            metrics.count("attributary_delivery_retries_total", again, platform=platform)
        _tell(platform, account.tenant_id, rows, answer)
        return answer

    async def _apart(self, rows: Rows, answer: Answer) -> list[Rows]:
        """What to ask again after a refusal of all: the rest, else the halves."""
        told = list(zip(rows, answer.results, strict=True))
        rest = [row for row, result in told if result.verdict != "rejected"]
        if not rest:
            await self._note_refused_batch(rows, answer)
            middle = len(rows) // 2
            return [rows[middle:], rows[:middle]]
        named = [row for row, result in told if result.verdict == "rejected"]
        await self._recorder.record(named, _about(named, rows, answer))
        await self._note_refused_batch(rest, _about(rest, rows, answer))
        return [rest]

    async def _note_refused_batch(self, rows: Rows, answer: Answer) -> None:
        """The refusal is none of any single event yet, so its lines say `retry`."""
        told = tuple(
            Result("retry", f"refused within a batch of {len(rows)}: {result.error}")
            for result in answer.results
        )

        async def write() -> None:
            async with self._context.db.transaction() as conn:
                await self._queue.log(
                    conn, [(rows, replace(answer, results=told))], now_ms=self._context.clock()
                )

        await patiently(write)

    async def _prepare(self, tenant_id: str, left: list[Rows]) -> list[Rows]:
        """Wait for the rate limit, ask for consent anew, keep the lease of those that still may go,
        count the next request."""
        wait_ms = await patiently(lambda: self._sharing.reserve(tenant_id))
        await asyncio.sleep(wait_ms / 1000)
        rows = [row for part in left for row in part]

        async def write() -> list[Rows]:
            now_ms = self._context.clock()
            async with self._context.db.transaction() as conn:
                good, ended = await self._screen.look(conn, rows, now_ms=now_ms)
                await self._queue.settle(conn, ended, now_ms=now_ms)
                kept = {row.key: row for row in good}
                parts = [[kept[row.key] for row in part if row.key in kept] for part in left]
                parts = [part for part in parts if part]
                requests = (
                    [0] * (len(good) - len(parts[-1])) + [1] * len(parts[-1]) if parts else []
                )
                ordered = [row for part in parts for row in part]
                await self._queue.renew(conn, ordered, requests=requests, now_ms=now_ms)
            if parts:
                parts[-1] = [replace(row, attempts=row.attempts + 1) for row in parts[-1]]
            return list(parts)

        return await patiently(write)

    async def _release(self, rows: Rows) -> None:
        """Back into the queue: the platform has other troubles than these events."""

        async def write() -> None:
            now_ms = self._context.clock()
            async with self._context.db.transaction() as conn:
                await self._queue.settle(
                    conn,
                    [handle.unsent(row, now_ms=now_ms, state="queued", error=None) for row in rows],
                    now_ms=now_ms,
                )

        await patiently(write)


def _about(some: Rows, rows: Rows, answer: Answer) -> Answer:
    """The answer as it concerns some of the rows."""
    told = dict(zip((row.key for row in rows), answer.results, strict=True))
    return replace(answer, results=tuple(told[row.key] for row in some))


def _is_about_events(answer: Answer) -> bool:
    return all(result.verdict in ("sent", "rejected") for result in answer.results)


def _tell(platform: str, tenant_id: str, rows: Rows, answer: Answer) -> None:
    tag = platform.upper()
    extra = {"tenant_id": tenant_id, "latency_ms": answer.latency_ms}
    verdicts = [result.verdict for result in answer.results]
    if sent := verdicts.count("sent"):
        log.info(f"[{tag}] Event sent successfully", extra={**extra, "events": sent})
    again = [
        (row.attempts, result.error)
        for row, result in zip(rows, answer.results, strict=True)
        if result.verdict in ("retry", "throttled", "unknown", "reauth")
    ]
    if again:
        log.warning(
            f"Retry {max(attempts for attempts, _ in again)} for {platform}",
            extra={**extra, "events": len(again), "error": again[0][1]},
        )
