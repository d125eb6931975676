"""Who is suppressed earns nobody anything and is told to nobody, whenever it was; who is released
again stands as if nothing had been. What robots did counts as the tenant says."""

import random
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from processors.engine.postgres import Database
from schemas.command import Body, Command, SetSetting, Suppress
from schemas.envelope import Frozen, Identifiers
from schemas.pixel_event import PixelEvent
from tests.integration.pipeline.races import join, order, touch
from tests.oracle.compute import served
from tests.oracle.log import log_of
from tests.support.pipeline import NOW, Pipeline
from tests.support.served import diff, read

Records = list[tuple[str, Frozen]]
TENANT = "acme"
ROBOT: Any = {"bot_reasons": ("headless", "no_language")}


@pytest.fixture
async def shop(database: str) -> AsyncIterator["Shop"]:
    operator = await asyncpg.connect(database)
    await operator.execute("INSERT INTO tenants (tenant_id) VALUES ($1)", TENANT)
    await operator.execute(
        "INSERT INTO platform_connections VALUES ($1, 'meta', 'account', '', true)", TENANT
    )
    db = await Database.connect(
        database, role="attributary_processor", application_name="suppression", max_size=4
    )
    yield Shop(Pipeline(db), operator, database)
    await db.close()
    await operator.close()


class Shop:
    """The pipeline, and all that it was told."""

    def __init__(
        self, pipeline: Pipeline, conn: "asyncpg.Connection[asyncpg.Record]", dsn: str
    ) -> None:
        self.pipeline = pipeline
        self.conn = conn
        self._dsn = dsn
        self._log: Records = []

    async def hear(self, *parts: Records) -> None:
        """Take the records, drain, and compare every served table with the oracle's."""
        records = [record for part in parts for record in part]
        self._log += records
        await self.pipeline.feed(records)
        await self.pipeline.drain(random.Random(1))
        expected = served(log_of(self._log), connections={(TENANT, "meta"): 0})
        found = await read(self._dsn)
        found.tables["deliveries"] = expected["deliveries"]  # nothing sends here
        assert diff(expected, found) == []

    async def earned(self) -> set[str]:
        """The channels that the one order is credited to."""
        rows = await self.conn.fetch(
            "SELECT DISTINCT channel FROM attribution_channel_summary WHERE conversions > 0"
        )
        return {row["channel"] for row in rows}

    async def claimed(self) -> int:
        found: int = await self.conn.fetchval("SELECT count(*) FROM dedupe_keys")
        return found

    async def filtered(self) -> dict[str, int]:
        """Records that dedupe filtered, by rule."""
        rows = await self.conn.fetch(
            "SELECT rule, sum(n)::integer AS n FROM outcome_counts"
            " WHERE consumer_group = 'dedupe' AND outcome = 'filtered' GROUP BY rule"
        )
        return {row["rule"]: row["n"] for row in rows}

    async def why(self) -> list[str]:
        rows = await self.conn.fetch(
            "SELECT unattributed_reason FROM attribution_unattributed_orders"
        )
        return [row["unattributed_reason"] for row in rows]


def told(body: Body, *, at: int) -> Records:
    record = Command(
        tenant_id=TENANT, command_id=f"k-{at}", issued_at=at, received_at=NOW, body=body
    )
    return [("commands.v1", record)]


def suppress(*ids: str, at: int = NOW) -> Records:
    return told(Suppress(ids=ids), at=at)


def release(*ids: str, at: int = NOW + 1) -> Records:
    return told(Suppress(ids=ids, suppressed=False), at=at)


def view(visitor: str, name: str = "view", **more: object) -> Records:
    record = PixelEvent.model_validate(
        {
            "tenant_id": TENANT, "event_id": name, "content_hash": name, "source": "events",
            "event_name": "ViewContent", "occurred_at": NOW - 5_000, "received_at": NOW,
            "visitor_id": visitor, "identifiers": Identifiers(), **more,
        }
    )  # fmt: skip
    return [("pixel_events.v1", record)]


async def test_the_events_and_orders_of_somebody_suppressed_reach_no_platform(shop: Shop) -> None:
    await shop.hear(suppress("customer:c"), join(TENANT, "v", "c"))
    await shop.hear(view("v"), touch(TENANT, "v"), order(TENANT, visitor="v"))
    assert await shop.claimed() == 0
    assert await shop.filtered() == {"suppressed": 2}
    assert await shop.earned() == {"unattributed"}
    assert await shop.why() == ["suppressed"]


