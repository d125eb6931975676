"""Ids that thousands share, ids that contradict each other, cycles and the operator's knife: at
every step links and conversions are the oracle's, and credit follows."""

import random
from collections.abc import AsyncIterator
from time import process_time
from typing import Final

import asyncpg
import pytest

from processors.engine.postgres import Database
from schemas.command import Body, Command, SetSetting, Unlink
from schemas.envelope import Frozen, Identifiers
from schemas.order import Order
from tests.integration.pipeline.races import HOUR, Records, join, judge, touch
from tests.support.pipeline import NOW, Pipeline

TENANT: Final = "acme"
SHARING: Final = 3_000
FEW: Final = 50
CPU_SECONDS: Final = 30.0
"""Of this process, where the processors run: many times what it takes (1 s)."""
ROWS_TO_COME: Final = SHARING**2 // 9
"""Read by Postgres while they come: many times what it takes (70,000), and below the square."""
ROWS_TO_JOIN: Final = 10**8
"""Read while all are joined, split and joined: four times what it takes, and below the cube."""


class Shop:
    """A tenant's log so far, and the pipeline that has drained it."""

    def __init__(self, db: Database, dsn: str) -> None:
        self.pipeline, self.dsn = Pipeline(db), dsn
        self.log: Records = []
        self._commands = 0

    async def drained(self, records: Records, rng: random.Random) -> None:
        """In this order, in batches of any size."""
        self.log += records
        await self.pipeline.feed(records)
        await self.pipeline.drain(rng, most=400)

    async def command(self, body: Body) -> None:
        self._commands += 1
        record = Command(
            tenant_id=TENANT, command_id=f"k-{self._commands}", issued_at=NOW + self._commands,
            received_at=NOW, body=body,
        )  # fmt: skip
        await self.drained([("commands.v1", record)], random.Random(1))

    async def set(self, key: str, value: int) -> None:
        await self.command(SetSetting(key=key, value=str(value)))

    async def cap(self, number: int) -> None:
        await self.set("identity_fan_in_cap", number)

    async def unlink(self, a: str, b: str, *, linked: bool = False) -> None:
        await self.command(Unlink(a=a, b=b, linked=linked))

    async def query(self, text: str) -> list[tuple[object, ...]]:
        conn = await asyncpg.connect(self.dsn)
        try:
            return [tuple(row) for row in await conn.fetch(text)]
        finally:
            await conn.close()

    async def rows_read(self) -> int:
        """By every statement in this database, as far as its sessions have told."""
        ((count,),) = await self.query(
            "SELECT tup_returned + tup_fetched FROM pg_stat_database"
            " WHERE datname = current_database()"
        )
        return int(str(count))

    async def people(self) -> int:
        """How many people there are."""
        ((count,),) = await self.query("SELECT count(DISTINCT person_id) FROM identity_links")
        return int(str(count))

    async def credited(self) -> list[str]:
        """Events of the touches that have credit, each once for an order that it counts in."""
        rows = await self.query(
            "SELECT t.event_id FROM attribution_results"
            " JOIN attribution_touchpoints AS t USING (tenant_id, touchpoint_id)"
            " WHERE model = 'linear' AND attribution_window = 'ltv' ORDER BY 1"
        )
        return [str(event) for (event,) in rows]


class Work:
    """What was done since `begin`; it does not depend on what else the machine does."""

    def __init__(self, shop: Shop, rows: int) -> None:
        self._shop, self._rows, self._cpu = shop, rows, process_time()

    @classmethod
    async def begin(cls, shop: Shop) -> "Work":
        """With the statistics that autovacuum takes within seconds: a planner that believes the
        tables empty looks up each of thousands of ids by time instead of by id."""
        operator = await asyncpg.connect(shop.dsn)
        await operator.execute("ANALYZE")
        await operator.close()
        return cls(shop, await shop.rows_read())

    async def assert_within(self, most: int) -> None:
        """Postgres has read no more rows than this."""
        rows, cpu = await self._shop.rows_read() - self._rows, process_time() - self._cpu
        assert rows < most
        assert cpu < CPU_SECONDS


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    operator = await asyncpg.connect(database)
    await operator.execute("INSERT INTO tenants VALUES ($1)", TENANT)
    await operator.close()
    db = await Database.connect(
        database, role="attributary_processor", application_name="shared", max_size=4
    )
    yield Shop(db, database)
    await db.close()


def order(name: str, visitor: str) -> tuple[str, Frozen]:
    record = Order(
        tenant_id=TENANT, source="api", order_id=name, event_id=name, content_hash=name,
        received_at=NOW, ordered_at=NOW - HOUR, status="paid", currency="USD", gross=10_001,
        visitor_id=visitor,
    )  # fmt: skip
    return "orders.v1", record


def kiosk(rng: random.Random) -> Records:
    """Everybody has been seen at one device, a few of them have touches, and some buy."""
    log: Records = []
    for n in range(SHARING):
        visitor = f"v-{n:04}"
        log += touch(TENANT, visitor, event=f"seen-{n}", identifiers={"device_id": "kiosk"})
        if n % 500 == 0:
            log.append(order(f"order-{n}", visitor))
    rng.shuffle(log)
    return log


