"""Walking through a vendor's JSON without trusting its shape."""

from collections.abc import Mapping
from typing import Any


def at(value: Any, *path: str) -> dict[str, Any]:
    """The object at the path; empty when there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if type(value) is dict else {}


def rows(said: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of a list; a row that is no object is empty."""
    found = said.get(name)
    return [at(row) for row in found] if type(found) is list else []
