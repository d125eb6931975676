"""`attribution_explanations`: why each touch got what it got, for whoever asks in SQL."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from processors.domain.attribution import model_document
from processors.engine.postgres import Database
from schemas.command import PromoteModel
from tests.integration.commands.test_explain import command, drained, order, setting, touch

PATH = (
    touch("search", visitor="laptop", hours=24 * 20, gclid="g"),
    touch("mail", visitor="laptop", hours=24 * 10, utm_medium="email", utm_source="klaviyo"),
    touch("social", visitor="laptop", hours=24 * 6, fbclid="f"),
    touch("typed", visitor="laptop", hours=12),
)


@pytest.fixture
async def db(database: str) -> AsyncIterator[Database]:
    found = await Database.connect(database, application_name="test", max_size=4)
    yield found
    await found.close()


async def reasons(db: Database, model: str, window: str = "30d") -> list[tuple[Decimal, str]]:
    async with db.connection() as conn:
        rows = await conn.fetch(
            "SELECT credit, reason FROM attribution_explanations"
            " WHERE tenant_id = 'acme' AND model = $1 AND attribution_window = $2 ORDER BY place",
            model,
            window,
        )
    return [(row["credit"].normalize(), row["reason"]) for row in rows]


async def test_each_model_says_by_which_rule_a_touch_earned(db: Database) -> None:
    await drained(db, setting("half_life_days", "9.5"), *PATH, order())
    none, whole, half = Decimal(0), Decimal(1), Decimal("0.5")
    assert await reasons(db, "first_touch") == [
        (whole, "the first of 4"), *[(none, "not the first")] * 3,
    ]  # fmt: skip
    assert await reasons(db, "last_touch", "7d") == [
        (none, "not the last"), (whole, "the last of 2"),
    ]  # fmt: skip
    assert await reasons(db, "linear", "14d") == [
        (share, "one of 3, all alike")
        for share in (Decimal("0.333333334"), Decimal("0.333333333"), Decimal("0.333333333"))
    ]
    assert [reason for _, reason in await reasons(db, "time_decay")] == [
        f"weighs 2^-({days} / 9.5): so many days before the last touch, by the half-life"
        for days in ("19.50", "9.50", "5.50", "0.00")
    ]
    assert await reasons(db, "position_based") == [
        (Decimal("0.4"), "the first of 4: 40 %"),
        *[(Decimal("0.1"), "one of 2 between the first and the last: 20 % among them")] * 2,
        (Decimal("0.4"), "the last of 4: 40 %"),
    ]
    assert await reasons(db, "position_based", "7d") == [
        (half, "the first of 2: half"), (half, "the last of 2: half"),
    ]  # fmt: skip
    assert await reasons(db, "last_non_direct", "14d") == [
        (none, "not the last that is not direct"),
        (whole, "the last that is not direct"),
        (none, "direct"),
    ]
    assert await reasons(db, "last_non_direct", "1d") == [(whole, "the only touch")]
    assert {reason for _, reason in await reasons(db, "data_driven")} == {
        "one of 4, all alike: no trained model stands for this order"
    }


async def test_a_trained_models_reason_is_the_effect_of_the_touchs_channel_and_age(
    db: Database,
) -> None:
    document = model_document.document(
        recency_days=(7,), saturation=3, intercept=-3_000_000,
        effects={"paid_search": (100_000, 400_000), "email": (0, 800_000), "direct": (200_000, 0)},
    )  # fmt: skip
    await drained(db, command(PromoteModel(document=document)), *PATH, order())
    version = model_document.version(document)
    found = await reasons(db, "data_driven")
    assert [reason for _, reason in found] == [
        f"model {version}: paid_search of this age adds 0.400 to the log odds",
        f"model {version}: email of this age adds 0.800 to the log odds",
        f"model {version} never saw paid_social",
        f"model {version}: direct of this age adds 0.200 to the log odds",
    ]
    shares = [credit for credit, _ in found]
    assert sum(shares) == 1
    assert shares[1] > shares[0] > shares[3] > shares[2] == 0


async def test_the_view_tells_of_the_very_rows_of_the_results(db: Database) -> None:
    await drained(db, setting("custom_model", "{}"), *PATH, order())
    key = "conversion_id, touchpoint_id, model, attribution_window, credit, attributed_revenue"
    async with db.connection() as conn:
        told, shown, both = [
            await conn.fetchval(f"SELECT count(*) FROM ({query}) AS rows")
            for query in (
                f"SELECT {key} FROM attribution_explanations",
                f"SELECT {key} FROM attribution_results",
                f"SELECT {key} FROM attribution_explanations WHERE reason <> ''"
                f" INTERSECT SELECT {key} FROM attribution_results",
            )
        ]
    assert told == shown == both > 0
