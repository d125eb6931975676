"""Arrays as Postgres writes them in text.

A statement for a whole batch takes one value a column, and an array of arrays cannot have rows of
unequal length; the driver's own encoding of a long array of integers costs ten times as much, too.
"""

from collections.abc import Iterable, Sequence

import orjson

from processors.domain.attribution.models import IntArray


def integers(values: Sequence[int | None] | IntArray) -> str:
    """`{1,2,null}`."""
    inner = orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1]
    return f"{{{inner.decode()}}}"


def texts(values: Iterable[str]) -> str:
    """`{"a","b"}`, with a backslash before each quote and backslash of a value."""
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    inner = ",".join(f'"{value}"' for value in quoted)
    return f"{{{inner}}}"
