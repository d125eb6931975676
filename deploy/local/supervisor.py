"""The supervisor: `python -m deploy.local.supervisor --state FOLDER`.

Runs the plan in the folder: each service in a session of its own, after those that it needs,
started again when it dies, its log bounded, the state in one file. On SIGHUP it reads the plan
again: what is new there is started, what is gone stopped, what differs ended and started anew. On
SIGTERM or SIGINT it stops all in reverse order. Killed outright, it takes every child with it (see
process.spawn). One supervisor a folder, by a lock that the kernel releases.
"""

import argparse
import asyncio
import fcntl
import os
import shutil
import signal
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from deploy.local.folder import StackFolder
from deploy.local.jars import PROJECT
from deploy.local.plan import Plan, read_plan
from deploy.local.process import identity
from deploy.local.service import Service
from deploy.local.statefile import State, write_state
from deploy.local.supervised import Supervised

_LOG_LIMIT_BYTES: Final = 50 * 1024 * 1024
_LOG_CHECK_SECONDS: Final = 10.0


class Supervisor:
    """Runs one plan from start to stop."""

    def __init__(self, folder: StackFolder, plan: Plan) -> None:
        self._folder = folder
        self._plan = plan
        self._mark = identity(os.getpid()) or ""
        self._stopping = asyncio.Event()
        self._services = {service.name: self._supervised(service) for service in plan.services}

    async def run(self) -> None:
        """Run until a signal asks to stop, then until all have stopped."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        self._write_state()
        async with asyncio.TaskGroup() as tasks:
            for supervised in self._services.values():
                self._begin(supervised, tasks)
            loop.add_signal_handler(signal.SIGHUP, self._follow, tasks)
            bounding = tasks.create_task(self._bound_logs())
            await self._stopping.wait()
            loop.remove_signal_handler(signal.SIGHUP)
            bounding.cancel()
            for supervised in self._services.values():
                tasks.create_task(self._stop_after_its_users(supervised))

    def _supervised(self, service: Service) -> Supervised:
        return Supervised(
            service,
            environment=self._plan.environment,
            log=self._folder.log(service.name),
            changed=self._write_state,
        )

    def _begin(self, supervised: Supervised, tasks: asyncio.TaskGroup) -> None:
        needed = [self._services[name] for name in supervised.service.after]
        tasks.create_task(supervised.run(needed))

    def _follow(self, tasks: asyncio.TaskGroup) -> None:
        """Do what the plan says now; the environment that all share stays as it was."""
        before = {service.name: service for service in self._plan.services}
        wanted = {service.name: service for service in read_plan(self._folder.plan).services}
        for name in before.keys() - wanted.keys():
            self._services[name].stop()
        for name, service in wanted.items():
            known = before.get(name)
            if known is None:
                self._services[name] = self._supervised(service)
                self._begin(self._services[name], tasks)
            elif replace(known, after=service.after) != service:
                self._services[name].change(service, environment=self._plan.environment)
        self._plan = replace(self._plan, services=tuple(wanted.values()))
        self._write_state()

    async def _stop_after_its_users(self, supervised: Supervised) -> None:
        for other in self._services.values():
            if supervised.service.name in other.service.after:
                await other.ended.wait()
        supervised.stop()

    async def _bound_logs(self) -> None:
        while True:
            for log in self._folder.logs.glob("*.log"):
                if log.stat().st_size > _LOG_LIMIT_BYTES:
                    await asyncio.to_thread(_turn_over, log)
            await asyncio.sleep(_LOG_CHECK_SECONDS)

    def _write_state(self) -> None:
        state = State(
            pid=os.getpid(),
            started=self._mark,
            replicas=self._plan.replicas,
            rows=tuple(supervised.row() for supervised in self._services.values()),
        )
        try:
            write_state(self._folder.state, state)
        except OSError as error:  # a full disk must not end what runs
            print(f"cannot write {self._folder.state}: {error}", file=sys.stderr)


def _turn_over(log: Path) -> None:
    # The writer keeps its descriptor and appends, so the file is emptied in place.
    with suppress(OSError):  # a disk too full for the copy needs the emptying all the more
        shutil.copyfile(log, log.with_suffix(".log.1"))
    os.truncate(log, 0)


def main() -> None:
    """Take the folder's lock and run its plan."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.supervisor")
    parser.add_argument("--state", type=Path, required=True)
    folder = StackFolder(parser.parse_args().state)
    os.chdir(PROJECT)
    with folder.lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"another supervisor runs in {folder.path}")
        asyncio.run(_run(folder))


async def _run(folder: StackFolder) -> None:
    await Supervisor(folder, read_plan(folder.plan)).run()


if __name__ == "__main__":
    main()
