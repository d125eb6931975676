"""Training on a tenant's tables: repeatable, of its own data alone, and no model below the gate."""

from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any, cast

import asyncpg
import pytest
import pytest_asyncio

from processors.domain.attribution.learning import TrainingJourneys
from processors.domain.attribution.model_document import parse
from processors.engine.kafka import Producer
from processors.engine.memory import MemoryBroker
from processors.engine.postgres import Database
from processors.engine.vault import Vault
from processors.platforms.reading import ReadingSettings
from processors.schedule.settings import ScheduleSettings
from processors.schedule.tools import Failed, Tools
from processors.schedule.training.job import train_all
from processors.schedule.training.reading import gathered
from processors.schedule.training.run import train_tenant
from schemas.command import Command, PromoteModel, SetSetting
from schemas.order import Order
from schemas.touchpoint import Touchpoint
from tests.support.databases import Databases
from tests.support.pipeline import Pipeline
from tests.support.trained_shop import DAY, START, Records, log_of_shop

NOW = START + 400 * DAY
PEOPLE = 800
SHOPS: dict[str, Records] = {
    "one": log_of_shop("one", people=PEOPLE, seed=1),
    "two": log_of_shop("two", people=PEOPLE, seed=2, channels=("email", "display")),
    "new": log_of_shop("new", people=40, seed=3),
}


@dataclass
class World:
    """Three shops as identity has them: two have enough to learn from, the third is new."""

    dsn: str
    tools: Tools
    broker: MemoryBroker

    async def rows(self, query: str, *args: Any) -> list[Any]:
        conn = await asyncpg.connect(self.dsn)
        try:
            return list(await conn.fetch(query, *args))
        finally:
            await conn.close()

    async def set(self, key: str, value: str, tenant: str = "one") -> None:
        statement = "INSERT INTO tenant_settings VALUES ($1, $2, $3, 1, 'k')"
        await self.rows(statement, tenant, key, value)

    def asked(self) -> list[Command]:
        """The commands on the log."""
        values = [message.value or b"" for message in self.broker.read("commands.v1")]
        return [Command.model_validate_json(value) for value in values]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shops(databases: Databases) -> AsyncIterator[str]:
    """A database that nobody is connected to, to be copied."""
    async with databases.fresh() as dsn:
        conn = await asyncpg.connect(dsn)
        await conn.executemany("INSERT INTO tenants VALUES ($1)", [(name,) for name in SHOPS])
        await conn.close()
        db = await Database.connect(
            dsn, role="attributary_processor", application_name="test", max_size=4
        )
        try:
            pipeline = Pipeline(db)
            await pipeline.feed([entry for log in SHOPS.values() for entry in log])
            worker = await pipeline.started("identity")
            while await pipeline.turn(worker, 5_000):
                pass
        finally:
            await db.close()
        yield dsn


@pytest.fixture
async def world(shops: str, databases: Databases) -> AsyncIterator[World]:
    async with databases.copied(shops) as dsn:
        db = await Database.connect(
            dsn, role="attributary_scheduler", application_name="test", max_size=4
        )
        broker = MemoryBroker(lambda: NOW)
        tools = Tools(
            db=db,
            producer=cast(Producer, broker),
            cluster=lambda: pytest.fail("training reads no topic"),
            vault=cast(Vault, None),
            settings=ScheduleSettings(training_people=150),
            reading=ReadingSettings(),
            clock=lambda: NOW,
        )
        yield World(dsn, tools, broker)
        await db.close()


def later(world: World, days: int) -> Tools:
    """The same at another time."""
    return replace(world.tools, clock=lambda: NOW + days * DAY)


def bounded(world: World, touches: int) -> Tools:
    """The same with another bound of touches."""
    settings = world.tools.settings.model_copy(update={"training_touches": touches})
    return replace(world.tools, settings=settings)


class Died(Exception):
    """The process ended here."""


