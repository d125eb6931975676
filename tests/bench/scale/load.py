"""The load: touchpoints in batches of a hundred, two orders to each, of the shops in turn."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

import httpx

from processors.engine.clock import wall_clock
from tests.bench import shoppers
from tests.bench.scale.shops import Shop
from tests.bench.shoppers import order, touch

BATCH: Final = 100
ORDERS: Final = 2
_CONNECTIONS: Final = 4


def of(shop: Shop) -> dict[str, str]:
    """The header of its senders."""
    return {"Authorization": f"Bearer {shop.key}"}


class Unknown(Exception):
    """The gateway does not know a key yet."""


async def hello(gateway: str, shops: Sequence[Shop]) -> None:
    """Rehearse a touch of each.

    Raises:
        Unknown: when a key is refused.
    """
    one = [_touch(0, wall_clock())]
    async with httpx.AsyncClient(base_url=gateway, timeout=30, trust_env=False) as client:
        for shop in shops:
            answer = await client.post("/v1/touchpoints?dry_run=1", json=one, headers=of(shop))
            if answer.status_code == 401:
                raise Unknown(shop.name)
            answer.raise_for_status()


def turns(shops: Sequence[Shop], *, hot: float = 0.0) -> Iterator[Shop]:
    """Whose batch is next, for ever: each shop's in turn, or the first one's in this share (0 to
    1) of all, evenly spread, and the others' in turn for the rest."""
    others, owed, turn = shops[1:], 0.0, 0
    while True:
        owed += hot
        if owed >= 1 or (hot and not others):
            owed -= 1
            yield shops[0]
        else:
            some = others if hot else shops
            yield some[turn % len(some)]
            turn += 1


async def post(gateway: str, shops: Sequence[Shop], events: int, *, first: int, hot: float) -> int:
    """At least that many events, as fast as they are taken; returns how many."""
    whose = islice(turns(shops, hot=hot), -(-events // (BATCH + ORDERS)))
    batches = enumerate(whose, first)
    sent = 0

    async def sender(client: httpx.AsyncClient) -> None:
        nonlocal sent
        for number, shop in batches:
            now, start = wall_clock(), number * BATCH
            touches = [_touch(start + n, now) for n in range(BATCH)]
            orders = [_order(start + n, now) for n in range(0, BATCH, BATCH // ORDERS)]
            await shoppers.post(client, "/v1/touchpoints", touches, **of(shop))
            await shoppers.post(client, "/v1/orders", orders, **of(shop))
            sent += BATCH + ORDERS

    async with httpx.AsyncClient(base_url=gateway, timeout=120, trust_env=False) as client:
        await asyncio.gather(*(sender(client) for _ in range(_CONNECTIONS)))
    return sent


def _touch(n: int, now: int) -> dict[str, Any]:
    return touch(f"scale-{n}", n, now)


def _order(n: int, now: int) -> dict[str, Any]:
    made = order(f"scale-{n}", n, now)
    return {**made, "identifiers": {"email": f"{made['visitor_id']}@example.com"}}
