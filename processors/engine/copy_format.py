"""Rows in the binary format of COPY, which costs the server and us a fraction of text.

The format: https://www.postgresql.org/docs/15/sql-copy.html (Binary Format); a field is its length
and the bytes that the type's receive function takes. Arrays have one dimension, from 1 on.
"""

import datetime
import struct
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

HEADER: Final = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
TRAILER: Final = struct.pack("!h", -1)
NULL: Final = struct.pack("!i", -1)

TEXT: Final = 25
DATE: Final = 1082
INTEGERS: Final = {2: 21, 4: 23, 8: 20}
"""By their size in bytes, and like the others as an array names the type of its elements."""

PREFIX: Final = 4
"""Bytes before each field, and before each element of an array."""

_EPOCH: Final = datetime.date(2000, 1, 1).toordinal()
_TRUE: Final = struct.pack("!ib", 1, 1)
_FALSE: Final = struct.pack("!ib", 1, 0)

_length = struct.Struct("!i").pack
_array = struct.Struct("!iiiiii").pack
_empty = struct.Struct("!iiii").pack


def begin(fields: int) -> bytes:
    """What a row of so many fields begins with."""
    return struct.pack("!h", fields)


def text(value: str | None) -> bytes:
    """A text, or null."""
    if value is None:
        return NULL
    encoded = value.encode()
    return _length(len(encoded)) + encoded


class Words(dict[str, bytes]):
    """Texts of which there are few, such as the names of channels, each encoded once."""

    def __missing__(self, value: str) -> bytes:
        encoded = self[value] = text(value)
        return encoded


def boolean(value: bool) -> bytes:
    """A boolean."""
    return _TRUE if value else _FALSE


def elements(values: npt.NDArray[np.int64], size: int) -> bytes:
    """Integers of `size` bytes, each `size + PREFIX` bytes: as elements of an array, of which each
    row takes a slice, or as fields."""
    made = np.empty(len(values), dtype=[("size", ">i4"), ("value", f">i{size}")])
    made["size"] = size
    made["value"] = values
    return made.tobytes()


def days(ordinals: npt.NDArray[np.int64]) -> bytes:
    """Dates, given as `date.toordinal` numbers them, in the same way: 8 bytes each."""
    return elements(ordinals - _EPOCH, 4)


def array(kind: int, count: int, length: int) -> bytes:
    """What an array begins with whose `count` elements follow in `length` bytes."""
    if not count:
        return _empty(12, 0, 0, kind)
    return _array(20 + length, 1, 0, kind, count, 1)


def texts(values: Sequence[bytes]) -> bytes:
    """A text[] of encoded texts."""
    encoded = b"".join(values)
    return array(TEXT, len(values), len(encoded)) + encoded
