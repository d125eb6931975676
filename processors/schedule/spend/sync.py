"""The run of a job: accounts side by side, each from where it was left."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from processors.platforms.base import Account
from processors.platforms.reading import Unreadable
from processors.platforms.spend_registry import SPEND_READERS, SpendSource
from processors.platforms.spending import Level, Manages, SpendReader, Unusable
from processors.schedule.gateway import Gateway, NoGateway
from processors.schedule.spend import store
from processors.schedule.spend.dates import first_date, latest_date, spans, utc_date
from processors.schedule.spend.pace import Pace
from processors.schedule.spend.reading import Desk, read
from processors.schedule.spend.settings import SpendSettings
from processors.schedule.spend.store import Place, Reading
from processors.schedule.store import Detail
from processors.schedule.tools import Failed, Tools

log = logging.getLogger(__name__)

Depth = Literal["today", "latest", "restated"]
"""`today`: the tenant's date, of campaigns. `latest`: the last dates that have begun everywhere,
and what may have been restated when that is due. `restated`: all of that now."""


@dataclass(slots=True)
class Told:
    """What a run did, by platform and tenant."""

    posted: dict[str, dict[str, int]] = field(default_factory=dict)
    paused: dict[str, list[str]] = field(default_factory=dict)
    failed: dict[str, dict[str, str]] = field(default_factory=dict)
    may_pass: bool = False

    def detail(self) -> Detail:
        """For the job's row."""
        return {"posted": self.posted, "paused": self.paused, "failed": self.failed}


async def sync(
    tools: Tools, tenant: str | None, *, platforms: Sequence[str], depth: Depth
) -> Detail:
    """Every account of these platforms; one that fails hurts only itself.

    Raises:
        Failed: after all of them, when any could not be read that may be at another try; those
            that refuse us or want a pause are noted with themselves.
    """
    own, told = SpendSettings.load(), Told()
    slots = asyncio.Semaphore(own.accounts_at_once)
    async with desk_of(tools, own) as desk, asyncio.TaskGroup() as group:
        for platform in platforms:
            group.create_task(_platform(desk, own, slots, told, platform, tenant, depth))
    if told.may_pass:
        raise Failed("the spend of some accounts was not read to the end", told.detail())
    return told.detail()


@asynccontextmanager
async def desk_of(tools: Tools, own: SpendSettings) -> AsyncIterator[Desk]:
    """A desk, for a block."""
    pace = Pace(per_second=own.pages_per_second, at_once=own.pages_at_once, clock=tools.clock)
    gateway = Gateway(tools.settings.gateway_url)
    try:
        yield Desk(tools, gateway, pace)
    finally:
        await gateway.close()


async def _platform(
    desk: Desk,
    own: SpendSettings,
    slots: asyncio.Semaphore,
    told: Told,
    platform: str,
    tenant: str | None,
    depth: Depth,
) -> None:
    source = SPEND_READERS[platform]
    accounts = await store.accounts(desk.tools, source, tenant)
    if not accounts:
        return
    reader = source.reader.load(desk.tools.reading, desk.tools.clock)

    async def one(account: Account) -> None:
        async with slots:
            for client in await _clients(desk, own, told, reader, account, source):
                for level in reader.levels if depth != "today" else reader.levels[:1]:
                    place = Place(client.tenant_id, platform, source.account_id(client), level)
                    if not await _place(desk, own, told, reader, client, place, depth):
                        break

    try:
        async with asyncio.TaskGroup() as group:
            for account in accounts:
                group.create_task(one(account))
    finally:
        await reader.close()


async def _clients(
    desk: Desk,
    own: SpendSettings,
    told: Told,
    reader: SpendReader,
    account: Account,
    source: SpendSource,
) -> list[Account]:
    """Who is read for the account; nobody while it does not answer, or wants to be left alone."""
    if not isinstance(reader, Manages):
        return [account]
    name = str(reader.connection)
    place = Place(account.tenant_id, reader.platform, source.account_id(account), reader.levels[0])
    now, known = desk.tools.clock(), await store.reading(desk.tools.db, place)
    if (known.paused_until or 0) > now:
        told.paused.setdefault(place.platform, []).append(place.tenant)
        return []
    try:
        found = await reader.clients(account)
    except (Unreadable, Unusable) as error:
        await _failed(desk, own, told, place, name, error)
        return []
    if found != [account]:
        await store.note_success(desk.tools.db, place, name, now=now, restated=False)
    return found


async def _place(
    desk: Desk,
    own: SpendSettings,
    told: Told,
    reader: SpendReader,
    account: Account,
    place: Place,
    depth: Depth,
) -> bool:
    """False when the account does not answer now, or wants to be left alone."""
    db, name = desk.tools.db, str(reader.connection)
    now, known = desk.tools.clock(), await store.reading(db, place)
    if (known.paused_until or 0) > now:
        told.paused.setdefault(place.platform, []).append(place.tenant)
        return False
    local = await store.local_date(db, place.tenant, now) if depth == "today" else None
    asked = window(own, known, reader, place.level, depth=depth, now=now, local=local)
    if asked is None:
        return True
    try:
        for low, high in spans(asked.since, asked.until, days=reader.days_at_once):
            posted = await read(desk, reader, account, place, since=low, until=high)
            of = told.posted.setdefault(place.platform, {})
            of[place.tenant] = of.get(place.tenant, 0) + posted
            if not asked.is_ahead:
                await store.note_read_to(db, place, name, high)
    except (Unreadable, Unusable, NoGateway) as error:
        if asked.is_ahead and isinstance(error, Unreadable) and error.may_pass:
            # Where the account's day begins later than the tenant's, nothing can be told of it yet.
            extra = {"platform": place.platform, "tenant": place.tenant, "why": str(error)}
            log.info("today is not told yet", extra=extra)
            return True
        await _failed(desk, own, told, place, name, error)
        return False
    await store.note_success(db, place, name, now=now, restated=asked.is_all)
    return True


async def _failed(
    desk: Desk, own: SpendSettings, told: Told, place: Place, connection: str, error: Exception
) -> None:
    refused, pause, may_pass = False, 0.0, True
    if isinstance(error, Unreadable):
        refused = error.is_refused
        pause = own.refused_seconds if refused else error.pause_seconds
        may_pass = error.may_pass
    now, why = desk.tools.clock(), str(error)
    told.failed.setdefault(place.platform, {})[place.tenant] = why
    told.may_pass |= may_pass
    extra = {"platform": place.platform, "tenant": place.tenant, "level": place.level, "why": why}
    log.warning("spend not read", extra=extra)
    await store.note_error(
        desk.tools.db,
        place,
        connection,
        why=why,
        now=now,
        refused=refused,
        paused_until=now + round(pause * 1_000) if pause else None,
    )


@dataclass(frozen=True, slots=True)
class Window:
    """Dates that a run asks for. `is_all`: of all that may have been restated. `is_ahead`: of a day
    that has not begun in every time zone, so that nothing is read to its end by it."""

    since: date
    until: date
    is_all: bool = False
    is_ahead: bool = False


def window(
    own: SpendSettings,
    known: Reading,
    reader: SpendReader,
    level: Level,
    *,
    depth: Depth,
    now: int,
    local: date | None = None,
) -> Window | None:
    """What there is to read; None when it is not the time. `now` is epoch milliseconds, `local` the
    tenant's date, which is taken for the account's, too."""
    until = latest_date(now)
    if depth == "today":
        if known.read_to is None:
            return None
        ahead = min(local or until, utc_date(now)) if reader.days_of_utc else local or until
        if ahead > until:
            return Window(ahead, ahead, is_ahead=True)
    days = 1 if depth == "today" else reader.restated_days
    if depth == "latest":
        read_at = known.last_success_at or 0
        if level == "ad" and now < read_at + own.ads_every_seconds * 1_000:
            return None
        if now < (known.restated_at or 0) + own.restated_every_seconds * 1_000:
            days = own.latest_days
    since = first_date(until, known.read_to, again=days, first=own.first_days)
    return Window(since, until, is_all=known.read_to is None or days >= reader.restated_days)
