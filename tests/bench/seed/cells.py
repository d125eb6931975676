"""The tables of sums, by the code that summary adds them up with, a tenant after another."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Final

import numpy as np

from processors.summary.arrays import integers
from processors.summary.journeys import Walk, deltas
from processors.summary.sums import UNATTRIBUTED, Earnings, Sums
from tests.bench.seed.people import People, name
from tests.bench.seed.rows import Line, Sale, sales, shard

_SALES_AT_ONCE: Final = 1_000
_LATEST_DAYS: Final = 2
_MERGED: Final = -1


def summary_cells(people: People) -> Iterator[Line]:
    """What every order earned for its touches' days and for its own."""
    first = people.size.until - timedelta(days=people.size.days - 1)
    for tenant in range(people.size.tenants):
        sums, own = Sums(), sales(people, people.of(tenant))
        while some := list(islice(own, _SALES_AT_ONCE)):
            sums.add(_earnings(people, some, sums, first.toordinal()))
        for cell, total in sums.totals():
            key = "\t".join(map(str, cell))
            yield 0, f"{key}\t{integers(total[0])}\t{integers(total[1])}\t{integers(total[2])}\n"


def _earnings(people: People, some: Sequence[Sale], sums: Sums, first: int) -> Earnings:
    earned = [sale.own.earned for sale in some]
    where = [(sale.tenant, _shard(people, sale)) for sale in some]
    places = [
        (tenant, *place, part)
        for (tenant, part), own in zip(where, earned, strict=True)
        for place in zip(own.channels, own.platforms, own.campaigns, strict=True)
    ]
    days = [first + sale.who.begins + day for sale in some for day in sale.own.days]
    return Earnings(
        sign=None,
        day=np.array([first + sale.day for sale in some], dtype=np.int64),
        revenue=np.array([own.revenue for own in earned], dtype=np.int64),
        rest=sums.places.of((tenant, *UNATTRIBUTED, part) for tenant, part in where),
        size=np.array([len(own.channels) for own in earned], dtype=np.int64),
        touch_day=np.array(days, dtype=np.int64),
        place=sums.places.of(places),
        first_window=np.concatenate([own.first_windows for own in earned]),
        credit=np.concatenate([own.credit for own in earned]),
        money=np.concatenate([own.money for own in earned]),
    )


def _shard(people: People, sale: Sale) -> int:
    """Of the latest orders their partition; the others were merged in the nights before."""
    return shard(sale.conversion_id) if sale.day >= people.size.days - _LATEST_DAYS else _MERGED


def journey_cells(people: People) -> Iterator[Line]:
    """What part each channel played, and how long the ways were."""
    for tenant in range(people.size.tenants):
        walks = ((1, _walk(people, sale)) for sale in sales(people, people.of(tenant)))
        for cell, pair in deltas(walks).items():
            yield 0, "\t".join([*map(str, cell), *map(integers, pair)]) + "\n"


def _walk(people: People, sale: Sale) -> Walk:
    own = sale.own
    return Walk(
        tenant_id=name(sale.who.tenant), shard=shard(sale.conversion_id),
        date=date.fromisoformat(people.date(sale.day)), revenue=own.revenue,
        channels=own.earned.channels, firsts=own.shown.firsts, seconds=own.shown.seconds,
    )  # fmt: skip
