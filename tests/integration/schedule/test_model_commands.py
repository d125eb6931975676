"""From a shop's log on real Kafka to a trained model, restated credit, and back; by commands."""

import asyncio
import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from processors.__main__ import app
from processors.commands import models, tenants
from processors.commands.operator import Refused, produce
from processors.engine.processor import Emit
from tests.integration.schedule.world import TENANT, World, until
from tests.oracle.judge import judge
from tests.support.trained_shop import DAY, DAYS, START, log_of_shop

LOG = log_of_shop(TENANT, people=760, seed=5)
ORDERS = sum(topic == "orders.v1" for topic, _ in LOG)
CREDITED = """SELECT count(DISTINCT conversion_id) FROM attribution_results
WHERE model = 'data_driven' AND model_version = $1 AND is_fallback = ($1 = 'untrained')"""
CHUNKS = "SELECT count(*) FROM attribution_training_checkpoints"
HALF = START + DAYS // 2 * DAY


async def credited(world: World, version: str, expected: int) -> None:
    async def same() -> bool:
        return bool((await world.rows(CREDITED, version))[0][0] == expected)

    await until(same)


async def judged(world: World) -> list[str]:
    differences, _ = await judge(
        bootstrap=world.env["KAFKA_BOOTSTRAP_SERVERS"],
        prefix=world.env["ATTRIBUTARY_ENGINE_TOPIC_PREFIX"],
        dsn=world.dsn,
    )
    return differences


async def trained(world: World) -> models.Shown:
    """Train as an operator does; the lock of a killed run ends when the server notices."""
    found: list[models.Shown] = []

    async def done() -> bool:
        try:
            found.append(await models.train(TENANT, lambda _: None))
        except Refused:
            return False
        return True

    await until(done)
    return found[0]


@pytest.mark.heavy
async def test_a_model_is_trained_promoted_restated_limited_and_taken_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world.operator(monkeypatch, ATTRIBUTARY_SCHEDULE_TRAINING_PEOPLE="3"):
        await world.rows("DELETE FROM platform_connections")  # nothing sends here
        await produce([Emit(topic, record, START) for topic, record in LOG])
        for name in ("identity", "credit", "summary"):
            world.processor(name)
        await credited(world, "untrained", ORDERS)

        # Killed while it reads; the next goes on from what it had read.
        training = world.spawn(
            "processors", "model", "train", TENANT, port=0, ATTRIBUTARY_SCHEDULE_TRAINING_PEOPLE="3"
        )
        await until(lambda: _more_chunks(world, 5))
        training.kill()
        assert await world.rows("SELECT * FROM attribution_trainings") == []
        read = (await world.rows(CHUNKS))[0][0]
        assert read * 3 < 760, "it had read everything before it was killed"
        found = await trained(world)
        assert (found["state"], found["promotion"]) == ("trained", "promoted"), found
        assert (found["people"], found["conversions"]) == (760, ORDERS)
        version = found["version"]
        await credited(world, version, ORDERS)
        assert await judged(world) == []

        await models.revert(TENANT, since=_date(HALF))
        newer = sum(
            topic == "orders.v1" and getattr(record, "ordered_at") >= HALF // DAY * DAY  # noqa: B009
            for topic, record in LOG
        )
        await credited(world, "untrained", newer)
        await credited(world, version, ORDERS - newer)
        assert await judged(world) == []

        listed = await asyncio.to_thread(_run, "list")
        assert [row["version"] for row in listed["promotions"]] == ["untrained", version]
        assert [row["state"] for row in listed["trainings"]] == ["trained"]
        shown = await asyncio.to_thread(_run, "show")
        assert shown["version"] == version
        assert set(shown["effects"]) == {"email", "paid_search", "display"}
        assert shown["training"]["conversions"] == ORDERS
        await models.promote(TENANT, version, since=None)
        await credited(world, version, ORDERS)
        for text in ("model " + version, "auc", "95 % interval", "paid_search"):
            assert text in await asyncio.to_thread(_text, "show")
        with pytest.raises(Refused, match="no model"):
            await models.promote(TENANT, "abc", since=None)
        with pytest.raises(Refused, match="no tenant"):
            await models.listed("nobody")


async def test_what_is_to_become_of_models_is_a_setting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world.operator(monkeypatch):
        await tenants.set_values(TENANT, {"model_promotion": "manual", "half_life_fit": "off"})
        with pytest.raises(Refused, match="model_promotion"):
            await tenants.set_values(TENANT, {"model_promotion": "perhaps"})
        found = await models.train(TENANT, lambda _: None)
        assert (found["state"], found["reason"]) == ("insufficient_data", "no touch has been seen")
        with pytest.raises(Refused, match="no model yet"):
            await models.shown(TENANT, None)


async def _more_chunks(world: World, least: int) -> bool:
    return bool((await world.rows(CHUNKS))[0][0] >= least)


def _run(*argv: str) -> models.Shown:
    found: models.Shown = json.loads(_text(*argv, "--json"))
    return found


def _text(command: str, *options: str) -> str:
    result = CliRunner().invoke(app, ["model", command, TENANT, *options])
    assert result.exit_code == 0, result.output
    return result.output


def _date(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000, UTC).date().isoformat()
