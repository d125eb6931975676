"""The same conversions under the standing settings and under others, from one snapshot.

Both sides see what production would read. A touch is read once, under settings that reach as far
as either side's; only where a person has more touches than may count each side is read by itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from processors.credit.snapshot import Case, TenantSettings
from processors.credit.store import Reach, read_cases
from processors.domain.attribution import CreditSettings
from processors.domain.attribution.eligibility import (
    DAY_SECONDS,
    click_limit_seconds,
    view_limit_seconds,
)
from processors.domain.attribution.model_document import parse
from processors.engine.postgres import Connection

Given = TypeVar("Given")
Made = TypeVar("Made")


async def read_beside(
    conn: Connection,
    keys: Sequence[tuple[str, str]],
    *,
    other: CreditSettings,
    document: str | None = None,
) -> tuple[list[Case], list[Case]]:
    """Both sides of each conversion, in the same order; unknown ones are absent.

    `document` is the trained model of the other side, empty for none; by default the other side has
    the models that stand.
    """
    wide: _Once[CreditSettings, CreditSettings] = _Once(lambda own: widest(own, other))
    production = await read_cases(conn, keys, reach=wide)
    settings: _Once[TenantSettings, TenantSettings] = _Once(lambda own: replace(own, credit=other))
    shadow = [case._replace(settings=settings(case.settings)) for case in production]
    if document is not None:
        model = parse(document) if document else None
        shadow = [case._replace(model=model) for case in shadow]
    apart = [
        place
        for place, case in enumerate(production)
        if case.touches.size >= wide(case.settings.credit).max_touches
        and _reach(case.settings.credit) != _reach(shadow[place].settings.credit)
    ]
    if apart:
        await _read_apart(conn, production, apart, reach=lambda own: own)
        await _read_apart(conn, shadow, apart, reach=lambda _: other)
    return production, shadow


class _Once(Generic[Given, Made]):
    """A function of objects that are the same for many cases, asked once for each of them."""

    def __init__(self, make: Callable[[Given], Made]) -> None:
        self._make = make
        self._made: dict[int, tuple[Given, Made]] = {}

    def __call__(self, given: Given) -> Made:
        if id(given) not in self._made:
            self._made[id(given)] = given, self._make(given)
        return self._made[id(given)][1]


async def _read_apart(
    conn: Connection, cases: list[Case], places: Sequence[int], *, reach: Reach
) -> None:
    """Read these again, the touches of one side only."""
    again = await read_cases(conn, [_key(cases[place]) for place in places], reach=reach)
    touches = {_key(case): case.touches for case in again}
    for place in places:
        cases[place] = cases[place]._replace(touches=touches[_key(cases[place])])


def _key(case: Case) -> tuple[str, str]:
    return case.conversion.tenant_id, case.conversion.conversion_id


def widest(one: CreditSettings, other: CreditSettings) -> CreditSettings:
    """Settings that reach every touch that either lets count, as long as no cap is met."""
    days = max(view_limit_seconds(one), view_limit_seconds(other)) // DAY_SECONDS
    return replace(
        one,
        attribution_mode="clicks_only" if days < 0 else "clicks_plus_views",
        view_window_days=max(days, 0),
        max_touches=max(one.max_touches, other.max_touches),
        lookback_days=max(one.lookback_days, other.lookback_days),
    )


def _reach(settings: CreditSettings) -> tuple[int, int, int]:
    """Settings of one reach read the same touches."""
    clicks, views = click_limit_seconds(settings), view_limit_seconds(settings)
    return clicks, views, settings.max_touches
