"""What summary reads and writes, all in the caller's transaction and in the order of the keys, so
that two writers wait for each other and never in a circle."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

import sql
from processors.domain.attribution.models import IntArray
from processors.engine.postgres import Connection, Row
from processors.summary.arrays import integers, texts
from processors.summary.handle import Key
from processors.summary.journeys import JourneyCell, path, steps, window_firsts
from processors.summary.rows import Earned, Shown, cells
from processors.summary.spend import Figure
from processors.summary.sums import Cell, added

QUERIES: Final = sql.load("summary")


async def epoch(conn: Connection) -> str:
    """The identity of this database."""
    found: str = await conn.fetchval(QUERIES["epoch"])
    return found


async def claim(conn: Connection, rows: Mapping[Key, Shown]) -> list[Key]:
    """Lock the conversions and raise their revisions; those that were not behind are left out."""
    keys = sorted(rows)
    claimed = await conn.fetch(
        QUERIES["claim_revisions"],
        [tenant for tenant, _ in keys],
        [own for _, own in keys],
        [rows[key].record.rev for key in keys],
    )
    return sorted((row["tenant_id"], row["conversion_id"]) for row in claimed)


async def shown_rows(conn: Connection, keys: Sequence[Key]) -> dict[Key, Earned]:
    """What the claimed conversions have added to the cells so far; a later statement than the
    claim, whose lock it needs."""
    rows = await conn.fetch(
        QUERIES["shown_rows"], [tenant for tenant, _ in keys], [own for _, own in keys]
    )
    return {(row["tenant_id"], row["conversion_id"]): _earned(row) for row in rows}


async def replace_rows(conn: Connection, rows: Iterable[Shown]) -> None:
    """Show the new rows."""
    columns = [list(column) for column in zip(*map(_arguments, rows), strict=True)]
    if columns:
        await conn.execute(QUERIES["replace_rows"], *columns)


async def add_to_cells(conn: Connection, deltas: Mapping[Cell, IntArray]) -> None:
    """Lock the cells, missing ones made first, and add. Those that were merged away between the two
    are made again."""
    after: dict[Cell, tuple[Any, ...]] = {}
    while missing := sorted(deltas.keys() - after.keys()):
        columns = [list(column) for column in zip(*missing, strict=True)]
        await conn.execute(QUERIES["make_cells"], *columns)
        for row in await conn.fetch(QUERIES["lock_cells"], *columns):
            cell = Cell(*list(row.values())[: len(Cell._fields)])
            after[cell] = _after(row, cell, deltas)
    if after:
        columns = [list(column) for column in zip(*after.values(), strict=True)]
        await conn.execute(QUERIES["write_cells"], *columns)


async def replace_journeys(conn: Connection, rows: Iterable[Shown]) -> None:
    """Show the new ways to the conversions."""
    columns = [list(column) for column in zip(*map(_journey, rows), strict=True)]
    if columns:
        await conn.execute(QUERIES["replace_journeys"], *columns)


async def add_to_journey_cells(
    conn: Connection, deltas: Mapping[JourneyCell, Sequence[Sequence[int]]]
) -> None:
    """Lock the cells, missing ones made first, and add."""
    if deltas:
        rows = [(*cell, *map(integers, deltas[cell])) for cell in sorted(deltas)]
        columns = [list(column) for column in zip(*rows, strict=True)]
        await conn.execute(QUERIES["add_to_journey_cells"], *columns)


async def register_spend(conn: Connection, figures: Sequence[Figure]) -> set[int]:
    """Show the figures that are greater than those shown; returns the places of their records."""
    shown: set[int] = set()
    for level, query in (("campaign", "register_spend"), ("ad", "register_ad_spend")):
        own = [figure for figure in figures if figure.level == level]
        if own:
            columns = [list(column) for column in zip(*(f.row for f in own), strict=True)]
            found = {tuple(row.values()) for row in await conn.fetch(QUERIES[query], *columns)}
            shown |= {figure.place for figure in own if figure.key in found}
    return shown


def _after(row: Row, cell: Cell, deltas: Mapping[Cell, IntArray]) -> tuple[Any, ...]:
    *_, touchpoints, conversions, revenue = row.values()
    before = np.array((touchpoints, conversions, revenue), dtype=np.int64)
    return (*cell, *map(integers, added(before, deltas[cell])))


def _earned(row: Row) -> Earned:
    touches = len(row["touch_dates"])
    return Earned(
        date=row["date"],
        revenue=row["revenue_reporting"],
        dates=row["touch_dates"],
        channels=row["channels"],
        platforms=row["platforms"],
        campaigns=row["campaigns"],
        first_windows=np.array(row["first_windows"], dtype=np.int64),
        credit=cells(row["credit"], touches, custom_version=row["custom_version"]),
        money=cells(row["money"], touches, custom_version=row["custom_version"]),
        firsts=window_firsts(row["first_windows"]),
        seconds=row["seconds"],
    )


def _journey(row: Shown) -> tuple[Any, ...]:
    record = row.record
    channels = [touch.channel for touch in record.touches]
    whole, told_once = path(channels, row.firsts), steps(channels, row.firsts)
    return (
        record.converted_at,
        record.revenue_reporting,
        row.date,
        row.earned is not None,
        record.tenant_id,
        record.conversion_id,
        whole.text,
        told_once.text,
        integers([len(channels) - first for first in row.firsts]),
        integers(row.seconds),
        integers(whole.starts),
        integers(told_once.starts),
    )


def _arguments(row: Shown) -> tuple[Any, ...]:
    record, touches = row.record, row.record.touches
    own = record.touch_revenue_reporting
    return (
        record.tenant_id,
        record.conversion_id,
        record.model_version,
        texts(record.fallback_models),
        record.custom_version,
        record.state,
        record.counts,
        row.date,
        record.currency,
        record.reporting_currency,
        record.revenue,
        record.revenue_reporting,
        texts(touch.touchpoint_id for touch in touches),
        f"{{{','.join(touch.date for touch in touches)}}}",
        texts(touch.channel for touch in touches),
        texts(touch.platform for touch in touches),
        texts(touch.campaign for touch in touches),
        integers([touch.first_window for touch in touches]),
        integers(record.credit),
        integers(record.touch_revenue),
        own if own is None else integers(own),
    )
