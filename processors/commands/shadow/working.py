"""The work of a run, in processes: each takes ranges until none is left."""

import asyncio
import multiprocessing
import signal
import sys
from collections.abc import Callable, Sequence
from multiprocessing.context import SpawnProcess
from typing import Any, Final

import uvloop

from processors.commands.operator import Refused, database
from processors.commands.shadow.chunks import Job, Size, Stopped, work_chunk
from processors.commands.shadow.runs import Run, find, left, set_state

WATCHED_EVERY_SECONDS: Final = 0.2
_FAILED: Final = 1

Watch = Callable[[int, int], None]
"""Told how many conversions of how many are done."""


async def work_off(run_id: str, *, workers: int, watch: Watch) -> Run:
    """Do what is left of the run; returns it as it is then, complete.

    Raises:
        Refused: when it cannot go on, or a worker died; the message says what to do.
    """
    async with database() as db:
        async with db.connection() as conn:
            run = await find(conn, run_id)
        if run.state in ("complete", "promoted"):
            return run
        await set_state(db, run, "running")
        numbers, done = await left(db, run)
        error = await _in_processes(
            run, numbers, workers, lambda n: watch(done + n, run.conversions)
        )
        if not error and (await left(db, run))[0]:
            error = _goes_on("a worker died", run_id)
        await set_state(db, run, "failed" if error else "complete", error=error or None)
        if error:
            raise Refused(error)
        async with db.connection() as conn:
            return await find(conn, run_id)


async def _in_processes(
    run: Run, numbers: Sequence[int], workers: int, watch: Callable[[int], None]
) -> str:
    """Ranges dealt out among processes; returns what stopped one of them, or nothing."""
    context = multiprocessing.get_context("spawn")
    done, errors = context.Value("q", 0), context.Queue()
    jobs = [run.job(number) for number in numbers]
    processes = [
        context.Process(target=_work, args=(own, done, errors), daemon=True)
        for own in (jobs[n::workers] for n in range(workers))
        if own
    ]
    try:
        for process in processes:
            process.start()
        while any(process.is_alive() for process in processes):
            await asyncio.sleep(WATCHED_EVERY_SECONDS)
            watch(done.value)
        return _what_stopped(processes, errors, run.run_id)
    finally:
        for process in processes:
            process.kill()


def _what_stopped(processes: Sequence[SpawnProcess], errors: Any, run_id: str) -> str:
    if not any(process.exitcode for process in processes):
        return ""
    return _goes_on("a worker died", run_id) if errors.empty() else str(errors.get())


def _goes_on(why: str, run_id: str) -> str:
    return f"{why}; it goes on where it stopped with: shadow resume {run_id}"


def _work(jobs: Sequence[Job], done: Any, errors: Any) -> None:
    """A process's ranges; it ends with its parent, since nobody would hear of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, and ends its processes
    parent = multiprocessing.parent_process()

    def tick(conversions: int) -> None:
        with done.get_lock():
            done.value += conversions
        if parent is not None and not parent.is_alive():
            raise Stopped("its parent died")

    async def work() -> None:
        async with database() as db:
            for job in jobs:
                while await work_chunk(db, job, tick=tick, size=Size()):
                    pass

    try:
        uvloop.run(work())
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        stopped = isinstance(error, Stopped)
        errors.put(f"{error}" if stopped else _goes_on(told, jobs[0].run_id))
        errors.close()
        errors.join_thread()
        sys.exit(_FAILED)
