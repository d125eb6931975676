"""Past days of a tenant's ad accounts, as far as an operator asks: campaigns first, then ads,
oldest day first. How far it is stays in Postgres, so a range that is asked for again goes on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from processors.platforms.base import Account
from processors.platforms.reading import Unreadable
from processors.platforms.spend_registry import SpendSource
from processors.platforms.spending import Manages, SpendReader, Unusable
from processors.schedule.gateway import NoGateway
from processors.schedule.spend import store
from processors.schedule.spend.dates import spans
from processors.schedule.spend.reading import Desk, read
from processors.schedule.spend.settings import SpendSettings
from processors.schedule.spend.store import Backfill, Place
from processors.schedule.spend.sync import desk_of
from processors.schedule.tools import Tools

Watch = Callable[[int, int], None]


@dataclass(slots=True)
class Filled:
    """What came of it: figures that the gateway took, by account and level, those of earlier runs
    among them. `stopped` says why it was not read to the end."""

    figures: dict[str, dict[str, int]] = field(default_factory=dict)
    stopped: str = ""


async def fill(
    tools: Tools, source: SpendSource, tenant: str, *, since: date, until: date, watch: Watch
) -> Filled:
    """Both dates are included; `watch` is told how many days of how many are read."""
    told = Filled()
    accounts = await store.accounts(tools, source, tenant)
    reader = source.reader.load(tools.reading, tools.clock)
    try:
        async with desk_of(tools, SpendSettings.load()) as desk:
            if isinstance(reader, Manages):
                accounts = [one for account in accounts for one in await reader.clients(account)]
            await _all(desk, source, reader, accounts, told, since=since, until=until, watch=watch)
    except (Unreadable, Unusable, NoGateway) as error:
        told.stopped = str(error)
    finally:
        await reader.close()
    return told


async def _all(
    desk: Desk,
    source: SpendSource,
    reader: SpendReader,
    accounts: list[Account],
    told: Filled,
    *,
    since: date,
    until: date,
    watch: Watch,
) -> None:
    days = (until - since).days + 1
    total, done = days * len(accounts) * len(reader.levels), 0
    for account in accounts:
        own = source.account_id(account)
        for level in reader.levels:
            place = Place(account.tenant_id, reader.platform, own, level)
            known = await store.backfill(desk.tools.db, place, since, until)
            of = told.figures.setdefault(own, {})
            of[level] = known.figures
            for low, high in spans(known.next_date(since), until, days=reader.days_at_once):
                watch(done + (low - since).days, total)
                of[level] += await read(desk, reader, account, place, since=low, until=high)
                now, reached = desk.tools.clock(), Backfill(high, of[level])
                await store.note_backfill(desk.tools.db, place, since, until, reached, now=now)
            done += days
            watch(done, total)
