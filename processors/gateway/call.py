"""A request to a handler's path, on its way through the application."""

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Final

from processors.gateway.body import Receive
from processors.gateway.cors import Header

Scope = MutableMapping[str, Any]

WHOLE: Final = "attributary.whole"
"""Where a scope may have a function that gives the body, if all of it is here: most are, and need
no wait."""


@dataclass(slots=True)
class Call:
    """One request to a handler's path: `rest` follows its prefix, `extra` takes the headers that
    the answer has beside the usual ones, `held` are the bytes of room that it takes, `body` is
    what could be read of its body."""

    scope: Scope
    headers: dict[bytes, bytes]
    receive: Receive
    rest: str
    extra: list[Header]
    held: int = 0
    body: bytes = b""
