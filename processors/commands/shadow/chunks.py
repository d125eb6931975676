"""One chunk of one range: read in one snapshot, work out both sides, write in one transaction.

The range's row is locked meanwhile, so two workers of one range take turns, and the checkpoint that
was read there is the only place that knows how far the range is.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np

import sql
from processors.commands.shadow import compact
from processors.commands.shadow.compact import PRODUCTION, SHADOW
from processors.credit.beside import read_beside
from processors.credit.blocks import credited
from processors.credit.handle import portions
from processors.credit.settings import read_settings
from processors.credit.snapshot import Case
from processors.domain.attribution import CreditSettings
from processors.engine import copy_format as copy
from processors.engine.postgres import Connection, Database, Row
from processors.summary.arrays import integers
from processors.summary.sums import Cell, Sums, added

QUERIES: Final = sql.load("shadow")
TABLE: Final = "shadow_credit_rows"

_LOOKED_AT: Final = 5_000
_READ_AT_ONCE: Final = 400
_TOUCHES_AT_ONCE: Final = 20_000
_CELLS_AT_ONCE: Final = 2_000

Tick = Callable[[int], None]
"""Told how many conversions were worked out; what it raises ends the chunk, and nothing of it
stays."""
Rules = tuple[str, int]
"""What production credits by: the version of the settings, and how many promotions of models."""
_Place = tuple[str, str, date, str, str]


@dataclass(frozen=True, slots=True)
class Size:
    """When a chunk ends: after so many conversions, or when its cells fill the memory."""

    conversions: int = 50_000
    cells: int = 60_000


@dataclass(frozen=True, slots=True)
class Job:
    """One range of a run."""

    tenant_id: str
    run_id: str
    range: int
    since: datetime | None
    until: datetime | None
    overrides: Mapping[str, str]
    model_document: str | None
    rules: Rules


class Stopped(Exception):
    """The run cannot go on; the message says why."""


async def work_chunk(db: Database, job: Job, *, tick: Tick, size: Size) -> bool:
    """The next chunk of the range; returns whether more is left.

    Raises:
        Stopped: when the run was dropped, or the tenant's settings have changed since it began.
    """
    async with db.transaction() as out:
        range_ = job.tenant_id, job.run_id, job.range
        standing = await out.fetchrow(QUERIES["take_range"], *range_)
        if standing is None:
            raise Stopped(f"the run {job.run_id} was dropped")
        if standing["complete"]:
            return False
        checkpoint, done, complete = standing["checkpoint"], 0, False
        sums = Sums()
        async with db.transaction(isolation="repeatable_read", readonly=True) as conn:
            await _must_stand(conn, job)
            other = await other_settings(conn, job)
            while not complete and done < size.conversions and len(sums) < size.cells:
                page = await conn.fetchrow(
                    QUERIES["page"], job.tenant_id, checkpoint, standing["last_id"], job.since,
                    job.until, min(_LOOKED_AT, size.conversions),
                )  # fmt: skip
                assert page is not None
                await _work_page(conn, out, job, page["wanted"], other, sums, tick)
                done += len(page["wanted"])
                complete = page["last"] is None
                checkpoint = page["last"] or checkpoint
        await _add_to_cells(out, job, sums)
        await out.execute(QUERIES["move_checkpoint"], *range_, checkpoint, done, complete)
    return not complete


async def _work_page(
    conn: Connection, out: Connection, job: Job, wanted: Sequence[str], other: CreditSettings,
    sums: Sums, tick: Tick,
) -> None:  # fmt: skip
    for start in range(0, len(wanted), _READ_AT_ONCE):
        keys = [(job.tenant_id, own) for own in wanted[start : start + _READ_AT_ONCE]]
        production, shadow = await read_beside(conn, keys, other=other, document=job.model_document)
        for side, cases in ((PRODUCTION, production), (SHADOW, shadow)):
            for portion in portions(cases, touches=_TOUCHES_AT_ONCE):
                await _work_out(out, job, portion, sums, side=side)
        tick(len(keys))


async def _work_out(
    out: Connection, job: Job, cases: Sequence[Case], sums: Sums, *, side: int
) -> None:
    """Credit one side, add it to the sums, and write the rows of the shadow."""
    for block in credited(cases):
        told = compact.told(block)
        sums.add(compact.earnings(told, sums, side=side))
        if side == SHADOW:
            rows = compact.encoded(told, run_id=job.run_id)
            await out.copy_to_table(
                TABLE, source=_file(rows), columns=compact.COLUMNS, format="binary"
            )


async def other_settings(conn: Connection, job: Job) -> CreditSettings:
    """The shadow side's settings, read as they would be if they were set."""
    found = await read_settings(conn, [job.tenant_id], others=job.overrides)
    return found[job.tenant_id].credit


async def _must_stand(conn: Connection, job: Job) -> None:
    tenant = await conn.fetchrow(QUERIES["tenant"], job.tenant_id)
    if tenant is None or rules_of(tenant) != job.rules:
        raise Stopped(
            f"the settings or the model of {job.tenant_id} have changed since the run began, so its"
            " two sides would not be alike: drop it and run again"
        )


def rules_of(row: Row) -> Rules:
    """Of a tenant or of a run."""
    return row["settings_version"], row["promotions"]


async def _file(rows: bytes) -> AsyncIterator[bytes]:
    yield copy.HEADER
    yield rows
    yield copy.TRAILER


async def _add_to_cells(out: Connection, job: Job, sums: Sums) -> None:
    deltas = {_place(cell): total for cell, total in sums.totals()}
    places = sorted(deltas)
    for start in range(0, len(places), _CELLS_AT_ONCE):
        some = places[start : start + _CELLS_AT_ONCE]
        columns = [list(column) for column in zip(*some, strict=True)]
        key = job.tenant_id, job.run_id, job.range
        before = {
            (row["side"], row["basis"], row["date"], row["channel"], row["platform"]): np.array(
                (row["touchpoints"], row["conversions"], row["revenue"]), dtype=np.int64
            )
            for row in await out.fetch(QUERIES["read_cells"], *key, *columns)
        }
        after = [
            added(before[place], deltas[place]) if place in before else deltas[place]
            for place in some
        ]
        arrays = ([integers(cell[part]) for cell in after] for part in range(3))
        await out.execute(QUERIES["write_cells"], *key, *columns, *arrays)


def _place(cell: Cell) -> _Place:
    return compact.SIDES[cell.shard], cell.basis, cell.date, cell.channel, cell.platform
