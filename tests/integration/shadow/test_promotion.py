"""What a run shows is what production becomes when the run is promoted."""

import json
import random
from collections.abc import AsyncIterator

import pytest

from processors.commands.operator import Refused
from processors.commands.shadow import promoting, runs
from processors.domain.attribution import MODELS
from processors.engine.cluster import Cluster
from processors.engine.codec import decode
from processors.engine.vault import new_key
from schemas.command import Command, PromoteModel, SetSetting
from tests.integration.shadow.conftest import fill
from tests.integration.shadow.world import TENANTS, World
from tests.support.dump import differences
from tests.support.pipeline import NOW
from tests.support.servers import KafkaServer

PLANS = (
    {"half_life_days": "0.5"},
    {"attribution_mode": "clicks_only"},
    {"max_touches": "1", "lookback_days": "9"},
    {"attribution_mode": "clicks_plus_views", "view_window": "20d", "max_touches": "4",
     "lookback_days": ""},
    {"custom_model": json.dumps({"channels": {"email": 0}, "position": {"half_life_days": 2}})},
)  # fmt: skip
PLAN_BACK = {"half_life_days": "20"}, "untrained"
PRODUCTION = """SELECT date, channel, platform, model, attribution_window,
    touchpoints, conversions, revenue
FROM attribution_channel_summary{basis}
WHERE tenant_id = $1 AND (touchpoints, conversions, revenue) <> (0, 0, 0) ORDER BY 1, 2, 3, 4, 5"""
SHADOW = """SELECT date, channel, platform, model, attribution_window,
    touchpoints, conversions, revenue
FROM attribution_shadow_summary, attribution_settings AS s
WHERE s.tenant_id = $1 AND run_id = $2 AND basis = $3
    AND (touchpoints, conversions, revenue) <> (0, 0, 0)
    AND model = ANY (enabled_models) AND attribution_window = ANY (enabled_windows)
ORDER BY 1, 2, 3, 4, 5"""


@pytest.fixture
async def log(
    kafka_server: KafkaServer, blank: World, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Cluster]:
    """The log, and the operator's environment."""
    monkeypatch.setenv("DATABASE_URL", blank.dsn)
    monkeypatch.setenv("ATTRIBUTARY_VAULT_KEY", new_key())
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka_server.bootstrap)
    monkeypatch.setenv("ATTRIBUTARY_ENGINE_TOPIC_PREFIX", topic_prefix)
    async with Cluster(kafka_server.bootstrap, prefix=topic_prefix) as cluster:
        await cluster.create_topics()
        yield cluster


async def test_production_becomes_what_the_shadow_said(blank: World, log: Cluster) -> None:
    tenant, other, told = TENANTS[0], TENANTS[1], 0
    await fill(blank)
    every = SetSetting(key="enabled_models", value=",".join(MODELS))
    command = Command(
        tenant_id=tenant, command_id="every", issued_at=NOW, received_at=NOW, body=every
    )
    await blank.pipeline.feed([("commands.v1", command)])
    await blank.pipeline.drain(random.Random(1))
    beside = await blank.rows(PRODUCTION.format(basis=""), other)
    effects = {"email": (900_000, 100_000), "paid_search": (50_000, 700_000), "direct": (0, 1)}
    trained = await blank.trained(tenant, effects)
    for overrides, model in (*((plan, None) for plan in PLANS), ({}, trained), PLAN_BACK):
        run = await blank.done(tenant, overrides, model=model)
        before = await blank.rows(PRODUCTION.format(basis=""), tenant)
        await promoting.promote(run.run_id)

        commands = await _commands(log)
        bodies = [command.body for command in commands[told:]]
        assert {b.key: b.value for b in bodies if isinstance(b, SetSetting)} == overrides
        promoted = [b for b in bodies if isinstance(b, PromoteModel)]
        assert [bool(b.document) for b in promoted] == ([] if model is None else [model == trained])
        assert len(bodies) == len(overrides) + len(promoted)
        assert {c.tenant_id for c in commands} == {tenant}
        await blank.pipeline.feed([("commands.v1", command) for command in commands[told:]])
        await blank.pipeline.drain(random.Random(1))
        told = len(commands)

        assert await blank.rows(PRODUCTION.format(basis=""), tenant) != before, run.changes
        for basis, view in (("accrual", ""), ("cash", "_cash")):
            shown = await blank.rows(PRODUCTION.format(basis=view), tenant)
            assert await blank.rows(SHADOW, tenant, run.run_id, basis) == shown
        with pytest.raises(Refused, match="promoted already"):
            await promoting.promote(run.run_id)
    assert await blank.rows(PRODUCTION.format(basis=""), other) == beside


async def test_a_run_is_not_promoted_before_it_is_complete_nor_after_the_settings_changed(
    blank: World, log: Cluster
) -> None:
    tenant = TENANTS[0]
    before = await blank.production()
    for overrides, says in ((PLANS[0], "not complete"), ({}, "changes nothing")):
        run = await blank.begun(tenant, overrides)
        if not overrides:
            await runs.set_state(blank.operator, run, "complete")
        with pytest.raises(Refused, match=says):
            await promoting.promote(run.run_id)
    run = await blank.done(tenant, PLANS[0])
    assert differences(before, await blank.production()) == []
    await blank.rows("INSERT INTO tenant_settings VALUES ($1, 'max_touches', '9', 1, 'k')", tenant)
    with pytest.raises(Refused, match="settings or the model of tenant-0 have changed since"):
        await promoting.promote(run.run_id)
    with pytest.raises(Refused, match="no run nothing"):
        await promoting.promote("nothing")
    assert await _commands(log) == []


async def _commands(log: Cluster) -> list[Command]:
    """What is on the log of commands, in the order of its times."""
    found = [decode(message).value async for message in log.read_topic("commands.v1")]
    commands = [record for record in found if isinstance(record, Command)]
    return sorted(commands, key=lambda command: command.issued_at)
