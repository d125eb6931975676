"""Items as they travel: JSON that is the same every time it is sent, under an id that is, too.

An item without an `event_id` gets the one that the gateway would give it, the MD5 of its canonical
JSON. One that has no time either is stamped with the time of the call first, a millisecond later
than the last equal one: two equal calls stay two events, while a call that is sent twice is one.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import isfinite
from threading import Lock
from typing import Any, Final

from processors.domain.identifiers import is_junk
from processors.domain.ids import content_id

TOUCHPOINTS: Final = "/v1/touchpoints"
EVENTS: Final = "/v1/events"
ORDERS: Final = "/v1/orders"
IDENTIFY: Final = "/v1/identify"
CONSENT: Final = "/v1/consent"
SERVER_EVENTS: Final = "/api/v1/capi/events/batch"

_UNTIMED: Final = frozenset({ORDERS})
_MOST_DIGITS: Final = 2**63
_DEEPEST: Final = 100


class BadItem(ValueError):
    """An item that cannot be sent at all: which field, and why. Nothing was sent."""

    def __init__(self, field: str, error: str) -> None:
        super().__init__(f"{field} {error}".strip())
        self.field = field
        self.error = error


@dataclass(frozen=True, slots=True)
class Item:
    """An item on its way."""

    path: str
    event_id: str
    json: str

    @property
    def size(self) -> int:
        """In bytes: the JSON has none but ASCII."""
        return len(self.json)


class Stamper:
    """Makes items; `clock` tells epoch milliseconds."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._now = 0
        self._recent: dict[str, int] = {}
        self._lock = Lock()

    def item(self, path: str, said: Mapping[str, Any]) -> Item:
        """The item for a door.

        Raises:
            BadItem: for a value that has no form in JSON, by the name of its field.
        """
        fields = {name: plain(value, name) for name, value in said.items() if value is not None}
        given = fields.get("event_id")
        if given is None or is_junk(str(given)):
            fields.pop("event_id", None)
            with self._lock:
                fields["event_id"] = self._id(path, fields)
        text = json.dumps(fields, separators=(",", ":"), allow_nan=False)
        return Item(path, str(fields["event_id"]), text)

    def _id(self, path: str, fields: dict[str, Any]) -> str:
        if path in _UNTIMED or "occurred_at" in fields or "event_time" in fields:
            return content_id(fields)
        now = self._clock()
        if now > self._now:
            self._now = now
            self._recent = {made: at for made, at in self._recent.items() if at >= now}
        fields["occurred_at"] = now
        while (made := content_id(fields)) in self._recent:
            fields["occurred_at"] += 1
        self._recent[made] = fields["occurred_at"]
        return made


def plain(value: Any, name: str, depth: int = 0) -> Any:
    """The value in JSON's own types: money as its decimal text, moments as RFC 3339.

    Raises:
        BadItem: for what has none.
    """
    if depth > _DEEPEST:
        raise BadItem(name, "is nested too deeply")
    match value:
        case None | bool():
            return value
        case str():
            return _text(value, name)
        case int():
            if not -_MOST_DIGITS <= value < _MOST_DIGITS:
                raise BadItem(name, "is an integer of more than 64 bits; send it as text")
            return int(value)
        case float() if isfinite(value):
            return value
        case Decimal() if value.is_finite():
            return f"{value:f}"
        case datetime():
            if value.tzinfo is None:
                raise BadItem(name, "needs a time zone")
            return value.isoformat()
        case Mapping():
            return {
                _key(key, name): plain(inner, f"{name}.{key}", depth + 1)
                for key, inner in value.items()
                if inner is not None
            }
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return [plain(inner, f"{name}[{n}]", depth + 1) for n, inner in enumerate(value)]
        case float() | Decimal():
            raise BadItem(name, "is no finite number")
    raise BadItem(name, f"cannot be sent as a {type(value).__name__}")


def _text(value: str, name: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadItem(name, "has half a character, which no UTF-8 has") from None
    return str(value)


def _key(key: Any, name: str) -> str:
    if not isinstance(key, str):
        raise BadItem(name, "has a key that is no text")
    return _text(key, name)
