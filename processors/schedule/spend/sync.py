"""The run of a job: accounts side by side, each from where it was left."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from processors.platforms.base import Account
from processors.platforms.reading import Unreadable
from processors.platforms.spend_registry import SPEND_READERS
from processors.platforms.spending import Level, SpendReader, Unusable
from processors.schedule.gateway import Gateway, NoGateway
from processors.schedule.spend import store
from processors.schedule.spend.dates import first_date, latest_date, spans
from processors.schedule.spend.pace import Pace
from processors.schedule.spend.reading import Desk, read
from processors.schedule.spend.settings import SpendSettings
from processors.schedule.spend.store import Place, Reading
from processors.schedule.store import Detail
from processors.schedule.tools import Failed, Tools

log = logging.getLogger(__name__)

Depth = Literal["today", "latest", "restated"]
"""`today`: the last date of campaigns. `latest`: the last dates, and what may have been restated
when that is due. `restated`: all of that now."""


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
            for level in reader.levels if depth != "today" else reader.levels[:1]:
                place = Place(account.tenant_id, platform, source.account_id(account), level)
                if not await _place(desk, own, told, reader, account, place, depth):
                    return

    try:
        async with asyncio.TaskGroup() as group:
            for account in accounts:
                group.create_task(one(account))
    finally:
        await reader.close()


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
    days = days_again(own, known, reader, place.level, depth=depth, now=now)
    if days is None:
        return True
    until = latest_date(now)
    since = first_date(until, known.read_to, again=days, first=own.first_days)
    try:
        for low, high in spans(since, until, days=reader.days_at_once):
            posted = await read(desk, reader, account, place, since=low, until=high)
            of = told.posted.setdefault(place.platform, {})
            of[place.tenant] = of.get(place.tenant, 0) + posted
            await store.note_read_to(db, place, name, high)
    except (Unreadable, Unusable, NoGateway) as error:
        await _failed(desk, own, told, place, name, error)
        return False
    restated = known.read_to is None or days >= reader.restated_days
    await store.note_success(db, place, name, now=now, restated=restated)
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


def days_again(
    own: SpendSettings, known: Reading, reader: SpendReader, level: Level, *, depth: Depth, now: int
) -> int | None:
    """How many of the days that were read are read again, of what there is to read; None when it is
    not the time. `now` is epoch milliseconds."""
    if depth == "restated":
        return reader.restated_days
    if depth == "today":
        return None if known.read_to is None else 1
    read_at = known.last_success_at or 0
    if level == "ad" and now < read_at + own.ads_every_seconds * 1_000:
        return None
    due = now >= (known.restated_at or 0) + own.restated_every_seconds * 1_000
    return reader.restated_days if due else own.latest_days
