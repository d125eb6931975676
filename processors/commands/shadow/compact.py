"""The pure part: answers of credit as compact rows for COPY, and as what they add to the cells."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from processors.credit.handle import Answer
from processors.credit.snapshot import FoundTouch
from processors.domain.attribution.models import IntArray
from processors.domain.times import local_date
from processors.engine import copy_format as copy
from processors.summary.rows import Earned, day
from processors.summary.sums import Change

COLUMNS: Final = (
    "tenant_id", "run_id", "conversion_id", "model_version", "fallback_models", "custom_version",
    "state", "counts", "date", "currency", "reporting_currency", "revenue", "revenue_reporting",
    "touchpoint_ids", "touch_dates", "channels", "platforms", "campaigns", "first_windows",
    "credit", "touch_revenue", "touch_revenue_reporting",
)  # fmt: skip
SIDES: Final = ("production", "shadow")
PRODUCTION, SHADOW = range(len(SIDES))

_WINDOW_BYTES: Final = 2
_CREDIT_BYTES: Final = 4
_MONEY_BYTES: Final = 8
_PREFIX: Final = 4
"""Bytes before each element of an array."""


@dataclass(frozen=True, slots=True)
class Told:
    """An answer with the touches that it credits and their dates."""

    answer: Answer
    date: datetime.date
    touches: Sequence[FoundTouch]
    dates: Sequence[datetime.date]


def told(answers: Iterable[Answer]) -> Iterator[Told]:
    """The answers with what is shown of them; both sides may have the very same touches."""
    dates: dict[int, list[datetime.date]] = {}
    for answer in answers:
        case = answer.case
        if id(case.touches) not in dates:
            zone = case.settings.time_zone
            dates[id(case.touches)] = [day(local_date(t.occurred_at, zone)) for t in case.touches]
        own, chosen = dates[id(case.touches)], answer.shares.touches
        yield Told(
            answer, day(case.date), [case.touches[i] for i in chosen], [own[i] for i in chosen]
        )


def encoded(some: Sequence[Told], *, run_id: str) -> bytes:
    """Rows of `shadow_credit_rows` in the binary format of COPY, without header and trailer."""
    begin = copy.begin(len(COLUMNS))
    run = copy.text(run_id)
    shares = [one.answer.shares for one in some]
    windows = _Elements([np.array(s.first_window, dtype=np.int64) for s in shares], _WINDOW_BYTES)
    credit = _Elements([s.credit for s in shares], _CREDIT_BYTES)
    money = _Elements([s.revenue for s in shares], _MONEY_BYTES)
    own = [s.revenue_reporting for s in shares if s.revenue_reporting is not None]
    reporting = _Elements(own, _MONEY_BYTES)
    rows: list[bytes] = []
    for one in some:
        answer, touches, case = one.answer, one.touches, one.answer.case
        converted = answer.shares.revenue_reporting
        rows += (
            begin,
            copy.word(case.conversion.tenant_id),
            run,
            copy.text(case.conversion.conversion_id),
            copy.word(answer.model_version),
            copy.texts([copy.word(name) for name in answer.fallback_models]),
            copy.word(answer.custom_version),
            copy.word(answer.state),
            copy.boolean(answer.counts),
            copy.date(one.date),
            copy.word(case.conversion.currency),
            copy.word(case.settings.currency),
            copy.int8(case.conversion.net),
            copy.int8(answer.reporting),
            copy.texts([copy.text(touch.touchpoint_id) for touch in touches]),
            copy.dates([copy.date(date) for date in one.dates]),
            copy.texts([copy.word(touch.channel) for touch in touches]),
            copy.texts([copy.word(touch.platform) for touch in touches]),
            copy.texts([copy.word(touch.campaign) for touch in touches]),
            windows.take(len(touches)),
            credit.take(answer.shares.credit.size),
            money.take(answer.shares.revenue.size),
            copy.NULL if converted is None else reporting.take(converted.size),
        )
    return b"".join(rows)


class _Elements:
    """Arrays of many rows, encoded at once and taken one after the other."""

    def __init__(self, arrays: Sequence[IntArray], size: int) -> None:
        none = np.zeros(0, dtype=np.int64)
        flat = np.concatenate([none, *(array.ravel() for array in arrays)])
        self._encoded = copy.elements(flat, size)
        self._size = size
        self._place = 0

    def take(self, count: int) -> bytes:
        """The array of the next `count` numbers."""
        start = self._place
        self._place += count * (self._size + _PREFIX)
        return copy.integers(self._encoded[start : self._place], self._size)


def earned(one: Told) -> Earned | None:
    """What it adds to the cells, which know no campaigns; None while it adds nothing."""
    answer, shares, touches = one.answer, one.answer.shares, one.touches
    if answer.reporting is None or not answer.counts:
        return None
    money = shares.revenue if shares.revenue_reporting is None else shares.revenue_reporting
    return Earned(
        date=one.date,
        revenue=answer.reporting,
        dates=one.dates,
        channels=[touch.channel for touch in touches],
        platforms=[touch.platform for touch in touches],
        campaigns=[""] * len(touches),
        first_windows=np.array(shares.first_window, dtype=np.int64),
        credit=_flat(shares.credit),
        money=_flat(money),
        firsts=(),
        seconds=None,
    )


def _flat(shares: IntArray) -> IntArray:
    """(touches, cells) of (touches, models, windows)."""
    touches, models, windows = shares.shape
    return shares.reshape(touches, models * windows)


def changes(production: Iterable[Told], shadow: Iterable[Told]) -> Iterator[Change]:
    """What both sides add to the cells, whose shard is the side."""
    for side, some in ((PRODUCTION, production), (SHADOW, shadow)):
        for one in some:
            own = earned(one)
            if own is not None:
                yield Change(one.answer.case.conversion.tenant_id, side, 1, own)
