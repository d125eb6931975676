"""The rows of a file that was received, whichever of the forms it has."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from io import TextIOBase
from itertools import chain
from typing import Any, Final

from processors.domain.columns import ORDERS, plain
from processors.engine.files import Row, Unreadable
from processors.engine.files.objects import Objects
from processors.engine.files.table import Table

_NEEDED: Final = (("ordered_at", "occurred_at"), ("revenue", "value"))


@dataclass(slots=True)
class Content:
    """Rows, what stands beside them, and what the caller should know."""

    rows: Iterator[Row]
    beside: Mapping[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    """Filled while the rows are read: names that came after them, too late to count."""


def content(text: TextIOBase, *, wrappers: Collection[str], currency: bool) -> Content:
    """The rows of the text; `currency` tells that rows need none of their own.

    Raises:
        Unreadable: when there cannot be any good row in it.
    """
    if _first(text) in ("[", "{"):
        objects = Objects(text, wrappers)
        return Content(_some(objects.rows()), objects.beside, late=objects.late)
    table = Table(text, _meaning)
    names = {name for _, name in table.header.cells}
    needed = [*_NEEDED, *(() if currency else (("currency", "currency"),))]
    if missing := [told for name, told in needed if name not in names]:
        raise Unreadable(1, f"the header has no column {', no column '.join(missing)}")
    ignored = ", ".join(table.header.ignored[:20])
    rows = _some(table.rows())
    return Content(rows, warnings=[f"ignored columns: {ignored}"] if ignored else [])


def _some(rows: Iterator[Row]) -> Iterator[Row]:
    """The same rows, of which there is one at least."""
    first = next(rows, None)
    if first is None:
        raise Unreadable(1, "the file has no rows")
    return chain((first,), rows)


def _meaning(name: str) -> str | None:
    return ORDERS.get(plain(name))


def _first(text: TextIOBase) -> str:
    """The first character that is no blank; the text is at its beginning again."""
    found = ""
    while not found and (piece := text.read(4_096)):
        found = piece.lstrip()[:1]
    text.seek(0)
    return found
