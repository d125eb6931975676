"""Where accepted records go: into Kafka, or into the spool while the brokers are away.

Records that arrive together are produced together: while one group is on its way the next one
gathers, so a request costs one future and a record none. A group that is not acknowledged in time
goes to the spool with all that waits behind it; from then on everything does, until a refill in
order has emptied it. A produce that timed out may still land, and is then there twice.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from processors.engine.kafka import Producer, Raw
from processors.gateway.door import Accepted
from processors.gateway.hotkeys import HotKeys
from processors.gateway.settings import GatewaySettings
from processors.gateway.spool import Full, Spool, frame

log = logging.getLogger(__name__)

_GROUP_RECORDS: Final = 5_000
_TURNS: Final = 3
_GROUPS: Final = 2
"""On their way at once: one is being acknowledged while the next is being encoded."""


class Unavailable(Exception):
    """Neither Kafka nor the spool can take records now."""


class Sink:
    """One producer, one spool."""

    def __init__(self, settings: GatewaySettings, *, producer: Producer, spool: Spool) -> None:
        self._settings = settings
        self._producer = producer
        self._spool = spool
        self._hot = HotKeys(per_second=settings.hot_key_records_per_second)
        self._waiting: list[tuple[Sequence[Accepted], asyncio.Future[None]]] = []
        self._wake = asyncio.Event()
        self._disk = asyncio.Lock()
        self.spooling = False
        self.taken = 0
        """Records that were acknowledged to somebody."""

    @property
    def spooled(self) -> int:
        """Records that wait in the spool."""
        return self._spool.records

    def can_take(self) -> bool:
        """Whether a record would be taken now."""
        return not self.spooling or self._spool.has_room(self._settings.max_event_bytes)

    def state(self) -> dict[str, int | bool]:
        """For `/readyz`."""
        return {
            "spooling": self.spooling,
            "spool_records": self._spool.records,
            "spool_bytes": self._spool.size,
            "spool_damaged": self._spool.damaged,
        }

    def put(self, rows: Sequence[Accepted]) -> "asyncio.Future[None]":
        """Done when every row is in Kafka (and has its offset) or on disk (and has none).

        Raises (in the future):
            Unavailable: when a row is in neither; some of the others may be.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((rows, future))
        self._wake.set()
        return future

    def open(self) -> None:
        """Look for what an earlier process left in the spool."""
        self._spool.open()
        self.spooling = bool(self._spool.records)

    async def run(self) -> None:
        """Move groups, for ever."""
        await asyncio.gather(*(self._move() for _ in range(_GROUPS)))

    async def _move(self) -> None:
        while True:
            while self._waiting:
                # Requests that arrived in the same turn of the loop join, for microseconds.
                for _ in range(_TURNS):
                    await asyncio.sleep(0)
                group = self._gather()
                if not group:  # the other mover has taken all
                    break
                if self.spooling or not await self._produce(group):
                    await self._keep(group)
            self._wake.clear()
            await self._wake.wait()

    async def refill(self) -> None:
        """Bring the spool to Kafka whenever there is something in it, for ever."""
        while True:
            while self.spooling and await self._refill_once():
                pass
            await asyncio.sleep(self._settings.spool_retry_seconds)

    async def drained(self) -> None:
        """Returns when nothing waits to be put anywhere."""
        while self._waiting:
            await asyncio.wait([future for _, future in self._waiting])

    def close(self) -> None:
        """Close the spool's file."""
        self._spool.close()

    def _gather(self) -> list[tuple[Sequence[Accepted], "asyncio.Future[None]"]]:
        count, size = 0, 0
        for rows, _ in self._waiting:
            size += len(rows)
            count += 1
            if size >= _GROUP_RECORDS:
                break
        group, self._waiting = self._waiting[:count], self._waiting[count:]
        return group

    async def _produce(
        self, group: Sequence[tuple[Sequence[Accepted], "asyncio.Future[None]"]]
    ) -> bool:
        rows = [row for some, _ in group for row in some]
        try:
            async with asyncio.timeout(self._settings.produce_timeout_seconds):
                places = await self._producer.send_raw(await self._placed(rows))
        except Exception as error:
            log.warning("brokers away, spooling", exc_info=error)
            self.spooling = True
            return False
        for row, (partition, offset) in zip(rows, places, strict=True):
            row.partition = partition
            row.offset = offset
        self.taken += len(rows)
        _done(group)
        return True

    async def _placed(self, rows: Sequence[Accepted]) -> list[Raw]:
        """The records, those of hot keys with a partition."""
        raws = [row.raw for row in rows]
        for index in self._hot.hot(raws, asyncio.get_running_loop().time()):
            raw = raws[index]
            raws[index] = self._hot.round(raw, await self._producer.partitions(raw.topic))
        return raws

    async def _keep(
        self, group: Sequence[tuple[Sequence[Accepted], "asyncio.Future[None]"]]
    ) -> None:
        data = [frame(row.raw) for some, _ in group for row in some]
        try:
            async with self._disk:
                await asyncio.to_thread(self._spool.append, data)
                self.spooling = True
        except Full:
            for _, future in group:
                if not future.done():
                    future.set_exception(Unavailable())
            return
        self.taken += len(data)
        _done(group)

    async def _refill_once(self) -> bool:
        """Produce the oldest segment; False when the brokers are still away."""
        async with self._disk:
            if not self._spool.records:
                self.spooling = False
                return True
            rows = await asyncio.to_thread(self._spool.first)
        try:
            async with asyncio.timeout(10 * self._settings.produce_timeout_seconds):
                await self._producer.send_raw(rows)
        except Exception as error:
            log.info("brokers still away", exc_info=error)
            return False
        async with self._disk:
            await asyncio.to_thread(self._spool.forget_first)
            self.spooling = bool(self._spool.records)
        log.info("spool refilled", extra={"records": len(rows)})
        return True


def _done(group: Sequence[tuple[Sequence[Accepted], "asyncio.Future[None]"]]) -> None:
    for _, future in group:
        if not future.done():
            future.set_result(None)
