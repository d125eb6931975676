"""Rows in the binary format of COPY, which costs the server and us a fraction of text.

The format: https://www.postgresql.org/docs/15/sql-copy.html (Binary Format); a field is its length
and the bytes that the type's receive function takes. Arrays have one dimension, from 1 on.
"""

import datetime
import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

HEADER: Final = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
TRAILER: Final = struct.pack("!h", -1)
NULL: Final = struct.pack("!i", -1)

_INTEGERS: Final = {2: 21, 4: 23, 8: 20}
"""Type of an array's elements by their size in bytes."""
_TEXT: Final = 25
_DATE: Final = 1082
_EPOCH: Final = datetime.date(2000, 1, 1).toordinal()
_TRUE: Final = struct.pack("!ib", 1, 1)
_FALSE: Final = struct.pack("!ib", 1, 0)

_length = struct.Struct("!i").pack
_int8 = struct.Struct("!iq").pack
_date = struct.Struct("!ii").pack
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


word = lru_cache(maxsize=16_384)(text)
"""A text of which there are few, such as the name of a channel."""


def boolean(value: bool) -> bytes:
    """A boolean."""
    return _TRUE if value else _FALSE


def int8(value: int | None) -> bytes:
    """A bigint, or null."""
    return NULL if value is None else _int8(8, value)


@lru_cache(maxsize=16_384)
def date(value: datetime.date) -> bytes:
    """A date."""
    return _date(4, value.toordinal() - _EPOCH)


def texts(encoded: Sequence[bytes]) -> bytes:
    """A text[] of encoded texts."""
    return _joined(_TEXT, len(encoded), b"".join(encoded))


def dates(encoded: Sequence[bytes]) -> bytes:
    """A date[] of encoded dates."""
    return _joined(_DATE, len(encoded), b"".join(encoded))


def elements(values: npt.NDArray[np.int64], size: int) -> bytes:
    """Integers of `size` bytes as elements of arrays: those of many rows are encoded at once, and
    each row's array is a slice of `size + 4` bytes an element."""
    made = np.empty(len(values), dtype=[("size", ">i4"), ("value", f">i{size}")])
    made["size"] = size
    made["value"] = values
    return made.tobytes()


def integers(encoded: bytes, size: int) -> bytes:
    """A smallint[], integer[] or bigint[] of such elements."""
    return _joined(_INTEGERS[size], len(encoded) // (size + 4), encoded)


def _joined(kind: int, count: int, encoded: bytes) -> bytes:
    if not count:
        return _empty(12, 0, 0, kind)
    return _array(20 + len(encoded), 1, 0, kind, count, 1) + encoded
