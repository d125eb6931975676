"""The body of a change: an object of known fields, each of its own kind."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from processors.gateway.body import parsed
from processors.gateway.refusal import Problem

LONGEST: Final = 256


def fields(body: bytes, known: Collection[str]) -> dict[str, Any]:
    """The fields of the body.

    Raises:
        Problem: 400 when it is no object of JSON, 422 naming what is unknown.
    """
    said = parsed(body)
    if not isinstance(said, dict):
        raise Problem(400, "bad_shape", "the body must be an object")
    unknown = sorted(name[:60] for name in said if name not in known)
    if unknown:
        detail = f"{', '.join(unknown)}: unknown; there are: {', '.join(known)}"
        raise Problem(422, "unknown_field", detail)
    return said


def text(said: Mapping[str, Any], name: str, *, longest: int = LONGEST) -> str:
    """A text that is not empty.

    Raises:
        Problem: 422 for anything else.
    """
    value = said.get(name)
    if not isinstance(value, str) or not value.strip():
        raise refused(name, "a text is required")
    if len(value) > longest or "\0" in value:
        raise refused(name, f"must be a text of {longest} characters at most")
    return value.strip()


def refused(name: str, error: str) -> Problem:
    """For a field that cannot be used."""
    return Problem(422, "bad_field", f"{name}: {error}")


def unknown(what: str) -> Problem:
    """For something that is not there."""
    return Problem(404, "not_found", f"there is no such {what}")
