"""One range of dates of one account: every figure of it, and nothing where there is none now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import orjson

from processors.platforms.base import Account
from processors.platforms.reading import Unreadable
from processors.platforms.spending import SpendReader, Unusable
from processors.schedule.gateway import Gateway
from processors.schedule.spend import store
from processors.schedule.spend.items import Item, Known, Whose, item, known, vanished
from processors.schedule.spend.pace import Pace
from processors.schedule.spend.store import Place
from processors.schedule.tools import Tools

_ITEMS_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Desk:
    """What a run works with."""

    tools: Tools
    gateway: Gateway
    pace: Pace


async def read(
    desk: Desk, reader: SpendReader, account: Account, place: Place, *, since: date, until: date
) -> int:
    """How many figures the gateway took, those that say nothing new among them.

    Raises:
        Unreadable: when the vendor does not tell the whole range, or the gateway refuses a figure.
        Unusable: for a row of another form.
        NoGateway: when none takes them.
    """
    # Before the question: of two readings at once the later question has the newer answer.
    asked_at = desk.tools.clock()
    before = await store.before(desk.tools.db, place, since, until)
    whose = Whose(place.platform, place.account_id, asked_at)
    seen: set[Known] = set()
    posted = 0
    pages = reader.figures(account, since=since, until=until, level=place.level)
    async for page in desk.pace.paced("|".join(place.key[:3]), pages):
        for figure in page:
            if figure.level != place.level or not since <= figure.date <= until:
                raise Unusable("a figure is of another level or date than was asked for")
            seen.add(known(figure))
        posted += await _post(desk, place.tenant, [item(figure, whose) for figure in page])
    return posted + await _post(desk, place.tenant, list(vanished(before, seen, whose)))


async def _post(desk: Desk, tenant: str, items: Sequence[Item]) -> int:
    for start in range(0, len(items), _ITEMS_AT_ONCE):
        some = items[start : start + _ITEMS_AT_ONCE]
        body, vault = orjson.dumps(some), desk.tools.vault
        taken = await desk.gateway.spend(body, tenant=tenant, vault=vault, clock=desk.tools.clock)
        if taken != len(some):
            raise Unreadable(f"the gateway took {taken} of {len(some)} figures")
    return len(items)
