"""Who lives which life from which day on: of every tenant, in the order of time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from tests.bench.seed.lives import BUYERS, LONGEST, Life

IntArray = npt.NDArray[np.int64]

TOUCHES_A_CONVERSION: Final = 10
LARGEST: Final = 0.4
"""The part of everything that is the first tenant's; the others are alike."""


@dataclass(frozen=True, slots=True)
class Size:
    """What is asked for; the last day is `until`."""

    touchpoints: int
    until: date
    tenants: int = 50
    days: int = 730
    seed: int = 1

    def share(self, tenant: int) -> int:
        """Touches of one of the tenants."""
        if self.tenants == 1:
            return self.touchpoints
        first = LARGEST if tenant == 0 else (1 - LARGEST) / (self.tenants - 1)
        return round(self.touchpoints * first)


class Person(NamedTuple):
    """`begins` is a day from the first one on, less than 0 for who came before it."""

    tenant: int
    number: int
    life: int
    begins: int


def name(tenant: int) -> str:
    """Of a tenant."""
    return f"shop-{tenant:02}"


class People:
    """All people, as arrays; iterating gives them by the day on which they begin."""

    def __init__(self, size: Size, lives: Sequence[Life]) -> None:
        self.size: Final = size
        self.lives: Final = lives
        first = size.until - timedelta(days=size.days + LONGEST - 1)
        self._dates = [str(first + timedelta(days=n)) for n in range(size.days + LONGEST)]
        self._touches = _until([[t.at.day for t in life.touches] for life in lives])
        self._orders = _until([[o.at.day for o in life.orders] for life in lives])
        drawn = [self._of(tenant) for tenant in range(size.tenants)]
        tenant = np.repeat(np.arange(size.tenants), [len(own) for own, _ in drawn])
        number = np.concatenate([np.arange(len(own)) for own, _ in drawn])
        life, begins = (np.concatenate(part) for part in zip(*drawn, strict=True))
        self._order = np.argsort(begins, kind="stable")
        self._columns = [part[self._order] for part in (tenant, number, life, begins)]
        self.touchpoints = int(self._count(self._touches, life, begins).sum())
        self.conversions = int(self._count(self._orders, life, begins).sum())

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[Person]:
        return map(Person._make, zip(*(part.tolist() for part in self._columns), strict=True))

    def of(self, tenant: int) -> Iterator[Person]:
        """One tenant's."""
        own = self._columns[0] == tenant
        columns = (part[own].tolist() for part in self._columns)
        return map(Person._make, zip(*columns, strict=True))

    def date(self, day: int) -> str:
        """Of a day from the first one on, or before it."""
        return self._dates[day + LONGEST]

    def is_past(self, day: int) -> bool:
        """Whether a day is not after the last one."""
        return day < self.size.days

    def _of(self, tenant: int) -> tuple[IntArray, IntArray]:
        """(life, day) of so many who buy, and then of so many others, as are asked for."""
        rng = np.random.default_rng([self.size.seed, tenant])
        touches = self.size.share(tenant)
        buyers = self._draw(rng, 0, BUYERS, touches // TOUCHES_A_CONVERSION, self._orders)
        left = touches - int(self._count(self._touches, *buyers).sum())
        others = self._draw(rng, BUYERS, len(self.lives), left, self._touches)
        life, begins = (np.concatenate(pair) for pair in zip(buyers, others, strict=True))
        return life, begins

    def _draw(
        self, rng: np.random.Generator, first: int, stop: int, wanted: int, counts: IntArray
    ) -> tuple[IntArray, IntArray]:
        """Until there are as many, to the one."""
        some = max(wanted, 1) * 3 + 50
        life = rng.integers(first, stop, some)
        begins = rng.integers(-LONGEST, self.size.days, some)
        enough = int(np.searchsorted(np.cumsum(self._count(counts, life, begins)), wanted)) + 1
        return life[:enough], begins[:enough]

    def _count(self, counts: IntArray, life: IntArray, begins: IntArray) -> IntArray:
        lived = np.minimum(self.size.days - begins, LONGEST)
        found: IntArray = counts[life, lived]
        return found


def _until(days: Sequence[Sequence[int]]) -> IntArray:
    """[life, so many days]: how many of its days come before."""
    found = np.zeros((len(days), LONGEST + 1), dtype=np.int64)
    for row, own in enumerate(days):
        for day in own:
            found[row, day + 1 :] += 1
    return found
