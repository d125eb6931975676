"""The job that predicts customers: from orders to predictions, and only what has changed again."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from processors.domain.ltv.cells import Cells
from processors.domain.ltv.predict import predict
from processors.engine.postgres import Database, Row
from processors.platforms.reading import ReadingSettings
from processors.schedule.ltv import fitting
from processors.schedule.ltv.job import predict_all
from processors.schedule.settings import ScheduleSettings
from processors.schedule.tools import Failed, Tools
from tests.support.ltv_people import made

NOW = datetime(2026, 9, 2, 3, tzinfo=UTC)
ORDERS = """
INSERT INTO conversions (tenant_id, conversion_id, source, order_id, person_id, currency, gross,
    refunded, net, converted_at, status, state, deliverable, folded)
SELECT $1, o.person || '-' || o.days_ago, 'api', o.person || '-' || o.days_ago, o.person, $2,
    o.net, 0, o.net, $3::timestamptz - o.days_ago * interval '1 day', 'paid', 'ready', true, '{}'
FROM unnest($4::text[], $5::integer[], $6::bigint[]) AS o (person, days_ago, net)"""
JOURNEY = """
INSERT INTO journeys (tenant_id, conversion_id, converted_at, revenue, date, counts, path, steps,
    touches, seconds, path_starts, steps_starts)
SELECT $1, $2, now(), $3, current_date, true, $4, '', a, a, a, a
FROM (SELECT array_fill(0, ARRAY[8])) AS none (a)"""
NONE: dict[str, Any] = {"fitted": {}, "failed": {}}


@dataclass(frozen=True, slots=True)
class Shop:
    """The operator's connections, and the job's tools."""

    owner: Database
    tools: Tools

    async def run(self, *, later_days: int = 0) -> dict[str, Any]:
        """The job, so many days later."""
        now = round((NOW + timedelta(days=later_days)).timestamp() * 1_000)
        return await predict_all(replace(self.tools, clock=lambda: now), None)

    async def orders(
        self, tenant: str, rows: list[tuple[str, int, int]], *, currency: str = "USD"
    ) -> None:
        """Orders of (person, days ago, minor units)."""
        async with self.owner.connection() as conn:
            await conn.execute(ORDERS, tenant, currency, NOW, *map(list, zip(*rows, strict=True)))

    async def predictions(self, tenant: str) -> dict[str, Row]:
        """By person."""
        async with self.owner.connection() as conn:
            rows = await conn.fetch(
                "SELECT * FROM customer_ltv_predictions WHERE tenant_id = $1", tenant
            )
        return {row["person_id"]: row for row in rows}

    async def execute(self, query: str, *args: object) -> None:
        """As the operator."""
        async with self.owner.connection() as conn:
            await conn.execute(query, *args)


@pytest_asyncio.fixture
async def shop(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    monkeypatch.setenv("ATTRIBUTARY_LTV_CHUNK_ORDERS", "500")
    unused: Any = None
    owner = await Database.connect(database, application_name="test", max_size=1)
    db = await Database.connect(
        database, role="attributary_scheduler", application_name="test", max_size=2
    )
    tools = Tools(
        db=db, producer=unused, cluster=unused, vault=unused, settings=ScheduleSettings.load(),
        reading=ReadingSettings.load(), clock=lambda: 0,
    )  # fmt: skip
    try:
        async with owner.connection() as conn:
            await conn.execute("INSERT INTO tenants VALUES ('acme'), ('small'), ('empty')")
        yield Shop(owner, tools)
    finally:
        await db.close()
        await owner.close()


def bought(count: int, *, seed: int) -> list[tuple[str, int, int]]:
    """Orders of people as the models have them, a week of theirs being a day."""
    people = made(count, seed=seed, span=300, later=0)
    rng = np.random.default_rng(seed)
    rows: list[tuple[str, int, int]] = []
    cells = people.cells
    for place in range(count):
        age, recency = round(float(cells.age[place])), round(float(cells.recency[place]))
        x = min(int(cells.frequency[place]), recency)
        later = rng.choice(np.arange(1, max(recency, 2)), size=max(x - 1, 0), replace=False)
        days = {age, *([age - recency] if x else []), *(age - int(day) for day in later)}
        value = float(people.values[place]) or 40
        rows += [(f"p{place:04}", day + 1, max(1, round(value * 100))) for day in days]
    return rows


async def test_every_customer_is_predicted_as_the_model_says_and_again_only_what_has_changed(
    shop: Shop,
) -> None:
    orders = bought(700, seed=7)
    await shop.orders("acme", orders)
    await shop.orders("small", [("a", 90, 1_000), ("a", 30, 3_000), ("b", 60, 2_000)])
    await shop.execute(JOURNEY, "small", "a-90", 1_000, "email > paid_social")

    detail = await shop.run()
    assert detail["fitted"] == {"acme": "bg_nbd_gamma_gamma", "small": "shrunk_rate"}
    assert detail["written"] == {"acme": 700, "small": 2}

    async with shop.owner.connection() as conn:
        row = await fitting.latest(conn, "acme")
        kept = await conn.fetchrow("SELECT * FROM customer_ltv_models WHERE tenant_id = 'acme'")
    assert row is not None
    assert kept is not None
    assert kept["holdout_days"] == 91
    assert float(kept["holdout_expected"]) == pytest.approx(kept["holdout_purchases"], rel=0.2)
    assert 0.75 < kept["holdout_coverage"] <= 1
    told = await shop.predictions("acme")
    days: dict[str, list[int]] = {}
    for person, day, _ in orders:
        days.setdefault(person, []).append(day)
    one = max(days, key=lambda person: len(days[person]))
    seen, first, last = told[one], max(days[one]), min(days[one])
    assert (seen["frequency"], seen["recency_days"]) == (len(days[one]) - 1, first - last)
    assert seen["age_days"] == first - 1
    x = np.array([seen["frequency"]])
    cell = Cells(x, np.array([float(first - last)]), np.array([first - 1.0]), np.ones(1))
    said = predict(fitting.model_of(row), cell, 365)
    base = (said.base + x * float(seen["monetary_value"]) * 100) / 100
    assert float(seen["expected_purchases"]) == pytest.approx(said.purchases[0], rel=1e-4)
    assert float(seen["predicted_revenue"]) == pytest.approx((said.revenue * base)[0], rel=1e-4)
    assert float(seen["revenue_high"]) == pytest.approx((said.revenue_high * base)[0], rel=1e-4)

    small = await shop.predictions("small")
    assert small["a"]["first_channel"] == "email"
    assert small["b"]["first_channel"] is None
    assert small["a"]["revenue_high"] is None
    assert (small["a"]["revenue"], small["a"]["monetary_value"]) == (40, 30)

    assert await shop.run() == {"written": {"acme": 0, "small": 0}, **NONE}
    await shop.orders("acme", [(one, -1, 2_000), ("new", -1, 2_000)])
    detail = await shop.run(later_days=2)
    assert (detail["written"]["acme"], "acme" in detail["fitted"]) == (2, False)
    assert (await shop.predictions("acme"))[one]["frequency"] == len(days[one])
    detail = await shop.run(later_days=7)
    assert detail["written"]["acme"] == 701, "a new model, a week later"


async def test_who_is_suppressed_refunded_or_merged_has_no_prediction(shop: Shop) -> None:
    await shop.orders("small", [(person, 30, 1_000) for person in "abcz"])
    await shop.run()
    assert set(await shop.predictions("small")) == set("abcz")
    await shop.execute("INSERT INTO identity_nodes VALUES ('small', 'email:x', 'b', false)")
    await shop.execute(
        "INSERT INTO consent_flags VALUES ('small', 'email:x', 'processing', 'denied', 1, 'k')"
    )
    await shop.execute("UPDATE conversions SET person_id = 'a' WHERE person_id = 'z'")
    await shop.execute("UPDATE conversions SET net = 0 WHERE person_id = 'c'")
    detail = await shop.run()
    assert detail["failed"] == {}
    assert {p: r["orders"] for p, r in (await shop.predictions("small")).items()} == {"a": 2}
    await shop.execute("DELETE FROM conversions")
    await shop.run()
    assert await shop.predictions("small") == {}


async def test_orders_of_another_currency_count_at_their_rate_and_not_before_it_is_known(
    shop: Shop,
) -> None:
    await shop.orders("small", [("a", 30, 700), ("b", 20, 900)], currency="NOK")
    await shop.execute(JOURNEY, "small", "a-30", 70, "")
    await shop.run()
    (found,) = (await shop.predictions("small")).values()
    assert (found["person_id"], float(found["revenue"])) == ("a", 0.7)
    assert (found["currency"], found["first_channel"]) == ("USD", "unattributed")


async def test_weeks_instead_of_days_tell_nearly_the_same(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.orders("acme", bought(700, seed=9))
    await shop.run()
    fine = await shop.predictions("acme")
    monkeypatch.setenv("ATTRIBUTARY_LTV_FINE_ORDERS", "100")
    detail = await shop.run()
    assert detail["fitted"] == {"acme": "bg_nbd_gamma_gamma"}, "the step has changed"
    coarse = await shop.predictions("acme")
    sums = [sum(r["expected_purchases"] for r in rows.values()) for rows in (fine, coarse)]
    assert float(sums[1]) == pytest.approx(float(sums[0]), rel=0.05)


async def test_a_tenant_that_fails_hurts_only_itself(shop: Shop) -> None:
    await shop.orders("acme", [("a", 30, 1_000)])
    await shop.orders("small", [("a", 30, 1_000)])
    await shop.execute(
        "INSERT INTO tenant_settings VALUES ('acme', 'time_zone', 'No/Where', 1, '')"
    )
    with pytest.raises(Failed, match="were not predicted") as raised:
        await shop.run()
    detail = raised.value.detail
    assert list(detail["failed"]) == ["acme"]
    assert detail["written"] == {"small": 1}
    async with shop.owner.connection() as conn:
        assert await fitting.latest(conn, "small") is not None
