"""What answers made of their deliveries, written down.

Answers that come while others are written wait, and are then written together: a transaction for
each would take the database's time from the requests that follow.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from processors.engine.context import Context
from processors.fanout import handle, receipts
from processors.fanout.handle import Settlement, Waiting
from processors.fanout.patience import patiently
from processors.fanout.settings import FanoutSettings
from processors.fanout.store import Queue
from processors.platforms.base import Answer, Connector

ROWS_AT_ONCE: Final = 2_000
"""No further answer joins a transaction of so many rows."""


@dataclass(slots=True, eq=False)
class _Told:
    rows: Sequence[Waiting]
    answer: Answer
    is_written: bool = False


class Recorder:
    """Writes the answers of one platform."""

    def __init__(
        self, connector: Connector, *, context: Context, queue: Queue, settings: FanoutSettings
    ) -> None:
        self._connector = connector
        self._context = context
        self._queue = queue
        self._settings = settings
        self._turn = asyncio.Lock()
        self._told: list[_Told] = []

    async def record(self, rows: Sequence[Waiting], answer: Answer) -> None:
        """Return when the answer to these rows is in the database, however long that is away."""
        told = _Told(rows, answer)
        self._told.append(told)
        async with self._turn:
            if told.is_written:
                return
            some = self._some()
            await patiently(lambda: self._write(some))
            for one in some:
                one.is_written = True
            self._told = [one for one in self._told if not one.is_written]

    def settlements(
        self, rows: Sequence[Waiting], answer: Answer, *, now_ms: int
    ) -> list[Settlement]:
        """What rows become by an answer."""
        return [
            handle.settle(
                row,
                result,
                now_ms=now_ms,
                settings=self._settings,
                window=self._connector.dedupe_window_ms,
                http_status=answer.http_status,
                pause_seconds=answer.pause_seconds,
            )
            for row, result in zip(rows, answer.results, strict=True)
        ]

    def _some(self) -> list[_Told]:
        """The answers that came first; who has the turn is always among them."""
        some: list[_Told] = []
        size = 0
        for one in self._told:
            if some and size + len(one.rows) > ROWS_AT_ONCE:
                break
            some.append(one)
            size += len(one.rows)
        return some

    async def _write(self, some: Sequence[_Told]) -> None:
        now_ms = self._context.clock()
        settled = [
            one for told in some for one in self.settlements(told.rows, told.answer, now_ms=now_ms)
        ]
        async with self._context.db.transaction() as conn:
            await self._queue.log(conn, [(one.rows, one.answer) for one in some], now_ms=now_ms)
            await self._queue.settle(conn, settled, now_ms=now_ms)
            for one in some:
                await receipts.keep(
                    conn,
                    self._connector.platform,
                    one.rows,
                    one.answer,
                    now_ms=now_ms,
                    next_ms=now_ms + round(self._settings.receipt_first_seconds * 1000),
                )
