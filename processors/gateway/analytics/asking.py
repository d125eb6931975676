"""From the query of a request to what is asked of a view, each value in the type of its column."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import parse_qsl

from processors.gateway.analytics.view import ALL, View
from processors.gateway.refusal import Problem

NOT_FILTERS: Final = frozenset({"from", "to", "limit", "offset", "tenant", "key", "view"})
"""Words of the door itself; `tenant` and `key` say who asks, `view` which of a page's views."""

_LIMIT: Final = (100, 1_000)
_MOST_SKIPPED: Final = 100_000
_LONGEST: Final = 1_000
_MOST_PARAMETERS: Final = 50
_BITS: Final = {"smallint": 15, "integer": 31, "bigint": 63}
_SHORT: Final = ("window", "attribution_window")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: equalities by column, dates (both included), arguments of a function, which
    rows."""

    filters: Mapping[str, Any]
    first: date
    last: date
    options: Mapping[str, str]
    limit: int
    offset: int


def question(
    said: Mapping[str, str], view: View, types: Mapping[str, str], *, today: date
) -> Question:
    """What is asked of a view whose columns have these `types`. What is not said is as the view
    assumes; `window` is short for `attribution_window`.

    Raises:
        Problem: 422 naming what is unknown, missing, or no value of its column.
    """
    said = _unabbreviated(said, view, types)
    named = {n: value for n, value in said.items() if n not in NOT_FILTERS | view.options.keys()}
    unknown = [name for name in named if _reader(types.get(name, "")) is None]
    if not view.is_dated:
        unknown += [name for name in ("from", "to") if name in said]
    if unknown:
        names = ", ".join(name[:60] for name in sorted(unknown))
        raise Problem(422, "unknown_filter", f"{names}: not a filter here; {_known(view, types)}")
    if view.needs and view.needs not in named:
        raise Problem(422, "filter_needed", f"{view.needs}: say which")
    filters = {
        name: _value(name, types[name], value)
        for name, value in {**view.assumed, **named}.items()
        if not (value == ALL and name in view.assumed)
    }
    last = _day(said, "to", today + timedelta(days=view.ahead))
    until = last if "to" in said else today
    first = _day(said, "from", max(date.min + timedelta(view.back), until) - timedelta(view.back))
    if first > last:
        raise Problem(422, "bad_filter", "from: must not be after to")
    return Question(
        filters,
        first,
        last,
        _arguments(said, view),
        _whole(said, "limit", _LIMIT[0], least=1, most=_LIMIT[1]),
        _whole(said, "offset", 0, least=0, most=_MOST_SKIPPED),
    )


def filterable(types: Mapping[str, str]) -> list[str]:
    """The columns by which rows may be chosen."""
    return [name for name, kind in types.items() if _reader(kind) is not None]


def moments(asked: Question) -> tuple[datetime, datetime]:
    """The dates as the moments between which they lie, in UTC: the first included, not the last."""
    after = min(asked.last, date.max - timedelta(days=1)) + timedelta(days=1)
    first, last = (datetime.combine(day, time(), UTC) for day in (asked.first, after))
    return first, last


def parameters(query: bytes) -> dict[str, str]:
    """What a query says, by name.

    Raises:
        Problem: 400 for what is no query, 422 for a name that is said twice.
    """
    try:
        pairs = parse_qsl(
            query.decode("ascii"), keep_blank_values=True, errors="strict",
            max_num_fields=_MOST_PARAMETERS,
        )  # fmt: skip
    except ValueError:
        detail = (
            f"the query must be UTF-8 in percent-encoding, {_MOST_PARAMETERS} parameters at most"
        )
        raise Problem(400, "bad_query", detail) from None
    said: dict[str, str] = {}
    for name, value in pairs:
        if name in said:
            raise Problem(422, "bad_filter", f"{name[:60]}: is said twice")
        if "\0" in value or len(value) > _LONGEST:
            raise Problem(422, "bad_filter", f"{name[:60]}: no such value")
        said[name] = value
    return said


def _known(view: View, types: Mapping[str, str]) -> str:
    dates = ["from", "to"] if view.is_dated else []
    return f"there are: {', '.join([*dates, *view.options, *filterable(types)])}"


def _unabbreviated(
    said: Mapping[str, str], view: View, types: Mapping[str, str]
) -> Mapping[str, str]:
    short, long = _SHORT
    if short not in said or short in types or long not in {*types, *view.options}:
        return said
    if long in said:
        raise Problem(422, "bad_filter", f"{long}: is said twice")
    return {long if name == short else name: value for name, value in said.items()}


def _arguments(said: Mapping[str, str], view: View) -> dict[str, str]:
    found = {}
    for name, option in view.options.items():
        value = said.get(name, option.default)
        if re.fullmatch(option.form, value, re.ASCII) is None:
            raise Problem(422, "bad_option", f"{name}: must be {option.told}")
        found[name] = value
    return found


def _day(said: Mapping[str, str], name: str, default: date) -> date:
    return default if name not in said else _value(name, "date", said[name])


def _whole(said: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    text = said.get(name, str(default))
    if not (text.isascii() and text.isdigit()) or not least <= int(text[:9]) <= most:
        detail = f"{name}: must be a whole number from {least} to {most}"
        raise Problem(422, "bad_option", detail)
    return int(text[:9])


def _value(name: str, kind: str, text: str) -> Any:
    reader = _reader(kind)
    assert reader is not None
    try:
        return reader(text)
    except (ValueError, InvalidOperation):
        raise Problem(422, "bad_filter", f"{name}: no value of the type {kind}") from None


def _reader(kind: str) -> Callable[[str], Any] | None:
    """What reads a value of a type; None for one by which nothing can be chosen here."""
    if kind in _BITS:
        return lambda text: _integer(text, _BITS[kind])
    return _READERS.get(kind)


def _integer(text: str, bits: int) -> int:
    if not re.fullmatch(r"-?\d{1,19}", text, re.ASCII) or abs(int(text)) >= 1 << bits:
        raise ValueError(text)
    return int(text)


def _decimal(text: str) -> Decimal:
    if not re.fullmatch(r"-?\d{1,30}(\.\d{1,30})?", text, re.ASCII):
        raise ValueError(text)
    return Decimal(text)


def _date(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise ValueError(text)
    return date.fromisoformat(text)


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


_READERS: Final[dict[str, Callable[[str], Any]]] = {
    "text": str,
    "date": _date,
    "boolean": _boolean,
    "numeric": _decimal,
}
