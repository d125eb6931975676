"""The jobs of quality through the scheduler: under its role, by its clock, with its gauge."""

import json

import pytest

from processors.commands import jobs
from processors.schedule.jobs import JOBS
from processors.schedule.quality.jobs import ROWS
from processors.schedule.settings import ScheduleSettings
from tests.integration.gateway.running import client_of
from tests.integration.schedule.world import TENANT, World, until

CADENCES = {
    "analytics/attribution-data-quality-snapshot": 24 * 3_600,
    "analytics/emq-refresh": 6 * 3_600,
    "analytics/latency-aggregation": 3_600,
    "analytics/signal-health-daily": 24 * 3_600,
    "check-pipeline-health": 30 * 60,
}
SERIES = f'attributary_signal_health_score{{platform="meta",tenant="{TENANT}"}}'
BEHIND = 'attributary_group_lag_records{group="identity"}'
LATEST = """SELECT detail ->> 'lag' AS lag FROM job_runs
    WHERE name = 'check-pipeline-health' AND outcome = 'ok' AND NOT manual
    ORDER BY scheduled_for DESC LIMIT 1"""
ACCEPTED = (
    """INSERT INTO deliveries (tenant_id, platform, event_id, kind, event_name, occurred_at, state,
    next_attempt_at, deadline_at, finished_at, payload)
    SELECT $1, 'meta', 'e', 'event', 'Purchase', now(), 'sent', now(), now(), now(),
    '{"identifiers": {"email_sha256": "a"}, "marketing": {"fbclid": "b"}}'""",
    """INSERT INTO capi_delivery_log (tenant_id, platform, event_id, kind, event_name, attempt,
    status, request_digest, latency_ms, created_at)
    SELECT $1, 'meta', 'e', 'event', 'Purchase', 1, 'sent', 'd', 10, now()""",
)


async def test_a_signal_is_measured_judged_and_told_by_the_leader(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ScheduleSettings()
    assert {row.name: row.every_seconds(settings) for row in ROWS} == CADENCES
    assert CADENCES.keys() <= JOBS.keys()
    for statement in ACCEPTED:
        await world.rows(statement, TENANT)
    with world.operator(monkeypatch):
        for name in CADENCES:
            run = await jobs.run_now(name, tenant=TENANT)
            assert run["outcome"] == "ok", run
    assert run["detail"]["judged"] == 1
    assert run["detail"]["unsound"] == []
    query = (
        "SELECT m.overall_score, f.emq_score, f.status, f.conversion_volume, l.event_count"
        " FROM emq_measurements AS m JOIN fact_signal_health_daily AS f USING (tenant_id, platform)"
        " JOIN conversion_latency_stats AS l USING (tenant_id, platform)"
    )
    (row,) = await world.rows(query)
    assert row[0] > 99
    assert tuple(row) == (row[0], row[0], "ok", 1, 1)

    async with client_of(world.gateway) as client:
        touches = [{"visitor_id": f"v{n}", "event_id": f"e{n}"} for n in range(3)]
        assert (await client.post("/v1/touchpoints", json=touches)).status_code == 200

    often = {
        "ATTRIBUTARY_SCHEDULE_PIPELINE_SECONDS": "1", "ATTRIBUTARY_SCHEDULE_TICK_SECONDS": "0.1",
    }  # fmt: skip
    leader = world.processor("schedule", 0, **often)

    async def leads() -> bool:
        return bool((await leader.state()).get("leader"))

    async def is_told() -> bool:
        lines = (await leader.metrics()).splitlines()
        told = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return float(told.get(SERIES, 0)) > 99 and float(told.get(BEHIND, 0)) == 3

    await until(leads)
    await until(is_told)
    (run,) = await world.rows(LATEST)
    assert json.loads(run["lag"])["identity"] == 3
