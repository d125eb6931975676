"""What credit reads: a few statements for a whole batch, in the snapshot of the caller."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

import sql
from processors.credit.models import standing
from processors.credit.settings import DEFAULT, read_settings
from processors.credit.snapshot import (
    Case,
    FoundConversion,
    FoundTouches,
    Span,
    TenantSettings,
    span,
)
from processors.domain.attribution import CreditSettings
from processors.domain.local_days import local_date
from processors.engine.postgres import Connection, Row

QUERIES: Final = sql.load("credit")

_SAME: Final = Decimal(1)
_NO_TOUCHES: Final = FoundTouches()
_TOUCH_LISTS: Final = (
    "touchpoint_ids", "occurred_at", "is_view", "channels", "platforms", "campaigns",
)  # fmt: skip
_SPREAD: Final = 4
"""How many times its even share of a person's touches an id gives at first."""

Reach = Callable[[CreditSettings], CreditSettings]

_Wanted = tuple[int, FoundConversion, Span, bool, int]
"""Place, conversion, the span of its touches, whether robots' do not count, and how many count."""


def _standing(settings: CreditSettings) -> CreditSettings:
    return settings


async def read_cases(
    conn: Connection, keys: Sequence[tuple[str, str]], *, reach: Reach = _standing
) -> list[Case]:
    """Everything that the credit of the conversions depends on; unknown ones are absent.

    `reach` makes of a tenant's settings those that say which touches are read: its own, unless the
    caller needs the touches of others, too.
    """
    rows = await conn.fetch(
        QUERIES["conversions"], [tenant for tenant, _ in keys], [own for _, own in keys]
    )
    found = [FoundConversion(**row) for row in rows]
    settings = await read_settings(conn, {conversion.tenant_id for conversion in found})
    dated = []
    for conversion in found:
        own = settings.get(conversion.tenant_id, DEFAULT)
        day = local_date(conversion.converted_at, own.time_zone)
        dated.append((conversion, own, day))
    rates = await _rates(conn, dated)
    touches = await _touches(conn, [(c, reach(s.credit)) for c, s, _ in dated])
    models = await standing(conn, [(c.tenant_id, c.converted_at) for c in found])
    return [
        Case(conversion, own, day, rate, of_person, model)
        for (conversion, own, day), rate, of_person, model in zip(
            dated, rates, touches, models, strict=True
        )
    ]


async def _rates(
    conn: Connection, dated: Sequence[tuple[FoundConversion, TenantSettings, str]]
) -> list[Decimal | None]:
    rates: list[Decimal | None] = [
        _SAME if conversion.currency == settings.currency else None
        for conversion, settings, _ in dated
    ]
    wanted = [
        (place, c.tenant_id, c.currency, s.currency, date.fromisoformat(day))
        for place, (c, s, day) in enumerate(dated)
        if rates[place] is None and c.currency is not None and not c.is_pending
    ]
    if wanted:
        for row in await conn.fetch(QUERIES["rates"], *map(list, zip(*wanted, strict=True))):
            rates[row["place"]] = row["rate"]
    return rates


async def _touches(
    conn: Connection, conversions: Sequence[tuple[FoundConversion, CreditSettings]]
) -> list[FoundTouches]:
    """A superset of what the kernel keeps: the newest touches up to the cap and, where the cap
    was reached, the first one. So a person with a million touches costs as much as the cap."""
    found = [_NO_TOUCHES] * len(conversions)
    wanted = [
        (
            place,
            conversion,
            span(conversion.converted_at, settings),
            not settings.bots,
            settings.max_touches,
        )
        for place, (conversion, settings) in enumerate(conversions)
        if conversion.person_id is not None and not conversion.is_pending
    ]
    if wanted:
        suppressed = await _suppressed(conn, wanted)
        wanted = [row for row in wanted if (row[1].tenant_id, row[1].person_id) not in suppressed]
    if not wanted:
        return found
    await _newest(conn, wanted, into=found)
    capped = [row for row in wanted if found[row[0]].size >= row[4]]
    if capped:
        for row in await conn.fetch(QUERIES["first_touches"], *_columns(capped)):
            own = found[row["place"]]
            if row["touchpoint_id"] not in own.touchpoint_ids:
                found[row["place"]] = _and_first(own, row)
    return found


async def _suppressed(conn: Connection, wanted: Sequence[_Wanted]) -> set[tuple[str, str]]:
    """The people who are taken out: no touch of theirs counts."""
    people = sorted({(own.tenant_id, own.person_id or "") for _, own, *_ in wanted})
    rows = await conn.fetch(QUERIES["suppressed"], *map(list, zip(*people, strict=True)))
    return {(row["tenant_id"], row["person_id"]) for row in rows}


async def _newest(conn: Connection, wanted: Sequence[_Wanted], *, into: list[FoundTouches]) -> None:
    """The newest touches of each person up to the cap. A person has many ids, and the cap's number
    of touches of each would be read to keep a few: so ids give portions, greater ones only where a
    whole portion turned out to be among the newest."""
    spread = _SPREAD
    while wanted:
        caps = [cap for *_, cap in wanted]
        rows = await conn.fetch(QUERIES["newest_touches"], *_columns(wanted), caps, spread)
        own = {row["place"]: row for row in rows}
        again = []
        for asked in wanted:
            place, *_ = asked
            row = own[place]
            nodes = row["nodes"]
            if nodes is not None and max(Counter(nodes).values()) >= row["portion"]:
                again.append(asked)
            elif row["touchpoint_ids"] is not None:
                into[place] = FoundTouches(*(row[name] for name in _TOUCH_LISTS))
        wanted, spread = again, spread * _SPREAD


def _and_first(own: FoundTouches, row: Row) -> FoundTouches:
    return FoundTouches(
        touchpoint_ids=[*own.touchpoint_ids, row["touchpoint_id"]],
        occurred_at=[*own.occurred_at, row["occurred_at"]],
        is_view=[*own.is_view, row["is_view"]],
        channels=[*own.channels, row["channel"]],
        platforms=[*own.platforms, row["platform"]],
        campaigns=[*own.campaigns, row["campaign"]],
    )


def _columns(wanted: Sequence[_Wanted]) -> tuple[list[object], ...]:
    return (
        [place for place, *_ in wanted],
        [conversion.tenant_id for _, conversion, *_ in wanted],
        [conversion.person_id for _, conversion, *_ in wanted],
        [own.first for _, _, own, *_ in wanted],
        [own.end for _, _, own, *_ in wanted],
        [own.view for _, _, own, *_ in wanted],
        [no_bots for *_, no_bots, _ in wanted],
    )
