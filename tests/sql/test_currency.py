"""The functions that the views count money with."""

from decimal import Decimal

import asyncpg

from processors.domain.money import EXPONENTS, to_decimal


async def test_currencies_have_the_decimals_that_the_pipeline_gives_them(database: str) -> None:
    conn = await asyncpg.connect(database)
    codes = [*EXPONENTS, "XXX", "usd", "", None]
    rows = await conn.fetch(
        "SELECT code, attributary_decimals(code) AS decimals,"
        " 12345 * attributary_unit(code) AS amount FROM unnest($1::text[]) AS code",
        codes,
    )
    await conn.close()
    assert {row["code"]: row["decimals"] for row in rows} == {
        code: EXPONENTS.get(code or "") for code in codes
    }
    for row in rows:
        if row["decimals"] is not None:
            assert str(row["amount"]) == str(to_decimal(12345, row["code"]))


async def test_halves_go_to_the_even_neighbour(database: str) -> None:
    conn = await asyncpg.connect(database)
    values = [Decimal(n) / 4 for n in range(20)]
    rows = await conn.fetch(
        "SELECT attributary_half_even(v)::int AS whole FROM unnest($1::numeric[]) AS v", values
    )
    await conn.close()
    assert [row["whole"] for row in rows] == [round(value) for value in values]
