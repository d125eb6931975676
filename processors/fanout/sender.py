"""Sends one platform's queue.

A round locks what is due, decides, marks what goes out as `sending` and commits; only then do the
requests start, each in a task of its own, and each answer is written in one transaction. What is
locked but not chosen is free again at the commit. A sender that dies leaves `sending` behind, and
whoever finds that treats it as in doubt.
"""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

from processors.engine.context import Context
from processors.fanout import handle, store
from processors.fanout.accounts import Accounts
from processors.fanout.appetite import Appetite
from processors.fanout.exchange import Exchange
from processors.fanout.gates import Gates
from processors.fanout.handle import Batch, Turn, Waiting
from processors.fanout.lull import Lull
from processors.fanout.patience import patiently
from processors.fanout.recording import Recorder
from processors.fanout.rota import Rota, Window
from processors.fanout.screen import Screen
from processors.fanout.settings import FanoutSettings
from processors.fanout.sharing import Sharing
from processors.fanout.store import Queue
from processors.platforms.base import Account, Answer, Connector, Result

log = logging.getLogger(__name__)

LAST_SECONDS: Final = 2.0
"""For what is written at a stop; a database that is away does not hold it up for longer."""
LOOKED_AT: Final = 64
"""So many tenants at least are looked at in a round."""
LEFT_BEHIND: Final = Result("unknown", "the sender ended before the answer came")


