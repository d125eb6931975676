"""Keys that an object of JSON has twice: which of the two is meant, nobody can know.

The parser keeps the last and says nothing. So what was read is written again: as long as the body,
nothing was lost. Else the colons are counted, and a body that has more of them than what was read
from it is read once more, slowly and by name.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson

from processors.gateway.refusal import Problem, Refused

_COLON: Final = b":"
ERROR: Final = "is there twice"


class _Twice(dict[str, Any]):
    """An object of which a key was lost."""

    key: str = ""


def suspect(body: bytes, said: Any) -> bool:
    """Whether the body seems to have said more than was read from it."""
    try:
        read = orjson.dumps(said)
    except TypeError:  # nested deeper than anything that is taken
        return False
    return len(read) != len(body) and body.count(_COLON) > read.count(_COLON)


def refuse(body: bytes, items: Sequence[Any], wrapper: str | None) -> list[Any]:
    """The items; in place of each that has a key twice, its refusal. `wrapper` is the key of the
    object around them, if there is one.

    Raises:
        Problem: 400 when it is that object, or something else in it, that has a key twice.
    """
    said = json.loads(body, object_pairs_hook=_object, parse_int=_nothing, parse_float=_nothing)
    if wrapper is not None:
        path = said.key if type(said) is _Twice else _path(said | {wrapper: None})
        if path is not None:
            raise Problem(400, "bad_json", f"{path[:100]}: {ERROR}")
        said = said[wrapper]
    inside = said if isinstance(said, list) else [said]
    paths = [_path(read) for read in inside]
    return [
        item if path is None else Refused(path, ERROR)
        for item, path in zip(items, paths, strict=True)
    ]


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    twice = None
    for key, value in pairs:
        if key in made and twice is None:
            twice = key
        made[key] = value
    if twice is None:
        return made
    lost = _Twice(made)
    lost.key = twice
    return lost


def _nothing(_: str) -> None:
    """Numbers do not matter, and some are longer than Python likes."""


def _path(value: Any, path: str = "") -> str | None:
    """Where the first key is that is there twice."""
    if type(value) is _Twice:
        return f"{path}.{value.key}" if path else value.key
    if isinstance(value, dict):
        for key, inner in value.items():
            if (found := _path(inner, f"{path}.{key}" if path else key)) is not None:
                return found
    elif isinstance(value, list):
        for inner in value:
            if (found := _path(inner, path)) is not None:
                return found
    return None
