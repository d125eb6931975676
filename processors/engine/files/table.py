"""CSV: delimiter and header found by themselves, quoted line ends, any line ends."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import TextIOBase
from typing import Final

from processors.engine.files.rows import MAX_CHARACTERS, Row, Unreadable

_DELIMITERS: Final = ",;\t|"
_ENDS: Final = ("\n", "\r")
_FAULTS: Final = {
    "unexpected end of data": "a quote that is opened here is never closed",
    "field larger than field limit (131072)": "a quote that is opened here is not closed within"
    " 131072 characters",
}

NameOf = Callable[[str], str | None]


class _TooLong(Exception):
    """A line without an end."""


class _Lines:
    """Lines with their number; one that is too long is passed over."""

    def __init__(self, text: TextIOBase) -> None:
        self._read = text.readline
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._read(MAX_CHARACTERS)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == MAX_CHARACTERS and not line.endswith(_ENDS):
            while (more := self._read(MAX_CHARACTERS)) and not more.endswith(_ENDS):
                pass
            raise _TooLong
        return line


@dataclass(frozen=True, slots=True)
class Header:
    """Which cell holds what. `ignored` are names that mean nothing to us."""

    delimiter: str
    width: int
    cells: tuple[tuple[int, str], ...]
    ignored: tuple[str, ...]


class Table:
    """A CSV file: its header, then its rows, once."""

    def __init__(self, text: TextIOBase, name_of: NameOf) -> None:
        """`name_of` gives the meaning of a column's name, or None.

        Raises:
            Unreadable: when the file is empty or no column of its header means anything.
        """
        self._lines = _Lines(text)
        self.header = self._header(name_of)

    def _header(self, name_of: NameOf) -> Header:
        try:
            line = next((line for line in self._lines if line.strip()), None)
            if line is not None and line[:4].lower() == "sep=":
                line = next((line for line in self._lines if line.strip()), None)
        except _TooLong:
            raise Unreadable(self._lines.number, "the header is too long") from None
        if line is None:
            raise Unreadable(self._lines.number or 1, "the file is empty")
        found = [_read_header(line, delimiter, name_of) for delimiter in _DELIMITERS]
        best = max(found, key=lambda header: len(header.cells))
        if not best.cells:
            raise Unreadable(self._lines.number, "the header has no column that we know")
        return best

    def rows(self) -> Iterator[Row]:
        """Every row that is not blank; cells under known names that are not empty."""
        header, lines = self.header, self._lines
        reader = csv.reader(lines, delimiter=header.delimiter, strict=True)
        number = 0
        while True:
            line = lines.number + 1
            error, cells = "", []
            try:
                cells = next(reader)
            except StopIteration:
                return
            except _TooLong:
                error = f"is longer than {MAX_CHARACTERS} characters"
            except csv.Error as fault:
                error = _FAULTS.get(str(fault), str(fault))
            if not error and not any(map(str.strip, cells)):
                continue
            number += 1
            if any(map(str.strip, cells[header.width :])):
                error = f"has {len(cells)} cells, the header has {header.width}"
            if error:
                yield Row(number, line, error=error)
            else:
                yield Row(number, line, _item(cells, header))


def _read_header(line: str, delimiter: str, name_of: NameOf) -> Header:
    try:
        names = next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        names = []
    meant = [(place, name, name_of(name)) for place, name in enumerate(names)]
    return Header(
        delimiter,
        len(names),
        tuple((place, meaning) for place, _, meaning in meant if meaning),
        tuple(name.strip()[:128] for _, name, meaning in meant if not meaning and name.strip()),
    )


def _item(cells: Sequence[str], header: Header) -> dict[str, str]:
    """Of two columns of one meaning the first that is not empty counts."""
    item: dict[str, str] = {}
    for place, name in header.cells:
        if place < len(cells) and name not in item and (value := cells[place].strip()):
            item[name] = value
    return item
