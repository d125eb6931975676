"""One leader among replicas, whatever happens to it; a slot runs once."""

import signal

import pytest

from processors.schedule import JOBS
from tests.integration.schedule.test_bridge import NAME, TOKEN, response
from tests.integration.schedule.world import Process, World, asked, tell, until

RECALCULATE = "analytics/attribution-recalculate-recent"
OFTEN = {
    "ATTRIBUTARY_SCHEDULE_RECALCULATION_SECONDS": "1",
    "ATTRIBUTARY_SCHEDULE_TICK_SECONDS": "0.1",
    "ATTRIBUTARY_SCHEDULE_STANDBY_SECONDS": "0.2",
    "ATTRIBUTARY_SCHEDULE_RETRY_SECONDS": "0.1",
    "ATTRIBUTARY_SCHEDULE_LEASE_SECONDS": "3",
}
OK_RUNS = f"SELECT count(*) FROM job_runs WHERE name = '{RECALCULATE}' AND outcome = 'ok'"
TWICE = """SELECT count(*) FROM (
    SELECT FROM job_runs WHERE outcome = 'ok' GROUP BY name, scheduled_for HAVING count(*) > 1
) AS twice"""


async def leaders(replicas: list[Process]) -> list[Process]:
    """Those that say that they lead."""
    states = [(replica, await replica.state()) for replica in replicas]
    return [replica for replica, state in states if state.get("leader")]


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP])
async def test_when_the_leader_dies_or_hangs_another_leads_and_no_slot_runs_twice(
    world: World, end: signal.Signals
) -> None:
    replicas = [world.processor("schedule", n, **OFTEN) for n in range(2)]

    async def both_are_ready_and_one_leads() -> bool:
        ready = [(await replica.state()).get("ready") for replica in replicas]
        return ready == [True, True] and len(await leaders(replicas)) == 1

    async def enough_runs() -> bool:
        return bool((await world.rows(OK_RUNS))[0][0] >= wanted)

    await until(both_are_ready_and_one_leads)
    wanted = 2
    await until(enough_runs)
    (leader,) = await leaders(replicas)
    assert f'attributary_job_runs_total{{job="{RECALCULATE}",outcome="ok"}}' in (
        await leader.metrics()
    )
    assert "Task received" in leader.log.read_text()
    leader.popen.send_signal(end)
    (other,) = [replica for replica in replicas if replica is not leader]

    async def the_other_leads() -> bool:
        return await leaders([other]) == [other]

    await until(the_other_leads)
    wanted = (await world.rows(OK_RUNS))[0][0] + 2
    await until(enough_runs)
    if end == signal.SIGSTOP:
        leader.popen.send_signal(signal.SIGCONT)

        async def it_follows() -> bool:
            return (await leader.state()).get("leader") is False

        await until(it_follows)
        assert await leaders(replicas) == [other]
    assert (await world.rows(TWICE))[0][0] == 0


async def test_a_slot_whose_leader_was_killed_in_the_middle_is_run_again(world: World) -> None:
    vendor = world.simulator("fairing")
    await tell(vendor, "rows", {"token": TOKEN, "responses": [response(0)]})
    await tell(vendor, "script", {"steps": [{"delay_ms": 60_000}]})
    await world.connect_fairing(TOKEN)
    env = {**OFTEN, "ATTRIBUTARY_SCHEDULE_FAIRING_DAYS": "9999"}
    first = world.processor("schedule", 0, **env, ATTRIBUTARY_SCHEDULE_FAIRING_SECONDS="2")
    running = f"SELECT count(*) FROM job_runs WHERE name = '{NAME}' AND outcome = 'running'"

    async def it_is_asking() -> bool:
        return len(await asked(vendor)) == 1

    await until(it_is_asking)
    first.kill()
    assert (await world.rows(running))[0][0] == 1

    world.processor("schedule", 1, **env, ATTRIBUTARY_SCHEDULE_FAIRING_SECONDS="2")
    done = f"SELECT count(*) > 0 FROM job_runs WHERE name = '{NAME}' AND outcome = 'ok'"
    await world.wait_for(done, True)
    ended = await world.rows(
        f"SELECT outcome FROM job_runs WHERE name = '{NAME}' ORDER BY scheduled_for, attempt"
    )
    assert [row[0] for row in ended][:2] == ["registered", "abandoned"]
    await world.wait_for("SELECT last_id FROM survey_cursors", "r0")


async def test_missed_runs_are_caught_up_by_one(world: World) -> None:
    await world.rows(
        "INSERT INTO job_runs (name, scheduled_for, attempt, manual, started_at, finished_at,"
        " outcome) SELECT $1, date_trunc('day', now() - interval '9 days', 'UTC'), 1, false,"
        " now(), now(), 'ok'",
        RECALCULATE,
    )
    daily = {**OFTEN, "ATTRIBUTARY_SCHEDULE_RECALCULATION_SECONDS": "86400"}
    replica = world.processor("schedule", 0, **daily)
    await world.wait_for(OK_RUNS, 2)

    async def idle() -> bool:
        state = await replica.state()
        return state["leader"] and not state["running"] and len(state["jobs"]) == len(JOBS)

    await until(idle)
    assert (await world.rows(OK_RUNS))[0][0] == 2
