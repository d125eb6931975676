"""Identity with much and with little in the tables, in one run, batch by batch in turn.

The load is a shop's usual traffic, half of it of people that the tables know. Each size has its own
floor: the same statements on a copy of its database. What counts is the ratio to the floor at the
greater size, and the cost of an event there beside the cost at the smaller one.
"""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from statistics import median
from typing import Any, Final

from schemas.envelope import Browser, Frozen, Identifiers
from schemas.order import Order
from schemas.touchpoint import Touchpoint
from tests.bench.identity import AGENT, NOW, URLS, Cost, Pair, messages_of
from tests.bench.population import TENANT, VISITORS, Population, customer, load, visitor
from tests.support.databases import Databases

SMALL: Final = 100_000
GREAT: Final = int(os.environ.get("ATTRIBUTARY_BENCH_TOUCHPOINTS", "10000000"))
BATCH: Final = 1_000
WARM: Final = 8
MEASURED: Final = 40
MOST_COST: Final = 1.25
"""An event at the greater size, beside one at the smaller."""


def traffic(
    count: int, population: Population, *, rng: random.Random
) -> Iterator[tuple[str, Frozen]]:
    """Half of the visitors are known, one touch in twenty is logged in, every fiftieth has an
    order after it."""
    for n in range(count):
        known = rng.randrange(population.visitors) if rng.random() < 0.5 else None
        who = f"new-{n // 2}" if known is None else visitor(known)
        login = Identifiers()
        if n % 20 == 0:
            owner = f"new-{n}" if known is None else customer(known // VISITORS)
            login = Identifiers(customer_id=owner)
        at = NOW + n
        yield (
            "touchpoints.v1",
            Touchpoint(
                tenant_id=TENANT, event_id=f"e{n}", content_hash=f"{n:032x}", occurred_at=at,
                received_at=at, visitor_id=who, identifiers=login,
                browser=Browser(url=rng.choice(URLS), user_agent=AGENT),
            ),
        )  # fmt: skip
        if n % 50 == 49:
            yield (
                "orders.v1",
                Order(
                    tenant_id=TENANT, source="api", order_id=str(n), event_id=f"o{n}",
                    content_hash=f"o{n:031x}", received_at=at, ordered_at=at, status="paid",
                    currency="USD", gross=12_990, visitor_id=who,
                ),
            )  # fmt: skip


async def run(databases: Databases, *, tell: Callable[[str], None]) -> list[dict[str, Any]]:
    """A row a size."""
    populations = [Population.of_touchpoints(size) for size in (SMALL, GREAT)]
    async with AsyncExitStack() as stack:
        pairs = []
        for population in populations:
            dsn = await stack.enter_async_context(databases.fresh())
            await load(dsn, population, tell=tell)
            tell(f"copying {population.touchpoints:,} touchpoints for the floor")
            floor = await stack.enter_async_context(databases.copied(dsn))
            pair = await Pair.connect(dsn, floor)
            stack.push_async_callback(pair.close)
            pairs.append(pair)
        costs = await _measure(pairs, populations, tell=tell)
    rows = [_row(p, own) for p, own in zip(populations, costs, strict=True)]
    rows[-1]["cost_beside_small"] = round(
        median(c.stage for c in costs[-1]) / median(c.stage for c in costs[0]), 3
    )
    rows[-1]["target_cost"] = MOST_COST
    return rows


async def _measure(
    pairs: list[Pair], populations: list[Population], *, tell: Callable[[str], None]
) -> list[list[Cost]]:
    """The first batches fill the caches of processor and server, and do not count."""
    count = (WARM + MEASURED) * BATCH
    loads = [messages_of(traffic(count, p, rng=random.Random(1))) for p in populations]
    costs: list[list[Cost]] = [[] for _ in pairs]
    for number in range(WARM + MEASURED):
        for pair, messages, own in zip(pairs, loads, costs, strict=True):
            cost = await pair.measure(messages[number * BATCH : (number + 1) * BATCH])
            if number >= WARM:
                own.append(cost)
        if number % 10 == 9:
            tell(f"batch {number + 1} of {WARM + MEASURED}")
    return costs


def _row(population: Population, costs: list[Cost]) -> dict[str, Any]:
    stage, floor = median(c.stage for c in costs), median(c.floor for c in costs)
    return {
        "stage": "identity",
        "case": f"{population.touchpoints:,} touchpoints, {population.links:,} links",
        "rate": round(BATCH / stage),
        "floor_rate": round(BATCH / floor),
        "ratio": round(floor / stage, 3),
        "cpu_s_per_100k": round(median(c.cpu for c in costs) / BATCH * 100_000, 1),
        "us_an_event": round(stage / BATCH * 1e6),
        "target": 0.4,
    }
