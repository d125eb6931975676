"""One service under supervision: waits for its turn, runs, is started again when it dies.

The delay between a death and the next start doubles from one second to ten, and starts over after
half a minute of health, so a crash costs a second and a crash loop costs little.
"""

import asyncio
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from deploy.local.process import identity, kill_group, spawn, wait_until
from deploy.local.readiness import is_ready
from deploy.local.service import Service
from deploy.local.statefile import Condition, Row

FIRST_DELAY_SECONDS: Final = 1.0
LONGEST_DELAY_SECONDS: Final = 10.0
HEALTHY_SECONDS: Final = 30.0
# Longer than the drain of a processor (20 s), which then ends by itself.
GRACE_SECONDS: Final = 25.0
_TICK_SECONDS: Final = 0.1
_PROBE_SECONDS: Final = 0.25
_RECHECK_SECONDS: Final = 5.0


class Supervised:
    """Owns the processes of one service, one after another."""

    def __init__(
        self,
        service: Service,
        *,
        environment: Mapping[str, str],
        log: Path,
        changed: Callable[[], None],
    ) -> None:
        self.service = service
        self.log = log
        self.proceed = asyncio.Event()  # it was ready once (a job: it succeeded)
        self.ended = asyncio.Event()
        self._environment = {**os.environ, **environment, **service.env}
        self._changed = changed
        self._condition = Condition.WAITING
        self._process: subprocess.Popen[bytes] | None = None
        self._mark: str | None = None
        self._started_at: str | None = None
        self._restarts = 0
        self._last_exit: int | None = None
        self._stopping = asyncio.Event()
        self._another = asyncio.Event()  # what runs is to be replaced

    def row(self) -> Row:
        """The service as it is now."""
        return Row(
            name=self.service.name,
            condition=self._condition,
            pid=self._process.pid if self._process else None,
            started=self._mark,
            started_at=self._started_at,
            port=self.service.port,
            ready_url=self.service.ready_url,
            restarts=self._restarts,
            last_exit=self._last_exit,
            command=self.service.argv,
            log=str(self.log),
            serves=self.service.serves,
        )

    async def run(self, predecessors: list["Supervised"]) -> None:
        """Keep the service running until `stop`; a job runs once."""
        try:
            for predecessor in predecessors:
                if not await self._wait_unless_stopped(predecessor.proceed):
                    return
            await self._keep_running()
        finally:
            if self._condition not in (Condition.DONE, Condition.FAILED):
                self._set(Condition.STOPPED)
            self.ended.set()

    def stop(self) -> None:
        """Ask `run` to end the process and return."""
        self._stopping.set()

    def change(self, service: Service, *, environment: Mapping[str, str]) -> None:
        """From now on run this instead: what runs is ended as at a stop, and started anew."""
        self.service = service
        self._environment = {**os.environ, **environment, **service.env}
        self._another.set()

    async def _keep_running(self) -> None:
        delay = FIRST_DELAY_SECONDS
        while not self._stopping.is_set():
            began = time.monotonic()
            self._start()
            code = await self._watch()
            if code is None:
                continue
            self._process, self._mark, self._last_exit = None, None, code
            if self.service.once:
                self._set(Condition.FAILED if code else Condition.DONE)
                if code == 0:
                    self.proceed.set()
                return
            self._restarts += 1
            self._set(Condition.BACKOFF)
            if time.monotonic() - began >= HEALTHY_SECONDS:
                delay = FIRST_DELAY_SECONDS
            await self._wait_unless_stopped(asyncio.Event(), seconds=delay)
            delay = min(delay * 2, LONGEST_DELAY_SECONDS)

    def _start(self) -> None:
        self._another.clear()
        self._process = spawn(self.service.argv, env=self._environment, log=self.log)
        self._mark = identity(self._process.pid)
        self._started_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._set(Condition.STARTING)

    async def _watch(self) -> int | None:
        """Return the exit code of a process that ended by itself, None when we ended it."""
        process = self._process
        assert process is not None
        next_probe = time.monotonic()
        while (code := process.poll()) is None:
            if self._stopping.is_set() or self._another.is_set():
                await self._end(process)
                return None
            if time.monotonic() >= next_probe:
                await self._probe()
                steady = self._condition is Condition.READY
                pause = _RECHECK_SECONDS if steady else _PROBE_SECONDS
                next_probe = time.monotonic() + pause
            await asyncio.sleep(_TICK_SECONDS)
        kill_group(process.pid)  # nothing that it forked may hold its port
        return code

    async def _probe(self) -> None:
        if self.service.once:
            return
        if await asyncio.to_thread(lambda: all(map(is_ready, self.service.addresses))):
            self._set(Condition.READY)
            self.proceed.set()
        elif self._condition is Condition.READY:
            self._set(Condition.UNREADY)

    async def _end(self, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(self.service.stop_signal)
        await asyncio.to_thread(
            wait_until, lambda: process.poll() is not None, seconds=GRACE_SECONDS
        )
        kill_group(process.pid)
        self._last_exit = await asyncio.to_thread(process.wait)
        self._process, self._mark = None, None

    async def _wait_unless_stopped(
        self, event: asyncio.Event, *, seconds: float | None = None
    ) -> bool:
        """Wait for the event; False when `stop` came, or the time was over, first."""
        waits = [asyncio.ensure_future(each.wait()) for each in (event, self._stopping)]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return event.is_set() and not self._stopping.is_set()

    def _set(self, condition: Condition) -> None:
        if condition is not self._condition or condition is Condition.STARTING:
            self._condition = condition
            self._changed()
