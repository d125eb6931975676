"""What an account has for each event, where the platform knows no names of events but things that
the customer made there: conversion rules, goals.

A tenant says `Purchase=123,Lead=456`, or the same as a JSON object where a name has a comma in it.
An event without an entry was never asked for at the platform: it ends `UNASKED`, by itself, that
is filtered, never sent and never dead-lettered, and its line of the delivery log says why.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from processors.platforms.base import Answer, Result

UNASKED: Final = Result("unwanted", "the account has no conversion set for this event")


def read(text: str, value: Callable[[str], str]) -> str:
    """The canonical form: JSON, by the event's name; `value` reads what belongs to one event and
    raises ValueError for what cannot.

    >>> read("Purchase=7, Lead = 8", str)
    '{"Lead":"8","Purchase":"7"}'

    Raises:
        ValueError: for a text that is no such map, or an empty one.
    """
    pairs = [(name.strip(), said.strip()) for name, said in _pairs(text.strip())]
    if not pairs or not all(name and said for name, said in pairs):
        raise ValueError("must be like Purchase=1,Lead=2")
    found = {name: value(said) for name, said in pairs}
    return json.dumps(found, sort_keys=True, separators=(",", ":"))


def _pairs(text: str) -> list[tuple[str, str]]:
    if text.startswith("{"):
        try:
            told = json.loads(text).items()
        except json.JSONDecodeError:
            return []
        return [(name, str(said) if isinstance(said, str | int) else "") for name, said in told]
    parts = [part.partition("=") for part in text.split(",") if part.strip()]
    return [(name, said) for name, _, said in parts]


def of(stored: str) -> Mapping[str, str]:
    """By the event's name; nothing when the tenant never said."""
    found: dict[str, str] = json.loads(stored) if stored else {}
    return found


def spread(answer: Answer, aside: Sequence[Result | None]) -> Answer:
    """The answer to a request, for all events: those that were left aside get what is said there,
    and the others, None there, what the platform said of them."""
    told = iter(answer.results)
    return replace(answer, results=tuple(left or next(told) for left in aside))