async def test_it_learns_what_was_planted_and_asks_for_the_model_on_the_log(world: World) -> None:
    made = await train_tenant(world.tools, "one")
    own = made.learned
    assert (own.state, own.reason, made.promotion) == ("trained", None, "promoted")
    assert own.document is not None
    model = parse(own.document)
    assert model.version == own.version
    newest = {channel: effects[0] for channel, effects in model.effects.items()}
    assert sorted(newest, key=newest.__getitem__) == ["display", "paid_search", "email"]
    bodies = [(c.tenant_id, c.body) for c in world.asked()]
    assert bodies == [("one", PromoteModel(document=own.document, applies_from=0))]
    (row,) = await world.rows("SELECT * FROM attribution_model_trainings WHERE tenant_id = 'one'")
    assert (row["state"], row["version"], row["promotion"]) == ("trained", own.version, "promoted")
    assert row["is_latest"]
    assert row["log_loss"] < row["base_log_loss"]
    assert row["auc"] > 0.6
    assert row["conversions"] == sum(topic == "orders.v1" for topic, _ in SHOPS["one"])
    assert row["touches"] == sum(topic == "touchpoints.v1" for topic, _ in SHOPS["one"])
    assert (row["people"], row["one_in"]) == (PEOPLE, 1)
    assert await world.rows("SELECT * FROM attribution_training_checkpoints") == []


async def test_it_reads_the_tenants_own_journeys_and_nothing_else(world: World) -> None:
    with pytest.raises(Died):
        await train_tenant(world.tools, "two", tell=_dies_at("learning"))
    given, _, people = await gathered(world.tools.db, "two")
    assert people == PEOPLE
    assert journeys(given) == sorted(expected(SHOPS["two"]))


async def test_two_trainings_on_the_same_tables_give_the_same_document(world: World) -> None:
    first = await train_tenant(world.tools, "one")
    again = await train_tenant(later(world, days=30), "one")
    assert again.learned == first.learned
    found = await world.rows("SELECT DISTINCT document FROM attribution_trainings")
    assert len(found) == 1


async def test_a_run_that_died_goes_on_where_it_was_and_ends_the_same(world: World) -> None:
    whole = await train_tenant(world.tools, "one")
    for point in ("read 300", "read 600", "learning"):
        with pytest.raises(Died):
            await train_tenant(world.tools, "one", tell=_dies_at(point))
    heard: list[str] = []
    resumed = await train_tenant(later(world, days=1), "one", tell=heard.append)
    assert heard[0].startswith("read 800 people")
    assert resumed.learned == whole.learned


async def test_checkpoints_of_other_settings_or_another_database_are_not_gone_on_from(
    world: World,
) -> None:
    with pytest.raises(Died):
        await train_tenant(world.tools, "one", tell=_dies_at("read 300"))
    await world.set("lookback_days", "20")
    heard: list[str] = []
    await train_tenant(world.tools, "one", tell=heard.append)
    assert heard[0].startswith("read 0 people")


async def test_below_the_gate_there_is_a_reason_and_no_promotion(world: World) -> None:
    made = await train_tenant(world.tools, "new")
    assert made.learned.state == "insufficient_data"
    assert made.promotion is None
    assert world.asked() == []
    (row,) = await world.rows(
        "SELECT reason, version FROM attribution_model_trainings WHERE tenant_id = 'new'"
    )
    assert row["reason"].startswith("insufficient_conversions: ")
    assert row["version"] is None


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("model_promotion", "manual", []),
        ("restate_on_promotion", "false", [NOW]),
        ("restate_on_promotion", "true", [0]),
    ],
)
async def test_settings_say_whether_and_for_which_orders_it_is_promoted(
    world: World, key: str, value: str, expected: list[int]
) -> None:
    await world.set(key, value)
    made = await train_tenant(world.tools, "one")
    bodies = [command.body for command in world.asked()]
    assert [body.applies_from for body in bodies if isinstance(body, PromoteModel)] == expected
    assert made.promotion == ("promoted" if expected else "manual")


async def test_a_model_that_stands_already_is_not_asked_for_again(world: World) -> None:
    made = await train_tenant(world.tools, "one")
    await world.rows(
        "INSERT INTO attribution_models VALUES ('one', 1, 'k', 0, $1, 'data_driven', $2)",
        made.learned.version, made.learned.document,
    )  # fmt: skip
    again = await train_tenant(later(world, days=1), "one")
    assert again.promotion == "standing"
    assert len(world.asked()) == 1


async def test_the_half_life_is_reported_and_set_only_where_the_tenant_wants_it(
    world: World,
) -> None:
    reported = await train_tenant(world.tools, "one")
    found = reported.learned.half_life
    (row,) = await world.rows(
        "SELECT half_life_days, half_life_reason FROM attribution_model_trainings"
    )
    assert found is not None
    assert row["half_life_reason"] == found.get("reason")
    assert [c for c in world.asked() if isinstance(c.body, SetSetting)] == []
    await world.set("half_life_fit", "automatic")
    await train_tenant(later(world, days=1), "one")
    said = [c.body for c in world.asked() if isinstance(c.body, SetSetting)]
    days = found.get("days")
    wanted = [SetSetting(key="half_life_days", value=f"{days:.2f}")] if days else []
    assert said == wanted


