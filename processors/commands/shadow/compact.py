"""The pure part: blocks of credit as compact rows for COPY, and as what they add to the cells."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise, repeat
from typing import Final

import numpy as np

from processors.credit.blocks import Answer, Block
from processors.credit.snapshot import FoundTouches
from processors.domain.attribution.models import IntArray
from processors.domain.local_days import local_days
from processors.domain.numbered import Numbered
from processors.engine import copy_format as copy
from processors.summary.sums import UNATTRIBUTED, Earnings, Sums

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
_DAY_BYTES: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """A block of one tenant's answers, with all touches of its cases end to end: those that earn
    are at `places`, also grouped by case."""

    block: Block
    touches: Sequence[FoundTouches]
    places: IntArray
    days: IntArray
    """Of the conversions; as `date.toordinal`, and so are those of the touches that earn."""
    touch_days: IntArray


def told(block: Block) -> Told:
    """The block with its touches and dates."""
    cases = [answer.case for answer in block.answers]
    zone = cases[0].settings.time_zone
    touches = [case.touches for case in cases]
    sizes = np.array([own.size for own in touches], dtype=np.int64)
    places = np.repeat(np.cumsum(sizes) - sizes, block.shares.counts) + block.shares.index
    at = np.fromiter(chain.from_iterable(own.occurred_at for own in touches), dtype=np.int64)
    ordered = np.array([case.conversion.converted_at for case in cases], dtype=np.int64)
    return Told(block, touches, places, local_days(ordered, zone), local_days(at[places], zone))


def encoded(some: Told, *, run_id: str) -> bytes:
    """Rows of `shadow_credit_rows` in the binary format of COPY, without header and trailer."""
    answers, shares, words = some.block.answers, some.block.shares, copy.Words()
    conversions = [answer.case.conversion for answer in answers]
    begin = copy.text(conversions[0].tenant_id) + copy.text(run_id)
    counts, places = [answer.touches for answer in answers], some.places.tolist()
    cells = [count * shares.credit[0].size for count in counts] if places else counts
    reporting = _fields([answer.reporting or 0 for answer in answers])

    def texts(lists: Iterator[Sequence[str]], encode: Callable[[str], bytes]) -> list[bytes]:
        every = list(map(encode, chain.from_iterable(lists)))
        own = [every[place] for place in places]
        return [copy.texts(own[start:stop]) for start, stop in _spans(counts)]

    columns: list[Iterable[bytes]] = [
        repeat(copy.begin(len(COLUMNS)) + begin, len(answers)),
        [copy.text(own.conversion_id) for own in conversions],
        _standings(answers),
        _slices(copy.days(some.days), [_DAY_BYTES + copy.PREFIX] * len(answers)),
        [copy.NULL if own.currency is None else words[own.currency] for own in conversions],
        [words[answer.case.settings.currency] for answer in answers],
        _fields([own.net for own in conversions]),
        [
            copy.NULL if answer.reporting is None else own
            for answer, own in zip(answers, reporting, strict=True)
        ],
        texts((own.touchpoint_ids for own in some.touches), copy.text),
        *_cut(copy.days(some.touch_days), copy.DATE, _DAY_BYTES, counts),
        texts((own.channels for own in some.touches), words.__getitem__),
        texts((own.platforms for own in some.touches), words.__getitem__),
        texts((own.campaigns for own in some.touches), words.__getitem__),
        *_arrays(shares.first_window, _WINDOW_BYTES, counts),
        *_arrays(shares.credit, _CREDIT_BYTES, cells),
        *_arrays(shares.revenue, _MONEY_BYTES, cells),
        *_converted(answers, shares.revenue_reporting, cells),
    ]
    return b"".join(chain.from_iterable(zip(*columns, strict=True)))


def _standings(answers: Sequence[Answer]) -> list[bytes]:
    """From model_version to counts; few differ, so each is encoded once."""
    known: dict[tuple[str, str | None, str, bool], bytes] = {}
    found = []
    for answer in answers:
        own = answer.model_version, answer.custom_version, answer.state, answer.counts
        if own not in known:
            model, custom, state, counts = own
            fallback = copy.texts([copy.text(name) for name in answer.fallback_models])
            known[own] = b"".join(
                (copy.text(model), fallback, copy.text(custom), copy.text(state),
                 copy.boolean(counts))
            )  # fmt: skip
        found.append(known[own])
    return found


def _converted(
    answers: Sequence[Answer], amounts: IntArray, counts: Sequence[int]
) -> tuple[Sequence[bytes], Sequence[bytes]]:
    """Arrays of the amounts in the reporting currency, where these are others than in the own."""
    is_converted = [answer.is_converted for answer in answers]
    if not any(is_converted):
        return [copy.NULL] * len(answers), [b""] * len(answers)
    heads, bodies = _arrays(amounts, _MONEY_BYTES, counts)
    for place in (place for place, is_own in enumerate(is_converted) if not is_own):
        heads[place], bodies[place] = copy.NULL, b""
    return heads, bodies


def _fields(amounts: Sequence[int]) -> list[bytes]:
    """Money as fields."""
    fields = copy.elements(np.array(amounts, dtype=np.int64), _MONEY_BYTES)
    return _slices(fields, [_MONEY_BYTES + copy.PREFIX] * len(amounts))


def _arrays(values: IntArray, size: int, counts: Sequence[int]) -> tuple[list[bytes], list[bytes]]:
    """Integers of `size` bytes as arrays of so many each."""
    return _cut(copy.elements(values.ravel(), size), copy.INTEGERS[size], size, counts)


def _cut(
    elements: bytes, kind: int, size: int, counts: Sequence[int]
) -> tuple[list[bytes], list[bytes]]:
    """What each array begins with, and its elements."""
    step = size + copy.PREFIX
    heads = {count: copy.array(kind, count, count * step) for count in set(counts)}
    return [heads[count] for count in counts], _slices(elements, [n * step for n in counts])


def _slices(whole: bytes, lengths: Sequence[int]) -> list[bytes]:
    return [whole[start:stop] for start, stop in _spans(lengths)]


def _spans(lengths: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Start and stop of each of consecutive spans."""
    return pairwise(accumulate(lengths, initial=0))


