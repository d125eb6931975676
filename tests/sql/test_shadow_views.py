"""The views of shadow replays, by numbers that can be added up by hand."""

from datetime import date
from decimal import Decimal

import asyncpg
import pytest

MODELS = ("first_touch", "last_touch", "linear", "time_decay", "position_based", "data_driven",
          "last_non_direct", "custom")  # fmt: skip
LINEAR_30D = MODELS.index("linear") * 8 + 5
CUSTOM_30D = MODELS.index("custom") * 8 + 5
DAYS = date(2026, 3, 1), date(2026, 3, 2)


async def cell(
    conn: "asyncpg.Connection[asyncpg.Record]", side: str, channel: str, *, part: int = 0,
    day: date = DAYS[0], linear: tuple[int, int, int] = (0, 0, 0), custom: int | None = None,
) -> None:  # fmt: skip
    """A cell of either basis; `linear` is (touchpoints, credit in 1e-9, cents), `custom` cents."""
    arrays = [[0] * (56 if custom is None else 64) for _ in range(3)]
    for array, amount in zip(arrays, linear, strict=True):
        array[LINEAR_30D] = amount
    if custom is not None:
        arrays[2][CUSTOM_30D] = custom
    for basis in ("accrual", "cash"):
        await conn.execute(
            "INSERT INTO shadow_cells VALUES ('acme', 'r', $1, $2, $3, $4, 'x', $5, $6, $7, $8)",
            side, basis, day, channel, part, *arrays,
        )  # fmt: skip


@pytest.fixture
async def conn(database: str) -> "asyncpg.Connection[asyncpg.Record]":
    made = await asyncpg.connect(database)
    await made.execute("INSERT INTO tenants (tenant_id) VALUES ('acme')")
    await made.execute(
        "INSERT INTO shadow_runs (tenant_id, run_id, name, overrides, settings_version, promotions,"
        " currency, state, conversions)"
        " VALUES ('acme', 'r', '', '{}', 'v', 0, 'EUR', 'complete', 3)"
    )
    return made


async def test_sides_ranges_and_days_add_up_and_the_change_is_a_share_of_production(
    conn: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    billion = 10**9
    await cell(conn, "production", "email", linear=(2, billion, 1_000))
    await cell(conn, "production", "email", part=1, linear=(1, billion, 3_000))
    await cell(conn, "shadow", "email", linear=(1, billion // 2, 500))
    await cell(conn, "shadow", "email", day=DAYS[1], linear=(1, billion, 2_501))
    await cell(conn, "shadow", "affiliate", linear=(1, billion // 2, 999))
    rows = await conn.fetch(
        "SELECT channel, production_conversions, shadow_conversions, production_revenue,"
        " shadow_revenue, revenue_difference, relative_change FROM attribution_shadow_difference"
        " WHERE model = 'linear' AND attribution_window = '30d' ORDER BY channel"
    )
    assert [tuple(row) for row in rows] == [
        ("affiliate", 0, Decimal("0.5"), 0, Decimal("9.99"), Decimal("9.99"), None),
        ("email", 2, Decimal("1.5"), 40, Decimal("30.01"), Decimal("-9.99"), Decimal("-0.24975")),
    ]
    assert await conn.fetchval("SELECT count(*) FROM attribution_shadow_difference") == 2
    days = await conn.fetch(
        "SELECT basis, date, touchpoints, revenue, production_touchpoints, production_revenue"
        " FROM attribution_shadow_summary WHERE channel = 'email' ORDER BY basis, date"
    )
    assert [tuple(row) for row in days] == [
        (basis, *row)
        for basis in ("accrual", "cash")
        for row in ((DAYS[0], 1, 5, 3, 40), (DAYS[1], 1, Decimal("25.01"), 0, 0))
    ]
    await conn.close()


async def test_a_model_that_one_side_alone_has_is_shown_beside_nothing(
    conn: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    await cell(conn, "production", "email", linear=(1, 10**9, 700))
    await cell(conn, "shadow", "email", linear=(1, 10**9, 700), custom=350)
    rows = await conn.fetch(
        "SELECT model, production_revenue, shadow_revenue FROM attribution_shadow_difference"
        " ORDER BY model"
    )
    assert [tuple(row) for row in rows] == [("custom", 0, Decimal("3.5")), ("linear", 7, 7)]
    await conn.close()
