"""What is copied in binary is what a reader finds."""

from collections.abc import AsyncIterator
from datetime import date

import asyncpg
import numpy as np

from processors.engine import copy_format as copy

TEXTS = ["", "plain", 'a "quoted", {braced} \\ \t\n', "grün 漢字 🛒", "NULL"]
NUMBERS = {2: [0, 1, -1, 2**15 - 1, -(2**15)], 4: [0, 7, 10**9, -(2**31), 2**31 - 1],
           8: [0, -1, 2**63 - 1, -(2**63), 10**12]}  # fmt: skip
DATES = [date(1, 1, 1), date(1999, 12, 31), date(2000, 1, 1), date(2026, 2, 28), date(9999, 12, 31)]
TABLE = """CREATE TEMP TABLE copied (n bigint, t text, b boolean, i bigint, d date, ts text[],
    ds date[], i2 smallint[], i4 integer[], i8 bigint[])"""


async def test_every_kind_of_field_arrives_as_it_was(database: str) -> None:
    flat = {size: np.array(values, dtype=np.int64) for size, values in NUMBERS.items()}
    encoded = {size: copy.elements(values, size) for size, values in flat.items()}
    rows = [
        b"".join(
            (
                copy.begin(10),
                copy.int8(n),
                copy.text(TEXTS[n]),
                copy.boolean(n % 2 == 0),
                copy.int8(NUMBERS[8][n]),
                copy.date(DATES[n]),
                copy.texts([copy.word(value) for value in TEXTS[:n]]),
                copy.dates([copy.date(value) for value in DATES[:n]]),
                *(copy.integers(encoded[size][: n * (size + 4)], size) for size in (2, 4, 8)),
            )
        )
        for n in range(5)
    ]
    rows.append(b"".join((copy.begin(10), copy.int8(5), copy.text(None), *[copy.NULL] * 8)))

    async def file() -> AsyncIterator[bytes]:
        yield copy.HEADER
        for row in rows:
            yield row
        yield copy.TRAILER

    conn = await asyncpg.connect(database)
    try:
        await conn.execute(TABLE)
        await conn.copy_to_table("copied", source=file(), format="binary")
        found = [tuple(row) for row in await conn.fetch("SELECT * FROM copied ORDER BY n")]
    finally:
        await conn.close()
    expected = [
        (n, TEXTS[n], n % 2 == 0, NUMBERS[8][n], DATES[n], TEXTS[:n], DATES[:n],
         *(NUMBERS[size][:n] for size in (2, 4, 8)))
        for n in range(5)
    ]  # fmt: skip
    assert found == [*expected, (5, *[None] * 9)]