def earnings(some: Told, sums: Sums, *, side: int) -> Earnings:
    """What the block adds to the cells, which know no campaigns, and whose shard is the side."""
    answers, shares = some.block.answers, some.block.shares
    tenant_id = answers[0].case.conversion.tenant_id
    counts = np.array([answer.counts for answer in answers], dtype=np.bool_)
    revenue = np.array([answer.reporting or 0 for answer in answers], dtype=np.int64)
    rest = sums.places[tenant_id, *UNATTRIBUTED, side]
    credit, money = (
        part.reshape(len(part), math.prod(part.shape[1:]))
        for part in (shares.credit, shares.revenue_reporting)
    )
    places, first, touch_days = some.places, shares.first_window, some.touch_days
    if not counts.all():
        touches = np.repeat(counts, shares.counts)
        credit, money, places = credit[touches], money[touches], places[touches]
        first, touch_days = first[touches], touch_days[touches]
    return Earnings(
        sign=None,
        day=some.days[counts],
        revenue=revenue[counts],
        rest=np.full(np.count_nonzero(counts), rest, dtype=np.int64),
        size=shares.counts[counts],
        touch_day=touch_days,
        place=_numbers(some.touches, sums, tenant_id, side)[places],
        first_window=first,
        credit=credit,
        money=money,
    )


def _numbers(touches: Sequence[FoundTouches], sums: Sums, tenant_id: str, side: int) -> IntArray:
    """The place of every touch."""
    pairs = Numbered[tuple[str, str]]()
    channels = chain.from_iterable(own.channels for own in touches)
    platforms = chain.from_iterable(own.platforms for own in touches)
    pair = pairs.of(zip(channels, platforms, strict=True))
    return sums.places.of((tenant_id, *own, "", side) for own in pairs)[pair]