@pytest.mark.parametrize("seed", [1, 2])
async def test_an_id_that_thousands_share_joins_nobody_whatever_the_order(
    shop: Shop, seed: int
) -> None:
    rng = random.Random(seed)
    work = await Work.begin(shop)
    await shop.drained(kiosk(rng), rng)
    await work.assert_within(ROWS_TO_COME)
    assert await shop.query(
        "SELECT node, neighbours, cap, would_join FROM identity_quarantine"
    ) == [("device:kiosk", SHARING, 100, SHARING)]
    assert await shop.people() == SHARING + 1
    assert await judge(shop.dsn, shop.log) == []


async def test_a_greater_cap_joins_thousands_and_a_smaller_one_splits_them_again(
    shop: Shop,
) -> None:
    rng = random.Random(3)
    await shop.set("max_touches", FEW)
    await shop.drained(kiosk(rng), rng)
    work = await Work.begin(shop)
    for number, people in ((SHARING, 1), (SHARING - 1, SHARING + 1), (SHARING, 1)):
        await shop.cap(number)
        assert await shop.people() == people
    await work.assert_within(ROWS_TO_JOIN)
    # Each of the six orders now has every touch before it, up to the limit and the first.
    assert len(await shop.credited()) == 6 * (FEW + 1)
    await shop.cap(100)
    assert len(await shop.credited()) == 6
    assert await judge(shop.dsn, shop.log) == []


async def test_a_person_of_thousands_grows_by_one_touch_at_a_time(shop: Shop) -> None:
    rng = random.Random(4)
    await shop.set("max_touches", FEW)
    await shop.cap(SHARING)
    await shop.drained(kiosk(rng)[: SHARING // 3], rng)
    for n in range(3):
        late = touch(
            TENANT, f"late-{n}", event=f"late-{n}", hours=2, identifiers={"device_id": "kiosk"}
        )
        await shop.drained(late, rng)
        assert f"late-{n}" in await shop.credited()
    assert await judge(shop.dsn, shop.log) == []


async def test_a_cut_inside_a_cycle_parts_nobody_until_the_cycle_is_cut_twice(shop: Shop) -> None:
    ring = ["a", "b", "c", "d"]
    records = [order("1", "a")]
    for n, visitor in enumerate(ring):
        records += touch(TENANT, visitor, event=f"seen-{visitor}")
        records += join(TENANT, visitor, f"c-{n}")
        records += join(TENANT, visitor, f"c-{(n + 1) % len(ring)}")
    await shop.drained(records, random.Random(5))
    everyone = ["seen-a", "seen-b", "seen-c", "seen-d"]
    for a, b, linked, credited in (
        ("visitor:b", "customer:c-2", False, everyone),
        ("visitor:d", "customer:c-0", False, ["seen-a", "seen-b"]),
        ("visitor:b", "customer:c-2", True, everyone),
        ("visitor:a", "customer:c-1", False, ["seen-a"]),
        ("visitor:d", "customer:c-0", True, everyone),
    ):
        await shop.unlink(a, b, linked=linked)
        assert await shop.credited() == credited
        assert await judge(shop.dsn, shop.log) == []


async def test_ids_that_contradict_each_other_are_one_person_until_they_are_taken_apart(
    shop: Shop,
) -> None:
    """Two customers in one browser, each with the other's email once."""
    emails = {name: letter * 64 for name, letter in (("alex", "a"), ("bo", "b"))}
    records = [order("1", "home"), *touch(TENANT, "home", event="home")]
    for name, email in (("alex", "alex"), ("bo", "bo"), ("alex", "bo"), ("bo", "alex")):
        ids = Identifiers(customer_id=name, email_sha256=emails[email])
        records += touch(
            TENANT, f"phone-{name}", event=f"{name}-{email}", identifiers=ids.model_dump()
        )
    records += join(TENANT, "home", "alex")
    await shop.drained(records, random.Random(6))
    assert await shop.people() == 1
    assert len(await shop.credited()) == 5
    for a, b in (
        ("customer:alex", f"email:{emails['bo']}"),
        ("customer:bo", f"email:{emails['alex']}"),
        ("visitor:phone-alex", f"email:{emails['bo']}"),
        ("visitor:phone-bo", f"email:{emails['alex']}"),
    ):
        assert await shop.people() == 1
        await shop.unlink(a, b)
    assert await shop.people() == 2
    assert await shop.credited() == ["alex-alex", "alex-bo", "home"]
    assert await judge(shop.dsn, shop.log) == []


async def test_an_unlink_that_comes_before_its_edge_holds_and_is_taken_back(shop: Shop) -> None:
    await shop.unlink("visitor:a", "customer:c")
    rng = random.Random(7)
    await shop.drained([*touch(TENANT, "a"), *join(TENANT, "a", "c"), order("1", "b")], rng)
    await shop.drained(join(TENANT, "b", "c"), rng)
    assert await shop.credited() == []
    await shop.unlink("visitor:a", "customer:c", linked=True)
    assert await shop.credited() == ["touch"]
    assert await judge(shop.dsn, shop.log) == []
