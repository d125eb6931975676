"""A tenant's customers as cells: read by ranges of people, added up here."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

import sql
from processors.domain.ltv.backtest import Held
from processors.domain.ltv.cells import Cells
from processors.domain.ltv.gamma_gamma import Spending
from processors.engine.postgres import Connection, Database

QUERIES: Final = sql.load("ltv")
_LEAST_HOLDOUT: Final = 14

Key = tuple[int, int, int, int]
Sums = dict[Key, list[float]]


@dataclass(frozen=True, slots=True)
class Span:
    """What is known of a tenant's orders: its days, and in what steps of days times are counted."""

    tenant: str
    first_day: date
    last_day: date
    step_days: int
    currency: str

    def holdout_days(self, most: int) -> int | None:
        """A third of the history at most; None when that is less than two weeks."""
        days = min(most, (self.last_day - self.first_day).days // 3)
        return days if days >= _LEAST_HOLDOUT else None


@dataclass(frozen=True, slots=True, eq=False)
class Customers:
    """All of a tenant's, now and before the hold-out. Times in days, amounts in minor units."""

    cells: Cells
    spending: Spending
    purchases: float
    revenue: float
    held: Held
    held_spending: Spending
    held_purchases: float
    held_revenue: float


async def span(conn: Connection, tenant: str, *, now: int, fine_orders: int) -> Span | None:
    """None for a tenant without an order of a day that is over."""
    row = await conn.fetchrow(QUERIES["span"], tenant, now, fine_orders + 1)
    if row is None or row["first_day"] is None or row["first_day"] > row["last_day"]:
        return None
    step = 7 if row["orders"] > fine_orders else 1
    return Span(tenant, row["first_day"], row["last_day"], step, row["currency"])


async def ranges(db: Database, tenant: str, chunk: int) -> AsyncIterator[tuple[str, str]]:
    """Ranges of people, (after, until), of about so many orders each."""
    after = ""
    while True:
        async with db.connection() as conn:
            until = await conn.fetchval(QUERIES["chunk_end"], tenant, after, chunk)
        if until is None:
            return
        yield after, until
        after = until


async def customers(db: Database, known: Span, *, chunk: int, holdout: int | None) -> Customers:
    """Read them all."""
    before = None if holdout is None else known.last_day - timedelta(days=holdout)
    sums: dict[str, Sums] = defaultdict(dict)
    async for after, until in ranges(db, known.tenant, chunk):
        async with db.connection() as conn:
            rows = await conn.fetch(
                QUERIES["cells"], known.tenant, after, until, known.last_day, before,
                known.step_days,
            )  # fmt: skip
        for row in rows:
            key = (row["frequency"], row["recency"], row["age"], row["came"])
            told = sums[row["kind"]].setdefault(key, [0.0, 0.0, 0.0, 0.0])
            for place, name in enumerate(("customers", "value", "revenue", "spent")):
                told[place] += row[name]
    now, held = sums["now"], sums["held"]
    return Customers(
        cells=_cells(now, known.step_days),
        spending=_spending(sums["now_value"]),
        purchases=_purchases(now),
        revenue=_total(now, 2),
        held=Held(
            cells=_cells(held, known.step_days),
            came=np.array([key[3] for key in held], dtype=np.int64),
            values=np.array([told[1] for told in held.values()]),
            spent=_total(held, 3),
        ),
        held_spending=_spending(sums["held_value"]),
        held_purchases=_purchases(held),
        held_revenue=_total(held, 2),
    )


def cells(
    frequency: list[int], recency: list[int], age: list[int], customers: list[float], step: int
) -> Cells:
    """Cells in days, of times that were counted in steps: each lies in the middle of its step."""
    x = np.array(frequency, dtype=np.int64)
    middle = (step - 1) / 2
    return Cells(
        frequency=x,
        recency=np.where(x > 0, np.array(recency) * step + middle, 0.0),
        age=np.array(age) * step + middle,
        customers=np.array(customers, dtype=np.float64),
    )


def _cells(sums: Mapping[Key, list[float]], step: int) -> Cells:
    x, recency, age = ([key[place] for key in sums] for place in range(3))
    return cells(x, recency, age, [told[0] for told in sums.values()], step)


def _spending(sums: Mapping[Key, list[float]]) -> Spending:
    counts = np.array([told[0] for told in sums.values()])
    totals = np.array([told[1] for told in sums.values()])
    return Spending(
        frequency=np.array([key[0] for key in sums], dtype=np.int64),
        value=totals / counts,
        customers=counts,
    )


def _purchases(sums: Mapping[Key, list[float]]) -> float:
    return sum((key[0] + 1) * told[0] for key, told in sums.items())


def _total(sums: Mapping[Key, list[float]], place: int) -> float:
    return sum(told[place] for told in sums.values())
