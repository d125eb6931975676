"""Rows of a Parquet file, as a stream, in the types that JSON has."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from processors.commands.operator import Refused
from processors.engine.files import Row

_CHUNK: Final = 1_000
_MEMORY: Final = "256MB"


Opened = tuple[set[str], int, Iterator[Row], Callable[[], int], Callable[[], None]]


def rows(path: Path) -> Opened:
    """Names of the columns, number of rows, the rows, how many have been read, how to close it.

    Raises:
        Refused: without the library, or when the file is no Parquet.
    """
    try:
        import duckdb
    except ImportError:
        raise Refused("Parquet needs DuckDB: pip install 'attributary[import]'") from None
    connection = duckdb.connect(config={"threads": 1, "memory_limit": _MEMORY})
    connection.execute("SET TimeZone = 'UTC'")
    try:
        counted = connection.execute("SELECT count(*) FROM read_parquet(?)", [str(path)]).fetchone()
        cursor = connection.execute("SELECT * FROM read_parquet(?)", [str(path)])
    except duckdb.Error as error:
        raise Refused(f"{path}: {str(error).splitlines()[0]}") from None
    names = [column[0] for column in cursor.description or ()]
    read = 0

    def found() -> Iterator[Row]:
        nonlocal read
        while chunk := cursor.fetchmany(_CHUNK):
            for values in chunk:
                read += 1
                item = {
                    name: _plain(value)
                    for name, value in zip(names, values, strict=True)
                    if value is not None
                }
                yield Row(read, read, item)

    return set(names), counted[0] if counted else 0, found(), lambda: read, connection.close


def _plain(value: Any) -> Any:
    """A time without a zone is UTC; a number that is none is nothing."""
    match value:
        case datetime():
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case float():
            return value if isfinite(value) else None
        case bytes() | bytearray():
            return bytes(value).decode("utf-8", "replace")
        case dict():
            return {str(key): _plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case None | bool() | int() | str():
            return value
        case UUID():
            return str(value)
    return str(value)
