"""A row of a file, good or bad, and a file that cannot be read on."""

from dataclasses import dataclass
from typing import Any, Final

MAX_CHARACTERS: Final = 1_048_576
"""Of one line, or of one JSON value."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its place among the rows and the line where it begins, both from 1. A bad row has
    an `error` and no item."""

    number: int
    line: int
    item: Any = None
    error: str = ""


class Unreadable(Exception):
    """From this line on nothing can be read; the message says why."""

    def __init__(self, line: int, error: str) -> None:
        super().__init__(f"line {line}: {error}")
        self.line = line
        self.error = error
