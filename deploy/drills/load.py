"""The load: days of the demo's shops, as many events as asked for, through the gateway.

While a strike is being recovered from, the load goes on slowly, so that there is always something
under way; it goes at full speed between strikes. The place of a strike is a number of events.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from random import Random
from typing import Final

from deploy.demo.day import day
from deploy.demo.lines import Request
from deploy.demo.people import BUYER_SHARE, MINUTE
from deploy.demo.play import Access, Player
from deploy.drills.receipts import Receipts
from processors.engine.clock import wall_clock

_SLICE: Final = 32
_SCALE: Final = 1.0
_DAY_EVENTS: Final = 11_000
_DEMO_EVERY: Final = 5
_ORDINARY: Final = (0.03, 0.2)
"""Who buys of an ordinary day's visitors, as shops have it, and which of its visits the pixel sees;
every fifth day is the demo's."""
_SHUFFLED_SHARE: Final = 0.02
_BURST: Final = 128
"""Requests that come at once while it is slow: senders come in waves, and a stack that gets a few
records at a time works several times as long for each."""
_SLOWLY: Final = 12.0
"""Seconds over which the events until the next strike are spread while one is under way."""


def requests(seed: int, *, events: int, now: int) -> Iterator[Request]:
    """That many events, or a few more, day after day, the last one smaller; some slices come once
    more in another order, as relays that repeat a whole file do."""
    rng = Random(seed)  # noqa: S311  (the same again is the point)
    left = events
    for number in count():
        scale = min(_SCALE, max(0.03, left / _DAY_EVENTS))
        buyers, pixel = _ORDINARY if number % _DEMO_EVERY else (BUYER_SHARE, 1.0)
        moment = now - number * 2 * MINUTE
        told = day(seed=rng.getrandbits(32), now=moment, scale=scale, buyers=buyers, pixel=pixel)
        whole = (*told.requests, *told.closing)
        for start in range(0, len(whole), _SLICE):
            some = list(whole[start : start + _SLICE])
            for request in some:
                if left <= 0:
                    return
                yield request
                left -= request.items
            if rng.random() < _SHUFFLED_SHARE:
                rng.shuffle(some)
                yield from some
                left -= sum(request.items for request in some)


class Load:
    """Plays until a number of events is reached, at the pace of the moment."""

    def __init__(
        self,
        seed: int,
        *,
        events: int,
        gateway: str,
        accesses: Mapping[str, Access],
        step: Callable[[int], None],
    ) -> None:
        self.receipts = Receipts()
        self.player = Player(gateway, accesses, heard=self.receipts.keep)
        self.sent = 0
        self.slow = False
        self._step = step
        self._requests = requests(seed, events=events, now=wall_clock())

    async def until(self, events: int) -> None:
        """Play on until that many events were sent in all, or there are no more."""
        between = max(1, events - self.sent)
        while self.sent < events and (some := self._some(events)):
            items = sum(request.items for request in some)
            await self.player.play(some)
            self.sent += items
            self._step(items)
            if self.slow:
                await asyncio.sleep(_SLOWLY * items / between)

    def _some(self, events: int) -> list[Request]:
        """The next slice; smaller ones while it is slow."""
        some: list[Request] = []
        items, most = 0, _BURST if self.slow else 2 * _BURST
        for request in self._requests:
            some.append(request)
            items += request.items
            if len(some) >= most or self.sent + items >= events:
                break
        return some
