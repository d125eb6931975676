"""What keeps bookkeeping small, on a real database and in the scheduler's own role."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import asyncpg
import pytest
from cryptography.fernet import Fernet

from processors.engine.cluster import Cluster
from processors.engine.kafka import Producer
from processors.engine.metrics import Metrics
from processors.engine.postgres import Database
from processors.engine.pulse import Pulse
from processors.engine.vault import Vault
from processors.platforms.reading import ReadingSettings
from processors.schedule import JOBS, store
from processors.schedule.handle import Due
from processors.schedule.maintenance import audit, partitions, retention, sums
from processors.schedule.processor import Replica
from processors.schedule.settings import ScheduleSettings
from processors.schedule.tools import Failed, Job, Tools
from tests.sql.delivered import attempt

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

NOW = datetime.now(UTC).replace(microsecond=0)
MONTH = NOW.replace(day=1, hour=0, minute=0, second=0)
LAST = (MONTH - timedelta(days=3)).replace(day=1)
WHERE = "SELECT tableoid::regclass::text AS part, event_id FROM capi_delivery_log ORDER BY event_id"


@dataclass
class House:
    """The tools of a job at a time, and the operator beside them."""

    tools: Tools
    operator: Connection

    async def rows(self, query: str, *args: object) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.operator.fetch(query, *args)]


@pytest.fixture
async def house(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setenv("ATTRIBUTARY_RETENTION_BATCH", "2")
    db = await Database.connect(database, role="attributary_scheduler", application_name="test")
    operator = await asyncpg.connect(database)
    try:
        await operator.execute("INSERT INTO tenants (tenant_id) VALUES ('acme'), ('other')")
        tools = Tools(
            db=db,
            producer=Producer("127.0.0.1:1", prefix=""),
            cluster=lambda: Cluster("127.0.0.1:1", prefix=""),
            vault=Vault(Fernet.generate_key().decode()),
            settings=ScheduleSettings.load(),
            reading=ReadingSettings.load(),
            clock=lambda: round(NOW.timestamp() * 1_000),
        )
        yield House(tools, operator)
    finally:
        await operator.close()
        await db.close()


async def test_months_get_partitions_ahead_and_what_lay_in_the_default_one_moves(
    house: House,
) -> None:
    await attempt(house.operator, "now", created_at=NOW)
    await attempt(house.operator, "old", created_at=LAST + timedelta(days=1))
    detail = await partitions.keep_months(house.tools, None)
    assert detail["made"] == {
        **{f"{LAST:%Y-%m}": 1, f"{MONTH:%Y-%m}": 1},
        **{f"{MONTH + timedelta(days=days):%Y-%m}": 0 for days in (32, 63)},
    }
    log = "capi_delivery_log"
    assert await house.rows(WHERE) == [
        (f"{log}_{MONTH:%Y_%m}", "now"), (f"{log}_{LAST:%Y_%m}", "old"),
    ]  # fmt: skip
    assert (await partitions.keep_months(house.tools, None))["made"] == {}
    guards = f"""SELECT count(*) FROM pg_policies
        WHERE tablename IN ('{log}_default', '{log}_{MONTH:%Y_%m}')
        GROUP BY policyname, cmd, roles, qual, with_check"""
    assert await house.rows(guards) == [(2,)] * 3
    strays = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
    assert await house.rows(strays) == [(0,)]


async def test_a_month_that_writers_hold_is_left_for_the_next_run(
    house: House, database: str
) -> None:
    writer = await asyncpg.connect(database)
    try:
        async with writer.transaction():
            await attempt(writer, "writing", created_at=NOW)
            with pytest.raises(Failed) as refused:
                await partitions.keep_months(house.tools, None)
            assert f"{MONTH:%Y-%m}" in refused.value.detail["busy"]
        await partitions.keep_months(house.tools, None)
        assert await house.rows(WHERE) == [(f"capi_delivery_log_{MONTH:%Y_%m}", "writing")]
    finally:
        await writer.close()


async def test_each_tenant_keeps_as_long_as_it_says_and_the_rest_goes_in_batches(
    house: House,
) -> None:
    setting = (
        "INSERT INTO tenant_settings VALUES ('other', 'retention_delivery_log_days', $1, 1, 'k')"
    )
    await house.operator.execute(setting, "400")
    for tenant in ("acme", "other"):
        for n, days in enumerate((1, 200, 200, 200, 200, 200, 500)):
            await attempt(
                house.operator, f"{tenant}-{n}", tenant_id=tenant,
                created_at=NOW - timedelta(days=days),
            )  # fmt: skip
    with_months = await partitions.keep_months(house.tools, None)
    assert len(with_months["made"]) >= 4
    detail = await retention.clean_up(house.tools, None)
    left = dict(await house.rows("SELECT tenant_id, count(*) FROM capi_delivery_log GROUP BY 1"))
    assert left == {"acme": 1, "other": 6}
    assert len(detail["months"]) == 1
    assert detail["deleted"]["capi_delivery_log"] == 5


async def test_runs_of_jobs_go_but_never_the_latest_of_a_job(house: House) -> None:
    insert = """INSERT INTO job_runs (name, scheduled_for, attempt, manual, started_at, finished_at,
        outcome) SELECT 'weekly', at, 1, false, at, at, 'ok'
        FROM unnest($1::timestamptz[]) AS at"""
    await house.operator.execute(insert, [NOW - timedelta(days=n) for n in (50, 60, 70, 80)])
    detail = await retention.clean_up(house.tools, None)
    assert detail["deleted"]["job_runs"] == 3
    async with house.tools.db.connection() as conn:
        latest = await store.latest_runs(conn, ["weekly", "never"])
    assert set(latest) == {"weekly"}


async def test_rows_that_are_served_are_refused(house: House) -> None:
    async with house.tools.db.connection() as conn:
        for table in ("deliveries", "attribution_touchpoints", "job_runs; DROP TABLE tenants"):
            with pytest.raises(asyncpg.InvalidParameterValueError, match="are not pruned"):
                await conn.fetchval(retention.QUERIES["prune"], table, None, 0, 1)


async def test_changes_by_hand_are_counted_once_each_also_when_runs_were_missed(
    house: House,
) -> None:
    put = "INSERT INTO audit_log (tenant_id, actor, action, at) VALUES ('acme', 'o', 'tenant', $1)"
    await house.operator.execute(put, NOW - timedelta(minutes=30))
    assert (await audit.process(house.tools, None))["actions"] == {}
    ran = """INSERT INTO job_runs
            (name, scheduled_for, attempt, manual, started_at, outcome, detail)
        VALUES ('process-audit-logs', $1, 1, false, $1, 'ok',
            jsonb_build_object('until', $2::bigint))"""
    hour_ago = NOW - timedelta(hours=1)
    await house.operator.execute(ran, hour_ago, round(hour_ago.timestamp() * 1_000))
    assert (await audit.process(house.tools, None))["actions"] == {"tenant": 1}


async def test_cells_that_are_not_the_sum_of_their_orders_fail_the_run(house: House) -> None:
    await house.operator.execute(
        """INSERT INTO journeys (converted_at, revenue, date, counts, tenant_id, conversion_id,
            path, steps, touches, seconds, path_starts, steps_starts)
        SELECT now(), 500, $1, true, 'acme', 'c', '', '', a, a, a, a
        FROM (SELECT array_fill(1, ARRAY[8]) AS a) AS of_eight""",
        NOW.date(),
    )
    cell = """INSERT INTO summary_cells SELECT 'acme', 'cash', $1, 'email', 'other', '', 0, a, a,
        array_fill($2::bigint, ARRAY[56]) FROM (SELECT array_fill(0, ARRAY[56]) AS a) AS z"""
    await house.operator.execute(cell, NOW.date(), 400)
    with pytest.raises(Failed) as found:
        await sums.compare(house.tools, None)
    assert found.value.detail["unequal"] == [
        {"tenant_id": "acme", "date": str(NOW.date()), "cells": 400, "rows": 500}
    ]
    await house.operator.execute("UPDATE summary_cells SET revenue = array_fill(500, ARRAY[56])")
    assert (await sums.compare(house.tools, None))["unequal"] == []


async def test_of_a_queue_only_so_many_run_and_other_queues_do_not_wait(house: House) -> None:
    began: list[str] = []
    go_on = asyncio.Event()

    def job(name: str, queue: Any) -> Job:
        async def work(_tools: Tools, _tenant: str | None) -> store.Detail:
            began.append(name)
            await go_on.wait()
            return {}

        return Job(name, "audit_seconds", work, queue=queue)

    jobs = (job("one", "ml"), job("two", "ml"), job("three", "intel"))
    replica = Replica(jobs, pulse=Pulse(assigned=frozenset()), metrics=Metrics())
    async with house.tools.db.connection() as conn:
        for own in jobs:
            await store.claim(conn, own.name, Due(0, 1, registers=True), manual=False, now=0)
        await replica._tick(conn, house.tools)
        await asyncio.sleep(0)
        await replica._tick(conn, house.tools)
        await asyncio.sleep(0)
        assert began == ["one", "three"]
        go_on.set()
        while replica._running:
            await asyncio.gather(*replica._running.values())
            await asyncio.sleep(0)
        await replica._tick(conn, house.tools)
        await asyncio.gather(*replica._running.values())
    assert began == ["one", "three", "two"]


INVENTORY = {
    "analytics/attribution-daily-metrics": (3_600, "default", 0),
    "analytics/attribution-data-quality-snapshot": (86_400, "default", 0),
    "calculate-fatigue-scores": (86_400, "default", 3 * 3_600),
    "check-pipeline-health": (1_800, "default", 0),
    "generate-daily-forecasts": (86_400, "ml", 6 * 3_600),
    "maintenance/cleanup": (86_400, "default", 9_000),
    "maintenance/partitions": (86_400, "default", 5_400),
    "process-audit-logs": (60, "default", 0),
}
"""JOB-* of the requirements: seconds between runs, queue, and seconds after midnight UTC."""


def test_the_jobs_of_the_inventory_have_their_names_cadences_and_times_of_day() -> None:
    settings = ScheduleSettings.load()
    found = {job.name: (job.every_seconds(settings), job.queue, job.at) for job in JOBS.values()}
    assert {name: found[name] for name in INVENTORY} == INVENTORY