@dataclass(frozen=True, slots=True)
class Look:
    """What a round read of the queue, what of it may go, the requests of that, and those leased."""

    read: Sequence[Waiting] = ()
    good: Sequence[Waiting] = ()
    wanted: Sequence[Batch] = ()
    leased: Sequence[Batch] = ()


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
        owner = f"{context.group}-{context.replica}"
        self._sharing = Sharing(
            connector.platform,
            owner=owner,
            db=context.db,
            clock=context.clock,
            gates=self._gates,
            settings=settings,
        )
        self._queue = Queue(
            connector.platform,
            owner=owner,
            lease_ms=round(settings.lease_seconds * 1000),
        )
        self._screen = Screen(connector)
        self._recorder = Recorder(connector, context=context, queue=self._queue, settings=settings)
        self._exchange = Exchange(
            connector,
            context=context,
            gates=self._gates,
            sharing=self._sharing,
            queue=self._queue,
            screen=self._screen,
            recorder=self._recorder,
        )
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._rota = Rota()
        self._appetite = Appetite(connector.batch_limit, at_least=settings.in_flight_per_tenant)
        self._lull = Lull(settings.poll_seconds, settings.idle_seconds)
        self._keep_at = 0.0
        self._has_rows = False
        self._is_short = False

    def wake(self) -> None:
        """Something new is in the queue."""
        self._wake.set()

    async def recover(self) -> None:
        """Take what an earlier life of this replica left in doubt or undone."""
        await self._resolve_doubt(mine=True)
        await self._sharing.recover()

    async def run(self) -> None:
        """Send until cancelled; requests under way are then awaited."""
        try:
            while True:
                self._wake.clear()
                if not await patiently(self._round):
                    await self._rest()
        finally:
            await self._finish()

    async def _round(self) -> bool:
        """Start what may start now; returns whether to look on at once."""
        self._has_rows = self._is_short = False
        await self._housekeep()
        await self._sharing.report()
        free = self._settings.in_flight_max - len(self._tasks)
        if free <= 0:
            self._is_short = True
            return False
        accounts = await self._accounts.current()
        await self._sharing.refresh()
        self._gates.know(accounts, now_ms=self._context.clock())
        if not accounts:
            return False
        chosen, look_on = await self._claim(accounts, most=free)
        for batch in chosen:
            self._start(accounts[batch.tenant_id], batch)
        return look_on

    async def _claim(
        self, accounts: dict[str, Account], *, most: int
    ) -> tuple[Sequence[Batch], bool]:
        """Lease what the tenants whose turn it is may send."""
        now_ms, rows_max = self._context.clock(), self._settings.rows_max
        window = await self._window(accounts, max(LOOKED_AT, 2 * most))
        turns = self._turns(window, accounts, now_ms=now_ms)
        per_tenant = self._appetite.rows(turns)
        look = (
            await self._look(turns, per_tenant=per_tenant, most=most, now_ms=now_ms)
            if turns
            else Look()
        )
        self._appetite.learn(look.read, look.wanted)
        self._has_rows = bool(look.read)
        self._is_short = len(turns) < len(window.names) or _takes_all(turns, look.wanted)
        look_on = self._rota.passed(
            window,
            turns,
            look.wanted,
            read=look.read,
            good=look.good,
            per_tenant=per_tenant,
            most=rows_max,
        )
        return look.leased, look_on

    async def _look(
        self, turns: Sequence[Turn], *, per_tenant: int, most: int, now_ms: int
    ) -> Look:
        """Read, decide and lease, in one transaction."""
        connector = self._connector
        async with self._context.db.transaction() as conn:
            read = await self._queue.due(
                conn, turns, per_tenant=per_tenant, most=self._settings.rows_max, now_ms=now_ms
            )
            good, ended = await self._screen.look(conn, read, now_ms=now_ms)
            wanted = handle.batches(
                good, turns, group=connector.group, batch_limit=connector.batch_limit, most=most
            )
            chosen = await self._sharing.permit(conn, wanted, now_ms=now_ms)
            leased = await self._queue.lease(
                conn, [row for batch in chosen for row in batch.rows], now_ms=now_ms
            )
            await self._queue.settle(conn, ended, now_ms=now_ms)
        started = [
            Batch(batch.tenant_id, tuple(leased[row.key] for row in batch.rows)) for batch in chosen
        ]
        return Look(read, good, wanted, started)

    async def _window(self, accounts: Collection[str], size: int) -> Window:
        """Whom to look at now: everybody, or of many those who have anything in the queue."""
        if len(accounts) <= size:
            return self._rota.all_of(accounts)
        async with self._context.db.transaction() as conn:
            names = await self._queue.busy(conn, after=self._rota.after, most=size)
        return Window(names, is_end=len(names) < size)

    def _turns(self, window: Window, accounts: Collection[str], *, now_ms: int) -> list[Turn]:
        """How many requests each of them may start."""
        turns = [
            Turn(name, self._gates.room(name, now_ms=now_ms))
            for name in window.names
            if name in accounts
        ]
        return [turn for turn in turns if turn.requests > 0]

    def _start(self, account: Account, batch: Batch) -> None:
        """The next request of the tenant may start as soon as the last answer is here, while that
        is still written down."""
        self._gates.start(batch.tenant_id, now_ms=self._context.clock())
        freed = False

        def free(_: object = None) -> None:
            nonlocal freed
            if not freed:
                freed = True
                self._gates.end(batch.tenant_id)
            self._wake.set()

        exchange = self._exchange.run(account, batch.rows, answered=free)
        task = asyncio.get_running_loop().create_task(exchange)
        self._tasks.add(task)
        task.add_done_callback(free)

    async def _rest(self) -> None:
        """Until there is something to do; then, unless somebody waits for room, a little longer, so
        that requests carry more."""
        busy = self._has_rows or self._is_short
        try:
            async with asyncio.timeout(self._lull.wait(found=busy)):
                await self._wake.wait()
        except TimeoutError:
            pass
        else:
            if not self._is_short:
                await asyncio.sleep(self._settings.linger_seconds)
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

    async def _resolve_doubt(self, *, mine: bool) -> None:
        while True:
            now_ms = self._context.clock()
            async with self._context.db.transaction() as conn:
                rows = await self._queue.in_doubt(conn, mine=mine, now_ms=now_ms)
                if not rows:
                    return
                answer = Answer((LEFT_BEHIND,) * len(rows), None, 0, "")
                await self._queue.log(conn, [(rows, answer)], now_ms=now_ms)
                settled = self._recorder.settlements(rows, answer, now_ms=now_ms)
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
                await patiently(self._sharing.report)


def _takes_all(turns: Sequence[Turn], wanted: Sequence[Batch]) -> bool:
    """Whether a tenant starts every request that it may, so that the next one waits for an end."""
    requests = Counter(batch.tenant_id for batch in wanted)
    return any(requests[turn.tenant_id] >= turn.requests for turn in turns)
