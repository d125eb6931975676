"""What credit reads: a few statements for a whole batch, in the snapshot of the caller."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final

import sql
from processors.credit.models import standing
from processors.credit.snapshot import (
    Case,
    FoundConversion,
    FoundTouch,
    Span,
    TenantSettings,
    span,
)
from processors.domain.attribution import CreditSettings, custom_document
from processors.domain.times import local_date
from processors.engine.postgres import Connection, Row

QUERIES: Final = sql.load("credit")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_SAME: Final = Decimal(1)
_DEFAULT: Final = TenantSettings()
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
    found = [_conversion(row) for row in rows]
    settings = await _settings(conn, {conversion.tenant_id for conversion in found})
    dated = []
    for conversion in found:
        own = settings.get(conversion.tenant_id, _DEFAULT)
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


async def _settings(conn: Connection, tenants: Iterable[str]) -> dict[str, TenantSettings]:
    rows = await conn.fetch(QUERIES["settings"], sorted(tenants))
    return {row["tenant_id"]: _tenant(row) for row in rows}


def _tenant(row: Row) -> TenantSettings:
    return TenantSettings(
        time_zone=usable_zone(row["time_zone"]),
        currency=row["currency"],
        credit=CreditSettings(
            half_life_days=row["half_life_days"],
            attribution_mode=row["attribution_mode"],
            view_window_days=row["view_window_days"],
            max_touches=row["max_touches"],
            lookback_days=row["lookback_days"],
            custom=None
            if row["custom_model"] is None
            else custom_document.model(row["custom_model"]),
            bots=row["bot_policy"] == "keep",
        ),
        version=row["settings_version"],
    )


@lru_cache(maxsize=1024)
def usable_zone(name: str) -> str:
    """Only Python knows which zones it has; one that it has not is the default."""
    try:
        local_date(0, name)
    except ValueError:
        return _DEFAULT.time_zone
    return name


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
) -> list[list[FoundTouch]]:
    """A superset of what the kernel keeps: the newest touches up to the cap and, where the cap
    was reached, the first one. So a person with a million touches costs as much as the cap."""
    found: list[list[FoundTouch]] = [[] for _ in conversions]
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
    capped = [row for row in wanted if len(found[row[0]]) >= row[4]]
    if capped:
        for row in await conn.fetch(QUERIES["first_touches"], *_columns(capped)):
            first, own = _touch(row), found[row["place"]]
            if all(first.touchpoint_id != touch.touchpoint_id for touch in own):
                own.append(first)
    return found


async def _suppressed(conn: Connection, wanted: Sequence[_Wanted]) -> set[tuple[str, str]]:
    """The people who are taken out: no touch of theirs counts."""
    people = sorted({(own.tenant_id, own.person_id or "") for _, own, *_ in wanted})
    rows = await conn.fetch(QUERIES["suppressed"], *map(list, zip(*people, strict=True)))
    return {(row["tenant_id"], row["person_id"]) for row in rows}


async def _newest(
    conn: Connection, wanted: Sequence[_Wanted], *, into: list[list[FoundTouch]]
) -> None:
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
            place, *_, cap = asked
            row = own[place]
            if row["nodes"] is None:
                continue
            most = max(Counter(row["nodes"]).values())
            if row["portion"] < cap and most >= row["portion"]:
                again.append(asked)
            else:
                into[place] = _newest_of(row)
        wanted, spread = again, spread * _SPREAD


def _newest_of(row: Row) -> list[FoundTouch]:
    columns = (row["is_view"], row["channels"], row["platforms"], row["campaigns"])
    return list(map(FoundTouch, row["touchpoint_ids"], map(_millis, row["occurred_at"]), *columns))


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


def _conversion(row: Row) -> FoundConversion:
    return FoundConversion(
        tenant_id=row["tenant_id"],
        conversion_id=row["conversion_id"],
        epoch=row["epoch"],
        rev=row["rev"],
        source=row["source"],
        order_id=row["order_id"],
        person_id=row["person_id"],
        currency=row["currency"],
        net=row["net"],
        converted_at=_millis(row["converted_at"]),
        status=row["status"],
        is_pending=row["state"] == "pending_order",
        deliverable=row["deliverable"],
    )


def _touch(row: Row) -> FoundTouch:
    return FoundTouch(
        touchpoint_id=row["touchpoint_id"],
        occurred_at=_millis(row["occurred_at"]),
        is_view=row["touchpoint_type"] == "view",
        channel=row["channel"],
        platform=row["platform"],
        campaign=row["campaign"],
    )


def _millis(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND
