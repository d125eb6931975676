"""What is kept of customers and cohorts is what their orders say, whatever happened to them."""

import random
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Any, Final

import asyncpg
import pytest
from cryptography.fernet import Fernet

from processors.engine.cluster import Cluster
from processors.engine.kafka import Producer
from processors.engine.postgres import Database
from processors.engine.vault import Vault
from processors.platforms.reading import ReadingSettings
from processors.schedule import customers
from processors.schedule.settings import ScheduleSettings
from processors.schedule.tools import Tools
from tests.sql.delivered import DAY, Connection, insert, order, rows

STEPS: Final = 60
KEPT: Final = {
    "attribution_customer_orders": "attributary_customers_on",
    "attribution_cohort_orders": "attributary_cohorts_on",
}
EVERY_DAY: Final = "generate_series(date '2025-12-01', date '2026-04-30', interval '1 day')"


@pytest.fixture
async def conn(database: str) -> AsyncIterator[Connection]:
    opened = await asyncpg.connect(database)
    await opened.execute("INSERT INTO tenants VALUES ('acme'), ('rival')")
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture
async def tools(database: str) -> AsyncIterator[Tools]:
    db = await Database.connect(database, role="attributary_scheduler", application_name="test")
    try:
        yield Tools(
            db=db,
            producer=Producer("127.0.0.1:1", prefix=""),
            cluster=lambda: Cluster("127.0.0.1:1", prefix=""),
            vault=Vault(Fernet.generate_key().decode()),
            settings=ScheduleSettings.load(),
            reading=ReadingSettings.load(),
            clock=lambda: round(DAY.timestamp() * 1_000),
        )
    finally:
        await db.close()


async def shown(conn: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Of each view what is not empty."""
    return {
        view: await rows(conn, f"SELECT * FROM {view} WHERE orders > 0 ORDER BY 1, 2, 3, 4")
        for view in KEPT
    }


async def counted(conn: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """The same from the orders, every day of them."""
    return {
        view: await rows(
            conn,
            f"SELECT t.tenant_id, day::date, own.* FROM tenants AS t, {EVERY_DAY} AS day,"
            f" LATERAL {function}(t.tenant_id, day::date) AS own ORDER BY 1, 2, 3, 4",
        )
        for view, function in KEPT.items()
    }


class Shop:
    """A few people's orders, to which anything may happen."""

    def __init__(self, conn: Connection, seed: int) -> None:
        self.conn = conn
        self.chance = random.Random(seed)
        self.made = 0

    async def step(self) -> None:
        await self.chance.choice((
            self.buy, self.buy, self.credit, self.credit, self.credit, self.restate, self.merge,
            self.forget, self.move, self.recredit, self.bulk,
        ))()  # fmt: skip

    def when(self) -> datetime:
        return DAY + timedelta(hours=self.chance.randrange(-1_500, 1_000))

    def someone(self) -> str | None:
        return self.chance.choice(("ann", "bob", "eve", None))

    def some(self) -> str:
        return f"api {self.chance.randrange(max(1, self.made))}"

    async def buy(self) -> None:
        await order(
            self.conn, "api", str(self.made), converted_at=self.when(), person_id=self.someone(),
            gross=100, currency=self.chance.choice(("USD", "EUR")),
            status=self.chance.choice(("paid", "paid", "cancelled")),
            state=self.chance.choice(("ready", "ready", "pending_order")),
        )  # fmt: skip
        self.made += 1

    async def credit(self) -> None:
        """What summary does with an order that it had not shown."""
        await self.conn.execute(
            "INSERT INTO journeys (converted_at, revenue, date, counts, tenant_id, conversion_id,"
            " path, steps, touches, seconds, path_starts, steps_starts)"
            " SELECT converted_at, net, (converted_at AT TIME ZONE 'UTC')::date, $2, tenant_id,"
            " conversion_id, $3, $3, '{}', '{}', '{}', '{}' FROM conversions"
            " WHERE conversion_id = $1 ON CONFLICT DO NOTHING",
            self.some(), self.chance.random() < 0.8, self.path(),
        )  # fmt: skip

    def path(self) -> str:
        return self.chance.choice(("email", "direct > email", ""))

    async def recredit(self) -> None:
        await self.conn.execute(
            "UPDATE journeys SET path = $2, revenue = $3, counts = $4 WHERE conversion_id = $1",
            self.some(), self.path(), self.chance.randrange(50), self.chance.random() < 0.8,
        )  # fmt: skip

    async def restate(self) -> None:
        await self.conn.execute(
            "UPDATE conversions SET status = $2, net = $3 WHERE conversion_id = $1",
            self.some(), self.chance.choice(("paid", "cancelled", "refunded")),
            self.chance.randrange(100),
        )  # fmt: skip

    async def merge(self) -> None:
        """Two people are found to be one, or an order to be nobody's."""
        await self.conn.execute(
            "UPDATE conversions SET person_id = $2 WHERE person_id = $1",
            self.someone(), self.someone(),
        )  # fmt: skip

    async def move(self) -> None:
        await self.conn.execute(
            "UPDATE conversions SET converted_at = $2 WHERE conversion_id = $1",
            self.some(), self.when(),
        )  # fmt: skip
        await self.conn.execute(
            "UPDATE journeys AS j SET converted_at = c.converted_at,"
            " date = (c.converted_at AT TIME ZONE 'UTC')::date FROM conversions AS c"
            " WHERE c.conversion_id = j.conversion_id AND c.converted_at <> j.converted_at"
        )

    async def forget(self) -> None:
        table = self.chance.choice(("journeys", "conversions"))
        await self.conn.execute(f"DELETE FROM {table} WHERE conversion_id = $1", self.some())

    async def bulk(self) -> None:
        """Some at once, new ones beside changed ones."""
        await self.conn.execute(
            "INSERT INTO conversions SELECT 'acme', 'api ' || n, 'api', n::text, NULL, NULL, NULL,"
            " $3, 'USD', 100, 0, 100, $4::timestamptz + (n % 4) * interval '9 days',"
            " 'paid', 'ready', true, '{}'"
            " FROM generate_series($1::int, $2) AS n ON CONFLICT (tenant_id, conversion_id)"
            " DO UPDATE SET person_id = excluded.person_id, status = 'paid', state = 'ready'",
            max(0, self.made - 2), self.made + 1, self.someone(), self.when() - timedelta(days=20),
        )  # fmt: skip
        self.made += 2


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_happens_to_orders_what_is_shown_is_what_they_say(
    conn: Connection, tools: Tools, seed: int
) -> None:
    shop = Shop(conn, seed)
    for _ in range(STEPS):
        for _ in range(shop.chance.randrange(1, 5)):
            await shop.step()
        if shop.chance.random() < 0.7:
            await customers.count(tools, None)
            assert await rows(conn, "SELECT * FROM customer_days_due") == []
        assert await shown(conn) == await counted(conn)
    assert all((await shown(conn)).values())


async def test_a_day_is_read_from_what_is_kept_unless_it_is_marked(
    conn: Connection, tools: Tools
) -> None:
    await order(conn, "api", "1", person_id="ann", gross=100, currency="USD")
    shop = Shop(conn, 0)
    shop.made = 1
    await insert(conn, "journeys", {
        "converted_at": DAY, "revenue": 100, "date": DAY.date(), "counts": True,
        "tenant_id": "acme", "conversion_id": "api 1", "path": "email",
        "steps": "email", "touches": [], "seconds": [],
        "path_starts": [], "steps_starts": [],
    })  # fmt: skip
    await customers.count(tools, "rival")
    assert await rows(conn, "SELECT * FROM customer_days") == []
    assert (await customers.count(tools, "acme")) == {"days": 1}
    await conn.execute("UPDATE customer_days SET orders = 7")
    read = "SELECT date, segment, orders FROM attribution_customer_orders"
    assert await rows(conn, read) == [(DAY.date(), "new", 7)]
    await conn.execute("UPDATE conversions SET folded = '{\"note\": 1}'")
    assert await rows(conn, read) == [(DAY.date(), "new", 7)], "nothing that counts has changed"
    await conn.execute("UPDATE conversions SET net = 90")
    assert await rows(conn, read) == [(DAY.date(), "new", 1)]


async def test_a_change_that_is_not_committed_while_days_are_counted_stays_marked(
    conn: Connection, tools: Tools, database: str
) -> None:
    await order(conn, "api", "1", person_id="ann", gross=100, currency="USD")
    await customers.count(tools, None)
    other = await asyncpg.connect(database)
    try:
        async with other.transaction():
            await order(other, "api", "2", person_id="ann", gross=100, currency="USD")
            await order(conn, "api", "3", person_id="bob", gross=100, currency="USD")
            await customers.count(tools, None)
    finally:
        await other.close()
    assert await rows(conn, "SELECT DISTINCT date FROM customer_days_due") == [(DAY.date(),)]
    assert await shown(conn) == await counted(conn)


def test_the_days_that_are_compared_are_those_of_every_order() -> None:
    first, last = date(2025, 12, 1), date(2026, 4, 30)
    assert first < (DAY - timedelta(hours=1_500) - timedelta(days=20)).date()
    assert last > (DAY + timedelta(hours=1_000)).date() + timedelta(days=2)
