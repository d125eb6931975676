"""Sends one platform's queue.

A round locks what is due, decides, marks what goes out as `sending` and commits; only then do the
requests start, each in a task of its own, and each answer is written in one transaction. What is
locked but not chosen is free again at the commit. A sender that dies leaves `sending` behind, and
whoever finds that treats it as in doubt.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from time import monotonic
from typing import Final

from processors.engine.context import Context
from processors.fanout import handle, store
from processors.fanout.accounts import Accounts
from processors.fanout.exchange import Exchange
from processors.fanout.gates import Gates
from processors.fanout.handle import Batch, Turn
from processors.fanout.patience import patiently
from processors.fanout.screen import Screen
from processors.fanout.settings import FanoutSettings
from processors.fanout.store import Queue
from processors.platforms.base import Account, Answer, Connector, Result

log = logging.getLogger(__name__)

LAST_SECONDS: Final = 2.0
"""For what is written at a stop; a database that is away does not hold it up for longer."""
LEFT_BEHIND: Final = Result("unknown", "the sender ended before the answer came")


class Sender:
    """The loop of one platform in one replica."""

    def __init__(
        self,
        connector: Connector,
        *,
        context: Context,
        accounts: Accounts,
        settings: FanoutSettings,
    ) -> None:
        self._connector = connector
        self._context = context
        self._accounts = accounts
        self._settings = settings
        self._gates = Gates(connector.platform, settings, context.metrics)
        self._queue = Queue(
            connector.platform,
            owner=f"{context.group}-{context.replica}",
            lease_ms=round(settings.lease_seconds * 1000),
        )
        self._screen = Screen(connector)
        self._exchange = Exchange(
            connector,
            context=context,
            gates=self._gates,
            queue=self._queue,
            screen=self._screen,
            settings=settings,
        )
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._last_tenant = ""
        self._keep_at = 0.0

    def wake(self) -> None:
        """Something new is in the queue."""
        self._wake.set()

    async def recover(self) -> None:
        """Take what an earlier life of this replica left in doubt."""
        await self._resolve_doubt(mine=True)

    async def run(self) -> None:
        """Send until cancelled; requests under way are then awaited."""
        try:
            while True:
                self._wake.clear()
                if not await patiently(self._round):
                    await self._rest()
        finally:
            await self._finish()

    async def _round(self) -> int:
        """Start what may start now; returns how many requests that is."""
        await self._housekeep()
        await self._write_openings()
        free = self._settings.in_flight_max - len(self._tasks)
        if free <= 0:
            return 0
        accounts = await self._accounts.current()
        self._gates.know(accounts, now_ms=self._context.clock())
        turns = self._turns(accounts)
        if not turns:
            return 0
        chosen = await self._claim(turns, most=free)
        for batch in chosen:
            self._start(accounts[batch.tenant_id], batch)
        return len(chosen)

    def _turns(self, accounts: dict[str, Account]) -> list[Turn]:
        """Tenants that may send, beginning after the one that was served last."""
        now_ms = self._context.clock()
        names = sorted(accounts)
        later = [name for name in names if name > self._last_tenant]
        turns = [
            Turn(name, self._gates.room(name, now_ms=now_ms))
            for name in later + names[: len(names) - len(later)]
        ]
        return [turn for turn in turns if turn.requests > 0]

    async def _claim(self, turns: Sequence[Turn], *, most: int) -> list[Batch]:
        now_ms = self._context.clock()
        connector = self._connector
        async with self._context.db.transaction() as conn:
            rows = await self._queue.due(
                conn,
                turns,
                per_tenant=max(connector.batch_limit, self._settings.in_flight_per_tenant),
                most=self._settings.rows_max,
                now_ms=now_ms,
            )
            if not rows:
                return []
            good, ended = await self._screen.look(conn, rows, now_ms=now_ms)
            chosen = handle.batches(
                good, turns, group=connector.group, batch_limit=connector.batch_limit, most=most
            )
            leased = await self._queue.lease(
                conn, [row for batch in chosen for row in batch.rows], now_ms=now_ms
            )
            await self._queue.settle(conn, ended, now_ms=now_ms)
        if chosen:
            self._last_tenant = chosen[-1].tenant_id
        return [
            Batch(batch.tenant_id, tuple(leased[row.key] for row in batch.rows)) for batch in chosen
        ]

    def _start(self, account: Account, batch: Batch) -> None:
        self._gates.start(batch.tenant_id, now_ms=self._context.clock())
        task = asyncio.get_running_loop().create_task(self._exchange.run(account, batch.rows))
        self._tasks.add(task)
        task.add_done_callback(lambda _: self._gates.end(batch.tenant_id))
        task.add_done_callback(lambda _: self._wake.set())

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._settings.poll_seconds):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._reap()

    def _reap(self) -> None:
        """Forget finished requests; an error nobody expected ends the process."""
        for task in [task for task in self._tasks if task.done()]:
            self._tasks.discard(task)
            task.result()

    async def _housekeep(self) -> None:
        self._reap()
        now = monotonic()
        if now < self._keep_at:
            return
        self._keep_at = now + self._settings.housekeeping_seconds
        await self._resolve_doubt(mine=False)
        while True:
            async with self._context.db.transaction() as conn:
                if await self._queue.expire(conn, now_ms=self._context.clock()) < store.CHUNK:
                    return

    async def _write_openings(self) -> None:
        openings = self._gates.openings()
        if openings:
            async with self._context.db.transaction() as conn:
                await self._queue.note_openings(conn, openings)
            self._gates.written(openings)

    async def _resolve_doubt(self, *, mine: bool) -> None:
        while True:
            now_ms = self._context.clock()
            async with self._context.db.transaction() as conn:
                rows = await self._queue.in_doubt(conn, mine=mine, now_ms=now_ms)
                if not rows:
                    return
                answer = Answer((LEFT_BEHIND,) * len(rows), None, 0, "")
                await self._queue.log(conn, rows, answer, now_ms=now_ms)
                settled = self._exchange.settlements(rows, answer, now_ms=now_ms)
                await self._queue.settle(conn, settled, now_ms=now_ms)
            log.warning(
                "deliveries in doubt",
                extra={"platform": self._connector.platform, "events": len(rows)},
            )

    async def _finish(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._settings.drain_seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_SECONDS):
                await patiently(self._write_openings)
