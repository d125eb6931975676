"""What a shadow replay refuses, and what ends one."""

from datetime import date

import pytest

from processors.commands.operator import Refused
from processors.commands.shadow import chunks, runs
from tests.integration.shadow.world import SMALL, TENANTS, World, nothing

OTHERS = {"half_life_days": "2"}
Window = tuple[date | None, date | None]


async def test_a_run_stops_when_the_settings_change_under_it(blank: World) -> None:
    run = await blank.begun(TENANTS[0], OTHERS)
    await blank.rows(
        "INSERT INTO tenant_settings VALUES ($1, 'half_life_days', '99', 1, 'k')"
        " ON CONFLICT (tenant_id, key) DO UPDATE SET value = '99'",
        TENANTS[0],
    )
    with pytest.raises(chunks.Stopped, match="settings or the model of tenant-0 have changed"):
        await blank.work(run)


async def test_the_worker_of_a_run_that_was_dropped_stops(blank: World) -> None:
    run = await blank.begun(TENANTS[0], OTHERS)
    job = run.job(0)
    assert not await chunks.work_chunk(blank.operator, job, tick=nothing, size=SMALL)
    await runs.drop(blank.operator, run.run_id)
    with pytest.raises(chunks.Stopped, match="was dropped"):
        await chunks.work_chunk(blank.operator, job, tick=nothing, size=SMALL)


REFUSED: tuple[tuple[str, dict[str, str], Window, str], ...] = (
    ("nobody", {}, (None, None), "no tenant nobody"),
    (TENANTS[0], {"half_life_days": "soon"}, (None, None), "must match"),
    (TENANTS[0], {"custom_model": "{"}, (None, None), "custom_model: no JSON"),
    (TENANTS[0], {"channel_rules": ""}, (None, None), "changes the channel of the touches"),
    (TENANTS[0], {"identity_fan_in_cap": "3"}, (None, None), "whose touches they are"),
    (TENANTS[0], {"consent_when_absent": "denied"}, (None, None), "what platforms are sent"),
    (TENANTS[0], {"currency": "EUR"}, (None, None), "the same money"),
    (TENANTS[0], {"time_zone": "UTC"}, (None, None), "the same days"),
    (TENANTS[0], {"meta_access_token": "x"}, (None, None), "no setting of credit"),
    (TENANTS[0], {"best_model": "x"}, (None, None), "is no setting"),
    (TENANTS[0], {}, (date(2026, 3, 2), date(2026, 3, 2)), "window is empty"),
)


async def test_what_cannot_be_replayed_is_refused_and_leaves_nothing(blank: World) -> None:
    for tenant, overrides, (since, until), says in REFUSED:
        with pytest.raises(Refused, match=says):
            await blank.begun(tenant, overrides, since=since, until=until)
    assert await blank.rows("SELECT * FROM shadow_runs") == []


async def test_a_model_that_nobody_trained_is_refused(blank: World) -> None:
    await blank.trained(TENANTS[1], {"email": (1, 2)})
    (other,) = await blank.rows("SELECT version FROM attribution_trainings")
    for version in ("best", other["version"]):
        with pytest.raises(Refused, match=f"tenant-0 has no model {version}"):
            await blank.begun(TENANTS[0], {}, model=version)


async def test_a_run_stops_when_a_model_is_promoted_under_it(blank: World) -> None:
    run = await blank.begun(TENANTS[0], {}, model="untrained")
    await blank.rows(
        "INSERT INTO attribution_models VALUES ($1, 1, 'k', 0, 'untrained', 'data_driven', '')",
        TENANTS[0],
    )
    with pytest.raises(chunks.Stopped, match="the model of tenant-0 have changed"):
        await blank.work(run)
