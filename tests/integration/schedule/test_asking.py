"""Jobs that ask for a fresh look, and the one that puts dead letters back."""

from base64 import b64encode

import pytest

from processors.commands import jobs
from processors.commands.operator import produce
from processors.domain.ids import conversion_id
from processors.engine.processor import Emit
from schemas.command import Command, Recalculate
from schemas.dead_letter import DeadLetter
from tests.integration.gateway.running import client_of, records
from tests.integration.schedule.world import TENANT, World

QUEUE = "analytics/attribution-webhook-queue"


async def test_an_order_that_no_touch_earned_is_asked_for_again_by_name(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.processor("identity")
    order = {"order_id": "77", "ordered_at": "2026-09-01T12:00:00Z", "revenue": "5.00",
             "currency": "USD"}  # fmt: skip
    async with client_of(world.gateway) as client:
        answer = await client.post("/v1/orders", json=order)
        assert answer.status_code in (200, 202), "on the log, or spooled on its way there"
    await world.wait_for("SELECT count(*) FROM conversions", 1)
    with world.operator(monkeypatch, ATTRIBUTARY_SCHEDULE_UNATTRIBUTED_DAYS="9999"):
        ended = await jobs.run_now("analytics/attribution-process-unattributed", tenant=None)
        assert ended["outcome"] == "ok", ended
        assert ended["detail"] == {"asked": 1, "reasons": {"pending_credit": 1}}
        await world.wait_for("SELECT rev FROM conversion_revision", 2)
        await jobs.recalculate(TENANT, days=None, order="77", source="api", everything=False)
    bootstrap = world.env["KAFKA_BOOTSTRAP_SERVERS"]
    prefix = world.env["ATTRIBUTARY_ENGINE_TOPIC_PREFIX"]
    said = [
        Command.model_validate_json(message.value or b"").body
        for message in await records(bootstrap, prefix, "commands.v1")
    ]
    assert said == [Recalculate(conversions=(conversion_id(TENANT, "api", "77"),))] * 2
    await world.wait_for("SELECT rev FROM conversion_revision", 3)


async def test_a_dead_order_is_put_back_until_it_was_refused_too_often(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap = world.env["KAFKA_BOOTSTRAP_SERVERS"]
    prefix = world.env["ATTRIBUTARY_ENGINE_TOPIC_PREFIX"]

    async def refused(
        offset: int, *, value: bytes, reason: str = "invalid", topic: str = "orders.v1"
    ) -> None:
        letter = DeadLetter(
            group="identity", topic=topic, partition=0, offset=offset, timestamp=1,
            reason=reason, detail="", key=b64encode(b"demo|api/1").decode(),
            value=b64encode(value).decode(),
        )  # fmt: skip
        await produce([Emit(f"dead_letters.{topic}", letter, 1)])

    with world.operator(monkeypatch):
        await refused(1, value=b"a newer record")
        await refused(2, value=b"no JSON", reason="undecodable")
        first = await jobs.run_now(QUEUE, tenant=None)
        assert first["detail"] == {
            "replayed": 1, "put_back_before": 0, "given_up": 0, "left": {"undecodable": 1},
        }  # fmt: skip
        assert (await jobs.run_now(QUEUE, tenant=None))["detail"]["replayed"] == 0
        for offset in (10, 11):
            await refused(offset, value=b"a newer record")
            assert (await jobs.run_now(QUEUE, tenant=None))["detail"]["replayed"] == 1
        await refused(12, value=b"a newer record")
        last = await jobs.run_now(QUEUE, tenant=None)
        assert (last["detail"]["replayed"], last["detail"]["given_up"]) == (0, 1)
        await refused(1, value=b"a click of a chat", topic="touchpoints.v1")
        await refused(1, value=b"a lead", topic="pixel_events.v1")
        assert (await jobs.run_now(QUEUE, tenant=None))["detail"]["replayed"] == 2
    for topic in ("touchpoints.v1", "pixel_events.v1"):
        assert len(await records(bootstrap, prefix, topic)) == 1
    values = [message.value for message in await records(bootstrap, prefix, "orders.v1")]
    assert values == [b"a newer record"] * 3
