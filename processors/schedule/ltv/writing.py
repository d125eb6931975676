"""Predictions of the people of a range: what their histories are, what that says, written by one
statement."""

import asyncio
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from processors.domain.ltv.predict import Model, predict
from processors.engine.postgres import Database, Row
from processors.schedule.ltv.reading import QUERIES, Span, cells, ranges

if TYPE_CHECKING:
    from processors.domain.ltv.cells import Floats


async def write(db: Database, known: Span, row: Row, model: Model, *, chunk: int) -> int:
    """Write whoever's prediction is of another model or whose orders have changed; how many."""
    written, last = 0, ""
    fitted_on: date = row["fitted_on"]
    horizon: int = row["horizon_days"]
    async for after, until in ranges(db, known.tenant, chunk):
        place = (known.tenant, after, until, known.last_day, known.step_days, fitted_on,
                 known.currency)  # fmt: skip
        async with db.connection() as conn:
            stale = await conn.fetch(QUERIES["stale_cells"], *place)
        told = await asyncio.to_thread(_told, model, stale, known.step_days, horizon)
        async with db.transaction() as conn:
            done = await conn.execute(
                QUERIES["put_predictions"], *place, model.method, horizon, *told
            )
        written += int(done.rpartition(" ")[2])
        last = until
    async with db.connection() as conn:
        await conn.execute(QUERIES["drop_rest"], known.tenant, last)
    return written


def _told(model: Model, stale: list[Row], step: int, horizon: int) -> list[object]:
    """The base of the amounts, then the cells and what is predicted of them, by column."""
    frequency, recency, age = (
        [int(row[name]) for row in stale] for name in ("frequency", "recency", "age")
    )
    if not stale:
        return [0.0, *([] for _ in range(11))]
    found = predict(model, cells(frequency, recency, age, [1.0] * len(stale), step), horizon)
    return [
        found.base,
        frequency,
        recency,
        age,
        _floats(found.alive),
        _floats(found.purchases),
        _whole(found.purchases_low),
        _whole(found.purchases_high),
        _floats(found.value),
        _floats(found.revenue),
        _floats(found.revenue_low),
        _floats(found.revenue_high),
    ]


def _floats(values: "Floats") -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def _whole(values: "Floats") -> list[int | None]:
    return [None if np.isnan(value) else int(value) for value in values]
