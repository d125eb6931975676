"""Single values of vendors' bodies, and ids that tell nobody who it was."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from processors.domain.times import parse_time

_LONGEST: Final = 512


def text(said: Mapping[str, Any], *names: str) -> str | None:
    """The first of these fields that is a text or a number, cut to what a field may hold."""
    for name in names:
        value = said.get(name)
        if type(value) is int:
            return str(value)
        if type(value) is str and value.strip():
            return value.strip()[:_LONGEST]
    return None


def moment(said: Mapping[str, Any], *names: str) -> int | None:
    """Epoch milliseconds of the first of these fields that is a time."""
    for name in names:
        value = said.get(name)
        if type(value) is int or type(value) is str:
            try:
                return parse_time(value)
            except (ValueError, OverflowError):
                continue
    return None


def opaque(kind: str, vendors_id: str) -> str:
    """An id of ours for one of theirs: a message's id has the sender's phone number in it."""
    return hashlib.sha256(f"{kind}:{vendors_id}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def filled(**fields: Any) -> dict[str, Any]:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value is not None}