async def test_a_suppression_takes_back_the_credit_that_was_earned_before(shop: Shop) -> None:
    await shop.hear(touch(TENANT, "v"), order(TENANT, visitor="v"))
    assert await shop.earned() == {"paid_search"}
    await shop.hear(suppress("visitor:v"))
    assert await shop.earned() == {"unattributed"}


async def test_who_is_released_stands_as_if_nothing_had_been(shop: Shop) -> None:
    await shop.hear(suppress("visitor:v"), view("v"), touch(TENANT, "v"))
    await shop.hear(order(TENANT, visitor="v"))
    await shop.hear(release("visitor:v"))
    assert await shop.claimed() == 2
    assert await shop.earned() == {"paid_search"}
    assert await shop.why() == []


async def test_somebody_stays_suppressed_by_another_id_and_the_latest_word_on_an_id_stands(
    shop: Shop,
) -> None:
    await shop.hear(suppress("customer:c", "visitor:v"), join(TENANT, "v", "c"), touch(TENANT, "v"))
    await shop.hear(release("visitor:v"), order(TENANT, visitor="v"))
    assert await shop.earned() == {"unattributed"}
    await shop.hear(suppress("customer:c", at=NOW - 9))  # issued earlier, heard later
    await shop.hear(release("customer:c", at=NOW + 2))
    assert await shop.earned() == {"paid_search"}


async def test_who_is_joined_to_somebody_suppressed_is_too(shop: Shop) -> None:
    await shop.hear(suppress("customer:c"), touch(TENANT, "v"), order(TENANT, visitor="v"))
    assert await shop.earned() == {"paid_search"}
    await shop.hear(join(TENANT, "v", "c"))
    assert await shop.earned() == {"unattributed"}


async def test_robots_count_until_the_tenant_excludes_them_and_again_when_it_keeps_them(
    shop: Shop,
) -> None:
    await shop.hear(touch(TENANT, "v", **ROBOT), order(TENANT, visitor="v"))
    await shop.hear(view("v", **ROBOT))
    assert await shop.earned() == {"paid_search"}
    assert await shop.claimed() == 2
    await shop.hear(told(SetSetting(key="bot_policy", value="exclude"), at=NOW))
    assert await shop.earned() == {"unattributed"}
    assert await shop.why() == ["out_of_window"]
    await shop.hear(view("v", "late", **ROBOT))
    assert await shop.claimed() == 2
    assert (await shop.filtered())["bot"] >= 1
    await shop.hear(told(SetSetting(key="bot_policy", value="keep"), at=NOW + 1))
    assert await shop.earned() == {"paid_search"}
    assert await shop.claimed() == 3


async def test_a_persons_touches_count_beside_a_robots_that_do_not(shop: Shop) -> None:
    await shop.hear(
        told(SetSetting(key="bot_policy", value="exclude"), at=NOW),
        told(SetSetting(key="max_touches", value="1"), at=NOW + 1),
        touch(TENANT, "v", event="first", hours=9, marketing={"utm_medium": "email"}),
        touch(TENANT, "v", event="robot", hours=4, **ROBOT),
        touch(TENANT, "v", event="last", hours=5, marketing={"utm_medium": "sms"}),
        order(TENANT, visitor="v"),
    )
    assert await shop.earned() == {"email", "sms"}


async def test_the_share_of_robots_is_shown_by_day_and_sign(shop: Shop) -> None:
    await shop.hear(
        touch(TENANT, "v", event="a", **ROBOT),
        touch(TENANT, "w", event="b"),
        view("v", device_fingerprint="f" * 32),
    )
    rows = await shop.conn.fetch(
        "SELECT record, records, bots, share, headless, declared FROM attribution_bots"
        " ORDER BY record"
    )
    assert [tuple(row) for row in rows] == [("event", 1, 0, 0, 0, 0), ("touch", 2, 1, 0.5, 1, 0)]
    covered = await shop.conn.fetch(
        "SELECT with_fingerprint FROM identity_coverage WHERE record = 'event'"
    )
    assert [row["with_fingerprint"] for row in covered] == [1]
