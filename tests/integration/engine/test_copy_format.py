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
    numbers = copy.elements(np.arange(6), 8)
    days = copy.days(np.array([day.toordinal() for day in DATES], dtype=np.int64))
    words = copy.Words()
    rows = [
        b"".join(
            (
                copy.begin(10),
                numbers[n * 12 : (n + 1) * 12],
                copy.text(TEXTS[n]),
                copy.boolean(n % 2 == 0),
                encoded[8][n * 12 : (n + 1) * 12],
                days[n * 8 : (n + 1) * 8],
                copy.texts([words[value] for value in TEXTS[:n]]),
                copy.array(copy.DATE, n, n * 8),
                days[: n * 8],
                *(
                    part
                    for size, kind in copy.INTEGERS.items()
                    for part in (
                        copy.array(kind, n, n * (size + 4)),
                        encoded[size][: n * (size + 4)],
                    )
                ),
            )
        )
        for n in range(5)
    ]
    rows.append(b"".join((copy.begin(10), numbers[60:], copy.text(None), *[copy.NULL] * 8)))

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
