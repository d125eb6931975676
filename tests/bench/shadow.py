"""A shadow replay of a great shop with every core, and one worker beside its floor.

The shop's conversions have five touches each (ATTRIBUTARY_BENCH_CONVERSIONS of them, else a
million). The floor of a worker is the same reads and the same writes, with nothing worked out
between; where its time goes is told, too.
"""

import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from processors.commands.shadow import chunks, runs, working
from processors.credit.beside import read_beside
from processors.credit.blocks import credited
from processors.engine.postgres import Connection, Database, Isolation
from tests.bench.floors import Recorder, measured, replay
from tests.bench.shop import TENANT, seed
from tests.support.databases import Databases

CONVERSIONS: Final = int(os.environ.get("ATTRIBUTARY_BENCH_CONVERSIONS", "1000000"))
SAMPLE: Final = 10_000
OVERRIDES: Final = {"half_life_days": "3"}

_AGAIN: Final = """
DELETE FROM shadow_credit_rows;
DELETE FROM shadow_cells;
UPDATE shadow_ranges SET checkpoint = '', done = 0, complete = false
"""

Tell = Callable[[str], None]


async def run(databases: Databases, *, tell: Tell) -> list[dict[str, Any]]:
    """A row of the whole run, and one of a worker beside its floor."""
    async with databases.fresh() as dsn:
        tell(f"{CONVERSIONS:,} conversions")
        ids = sorted(await seed(dsn, CONVERSIONS))[:SAMPLE]
        os.environ["DATABASE_URL"] = dsn
        db = await Database.connect(dsn, application_name="bench", max_size=2)
        try:
            sample = await _sample(db, ids)
            return [await _whole(db, tell), sample]
        finally:
            await db.close()


async def _whole(db: Database, tell: Tell) -> dict[str, Any]:
    workers = os.cpu_count() or 1
    began = time.perf_counter()
    run_id = await runs.begin(db, runs.Wish(tenant=TENANT, overrides=OVERRIDES), ranges=workers)
    told = began

    def watch(done: int, total: int) -> None:
        nonlocal told
        if time.perf_counter() - told > 20:
            told = time.perf_counter()
            tell(f"{done:,} of {total:,}, {done / (told - began):,.0f}/s")

    await working.work_off(run_id, workers=workers, watch=watch)
    seconds = time.perf_counter() - began
    async with db.connection() as conn:
        size = await conn.fetchval("SELECT pg_total_relation_size('shadow_credit_rows')")
        cells = await conn.fetchval("SELECT count(*) FROM shadow_cells")
    return {
        "stage": "shadow",
        "case": f"{CONVERSIONS:,} conversions, {workers} workers",
        "rate": round(CONVERSIONS / seconds),
        "target": "2000/s",
        "seconds": round(seconds),
        "bytes_a_row": size // CONVERSIONS,
        "cells": cells,
    }


async def _sample(db: Database, ids: list[str]) -> dict[str, Any]:
    run_id = await runs.begin(db, runs.Wish(tenant=TENANT, overrides=OVERRIDES), ranges=1)
    async with db.connection() as conn:
        job = (await runs.find(conn, run_id)).job(0)
    size = chunks.Size(conversions=len(ids))

    async def work(over: Database = db) -> None:
        await chunks.work_chunk(over, job, tick=lambda _: None, size=size)

    async def again() -> None:
        async with db.connection() as conn:
            await conn.execute(_AGAIN)

    recorder = Recorder(db)
    await work(recorder)

    async def floor() -> None:
        for transaction in recorder.transactions:
            await replay(db, transaction)

    row = await measured("shadow", len(ids), work=work, floor=floor, before_each=again)
    await again()
    clocked = Clocked(db)
    began = time.perf_counter()
    await work(clocked)
    whole = time.perf_counter() - began
    kernel = await _kernel(db, job, ids)
    parts = {**clocked.seconds, "kernel": kernel}
    parts["rest"] = whole - sum(parts.values())
    await runs.drop(db, run_id)
    split = {f"{name}_us": round(part / len(ids) * 1e6) for name, part in parts.items()}
    return {**row, "case": f"one worker, {len(ids):,} conversions", **split}


async def _kernel(db: Database, job: chunks.Job, ids: list[str]) -> float:
    """Seconds of the credit of both sides alone."""
    spent = 0.0
    for start in range(0, len(ids), 250):
        keys = [(TENANT, own) for own in ids[start : start + 250]]
        async with db.transaction(isolation="repeatable_read", readonly=True) as conn:
            other = await chunks.other_settings(conn, job)
            production, shadow = await read_beside(conn, keys, other=other)
        began = time.perf_counter()
        for side in (production, shadow):
            for _ in credited(side):
                pass
        spent += time.perf_counter() - began
    return spent


class Clocked(Database):
    """Adds up the time that statements take, rows decoded, of either kind of transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.seconds = {"reading": 0.0, "writing": 0.0}

    @asynccontextmanager
    async def transaction(
        self, *, isolation: Isolation = "read_committed", readonly: bool = False
    ) -> AsyncIterator[Connection]:
        """The database's own, timed."""
        async with self._db.transaction(isolation=isolation, readonly=readonly) as conn:
            yield _Timed(conn, self.seconds, "reading" if readonly else "writing")


class _Timed:
    def __init__(self, conn: Connection, seconds: dict[str, float], kind: str) -> None:
        self._conn = conn
        self._seconds = seconds
        self._kind = kind

    def __getattr__(self, name: str) -> Any:
        async def call(*args: Any, **more: Any) -> Any:
            began = time.perf_counter()
            try:
                return await getattr(self._conn, name)(*args, **more)
            finally:
                self._seconds[self._kind] += time.perf_counter() - began

        return call
