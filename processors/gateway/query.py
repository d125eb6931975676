"""One parameter of a query, without reading all the others."""

from typing import Final
from urllib.parse import unquote_plus

_LONGEST: Final = 8_192
"""Bytes of a query that are looked at."""


def values(query: bytes, name: bytes) -> list[str]:
    """What the parameter says each time that it is there, decoded, in order."""
    if name not in query:
        return []
    return [
        unquote_plus(value.decode("latin-1"))
        for said, _, value in (part.partition(b"=") for part in query[:_LONGEST].split(b"&"))
        if said == name
    ]


def first(query: bytes, name: bytes) -> str:
    """The first value that says anything; empty for none."""
    if name not in query:
        return ""
    return next(filter(None, values(query, name)), "")


def without(query: bytes, names: frozenset[bytes]) -> bytes:
    """The query without these parameters."""
    return b"&".join(part for part in query.split(b"&") if part.partition(b"=")[0] not in names)