async def test_transitions_add_up_by_day_and_tell_removal_effects(world: World) -> None:
    await train_tenant(world.tools, "one")
    found = {
        (row["from_channel"], row["to_channel"]): row["count"]
        for row in await world.rows(
            "SELECT from_channel, to_channel, sum(count)::int AS count"
            " FROM attribution_transitions GROUP BY 1, 2"
        )
    }
    assert found == counted(SHOPS["one"])
    effects = await world.rows(
        "SELECT channel FROM attribution_removal_effects WHERE tenant_id = 'one' ORDER BY share"
    )
    assert [row["channel"] for row in effects] == ["display", "paid_search", "email"]


async def test_the_job_trains_every_tenant_and_one_that_is_busy_hurts_only_itself(
    world: World,
) -> None:
    lock = "SELECT pg_advisory_lock(hashtextextended('attributary.training.two', 0))"
    holder = await asyncpg.connect(world.dsn)
    await holder.execute(lock)
    with pytest.raises(Failed) as failed:
        await train_all(world.tools, None)
    await holder.close()
    assert set(failed.value.detail["failed"]) == {"two"}
    assert [row["tenant_id"] for row in failed.value.detail["tenants"]] == ["new", "one"]
    # The slot is tried again: those that are done are left out.
    retried = await train_all(world.tools, None)
    assert [row["tenant_id"] for row in retried["tenants"]] == ["two"]


async def test_a_training_that_breaks_off_says_so_and_the_next_begins_anew(world: World) -> None:
    with pytest.raises(Died):
        await train_tenant(world.tools, "one", tell=_dies_at("learning"))
    await world.rows("UPDATE attribution_training_checkpoints SET channels = '{}' WHERE chunk = 2")
    with pytest.raises(Failed):
        await train_all(world.tools, "one")
    (row,) = await world.rows("SELECT state, reason FROM attribution_model_trainings")
    assert tuple(row) == ("failed", "ValueError")
    assert (await train_tenant(later(world, days=1), "one")).learned.state == "trained"


async def test_more_touches_than_the_bound_are_sampled_by_people(world: World) -> None:
    made = await train_tenant(bounded(world, touches=500), "one")
    assert made.plan is not None
    assert made.plan.one_in == 4
    assert 0.15 * PEOPLE < made.people < 0.35 * PEOPLE


def _dies_at(point: str) -> Any:
    def tell(text: str) -> None:
        if text.startswith(point):
            raise Died(text)

    return tell


Path = tuple[bool, tuple[tuple[str, int], ...]]


def journeys(given: TrainingJourneys) -> list[Path]:
    """Each journey as (converted, touches as (channel, age)), oldest first."""
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    ended: dict[int, bool] = {}
    columns = (given.journey, given.channel, given.age_ms, given.converted)
    for own, channel, age, converted in zip(*(c.tolist() for c in columns), strict=True):
        found[own].append((given.channels[channel], age))
        ended[own] = converted
    return sorted(
        (ended[own], tuple(sorted(path, key=lambda touch: -touch[1])))
        for own, path in found.items()
    )


def expected(log: Records) -> list[Path]:
    """The same from the log: each visitor has one journey."""
    touches: dict[str | None, list[Touchpoint]] = defaultdict(list)
    orders: dict[str | None, int] = {}
    for _, record in log:
        if isinstance(record, Touchpoint):
            touches[record.visitor_id].append(record)
        elif isinstance(record, Order):
            orders[record.visitor_id] = record.ordered_at or 0
    until = max(*(t.occurred_at for own in touches.values() for t in own), *orders.values())
    return [
        (
            visitor in orders,
            tuple(
                (touch.channel or "", orders.get(visitor, until) - touch.occurred_at)
                for touch in own
            ),
        )
        for visitor, own in touches.items()
    ]


def counted(log: Records) -> dict[tuple[str, str], int]:
    """Steps of the paths of the log."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for converted, path in expected(log):
        steps = ["(start)", *(channel for channel, _ in path)]
        for step in zip(
            steps, [*steps[1:], "(conversion)" if converted else "(null)"], strict=True
        ):
            found[step] += 1
    return dict(found)
