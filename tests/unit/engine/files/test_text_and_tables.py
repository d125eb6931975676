"""CSV of every usual encoding, delimiter and line end reads the same; damage is told by line."""

import io
from collections.abc import Callable
from typing import BinaryIO, Final, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.engine.files import Row, Unreadable, opened
from processors.engine.files.rows import MAX_CHARACTERS
from processors.engine.files.table import Table

TEXT: Final = 'name,city\nJosé,"Köln, am Rhein"\n"Zoë\nAnn",Łódź\n'
ITEMS: Final = [{"name": "José", "city": "Köln, am Rhein"}, {"name": "Zoë\nAnn", "city": "Łódź"}]
WESTERN: Final = "name,city\nJosé,Köln €\n"


class Dripping(io.RawIOBase):
    """Gives its bytes in the pieces that it is told."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        self._data = io.BytesIO(data)
        self._sizes = sizes

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._data.seek(offset, whence)

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        size = self._sizes.pop(0) if self._sizes else len(buffer)
        piece = self._data.read(min(max(size, 1), len(buffer)))
        buffer[: len(piece)] = piece
        return len(piece)


def dripping(data: bytes, sizes: list[int]) -> BinaryIO:
    """The same bytes in pieces of these sizes."""
    return io.BufferedReader(cast(io.RawIOBase, Dripping(data, sizes)), buffer_size=1)


def known(name: str) -> str | None:
    bare = name.strip().lower()
    return bare if bare in ("name", "city", "a", "b") else None


def rows(data: bytes, name_of: Callable[[str], str | None] = known) -> list[Row]:
    return list(Table(opened(io.BytesIO(data)), name_of).rows())


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_any_unicode_reads_with_and_without_a_mark(encoding: str) -> None:
    assert [row.item for row in rows(TEXT.encode(encoding))] == ITEMS


def test_what_is_no_utf_8_is_windows_1252_even_in_the_same_file() -> None:
    mixed = WESTERN.encode("cp1252") + "Zoë,Łódź\n".encode() + b"x,\x81\n"
    assert [row.item for row in rows(mixed)] == [
        {"name": "José", "city": "Köln €"},
        {"name": "Zoë", "city": "Łódź"},
        {"name": "x", "city": "\x81"},
    ]


@pytest.mark.parametrize("ends", [("\n", "\n"), ("\r\n", "\r\n"), ("\r", "\r"), ("\r\n", "\n")])
def test_any_line_ends_read_the_same(ends: tuple[str, str]) -> None:
    text = f"a,b{ends[0]}1,2{ends[1]}{ends[0]}3,4"
    found = rows(text.encode())
    assert [(row.number, row.line, row.item) for row in found] == [
        (1, 2, {"a": "1", "b": "2"}),
        (2, 4, {"a": "3", "b": "4"}),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    text = (
        f'sep={delimiter}\n A {delimiter}x{delimiter}"b"\n1{delimiter}0{delimiter}"2{delimiter}3"\n'
    )
    table = Table(opened(io.BytesIO(text.encode())), known)
    assert table.header.ignored == ("x",)
    assert [row.item for row in table.rows()] == [{"a": "1", "b": f"2{delimiter}3"}]


def test_of_two_columns_of_one_meaning_the_first_with_a_value_counts() -> None:
    assert [row.item for row in rows(b"a,A,b\n,2,3\n1,2,3\n")] == [
        {"a": "2", "b": "3"},
        {"a": "1", "b": "3"},
    ]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('"1"x,2', "',' expected after '\"'"),
        ("1,2,3", "has 3 cells, the header has 2"),
        ("x" * (MAX_CHARACTERS + 5), f"is longer than {MAX_CHARACTERS} characters"),
        ('"' + "y" * 200_000 + '",2', "a quote that is opened here is not closed within 131072"
                                      " characters"),
    ],
)  # fmt: skip
def test_a_damaged_row_is_told_by_its_line_and_takes_no_other(line: str, error: str) -> None:
    found = rows(f"a,b\n1,2\n{line}\n3,4\n".encode())
    assert [(row.line, row.error) for row in found] == [(2, ""), (3, error), (4, "")]


def test_a_quote_that_is_never_closed_is_told_where_it_opens() -> None:
    found = rows(b'a,b\n1,2\n"3,4\n5,6\n')
    assert [(row.line, row.error) for row in found] == [
        (2, ""),
        (3, "a quote that is opened here is never closed"),
    ]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"\n \r\n", "the file is empty"),
        (b"x,y\n1,2\n", "the header has no column that we know"),
        (b"x" * (MAX_CHARACTERS + 1), "the header is too long"),
        (b"PK\x03\x04rest", "the file is an Excel workbook or a zip archive, not text: export it"
                            " as CSV or JSON"),
    ],
)  # fmt: skip
def test_a_file_without_any_row_of_ours_is_refused(data: bytes, error: str) -> None:
    with pytest.raises(Unreadable) as caught:
        rows(data)
    assert caught.value.error == error


@given(
    cells=st.lists(st.lists(st.text(max_size=6), min_size=2, max_size=2), max_size=12),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    sizes=st.lists(st.integers(1, 9), max_size=60),
    ends=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_any_split_of_the_bytes_gives_the_same_rows(
    cells: list[list[str]], encoding: str, sizes: list[int], ends: str
) -> None:
    lines = ["a,b", *(",".join('"' + c.replace('"', '""') + '"' for c in row) for row in cells)]
    data = ends.join(lines).encode(encoding, "replace")
    dripped = opened(dripping(data, sizes))
    assert list(Table(dripped, known).rows()) == rows(data)
