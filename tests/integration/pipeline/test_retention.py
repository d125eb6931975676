"""Old rows go, and no figure with them: not then, not when everything is looked at again, and not
when all of it is made anew from the log."""

import json
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

import sql
from processors.commands import retain
from processors.commands.operator import Refused
from processors.engine.postgres import Database
from schemas.command import Command, Recalculate
from schemas.envelope import Frozen
from tests.oracle.compute import served
from tests.oracle.judge import retained
from tests.oracle.log import log_of
from tests.oracle.retention import Keys, taken, without
from tests.oracle.tables import Served
from tests.sql.delivered import delivery
from tests.support.pipeline import NOW, Pipeline
from tests.support.random_log import Size, random_log
from tests.support.served import diff, read

SIZE = Size(tenants=2, visitors=40, customers=8, touches=60, events=30, orders=12, commands=6,
            purchases=6, spend=6)  # fmt: skip


@dataclass
class World:
    """A drained pipeline, the operator's own connection, and a time within the log."""

    dsn: str
    db: Database
    log: list[tuple[str, Frozen]]
    middle: int

    async def play(self, log: list[tuple[str, Frozen]]) -> None:
        pipeline = Pipeline(self.db)
        await pipeline.feed(log)
        await pipeline.drain(random.Random(3))

    async def retain(self, *, dry_run: bool = False) -> dict[str, int]:
        operator = await Database.connect(self.dsn, application_name="test", max_size=1)
        gone: dict[str, int] = {}
        try:
            for data in ("touchpoints", "pixel_events"):
                for n in range(SIZE.tenants):
                    part = retain.Retained(f"tenant-{n}", data, 0, self.middle)
                    await retain.sweep(operator, part, dry_run=dry_run, told=lambda: None, page=7)
                    gone[data] = gone.get(data, 0) + part.gone
        finally:
            await operator.close()
        return gone

    async def execute(self, *statements: str) -> None:
        conn = await asyncpg.connect(self.dsn)
        try:
            for statement in statements:
                await conn.execute(statement)
        finally:
            await conn.close()

    def expected(self) -> Served:
        return served(log_of(self.log))

    async def wrong(self, *, gone: Keys) -> list[str]:
        """How the tables differ from the oracle's without these rows."""
        expected, found = self.expected(), await read(self.dsn)
        found.tables["deliveries"] = expected["deliveries"]
        # What is left of an open journey is another journey.
        open_ones = {"journeys_open": gone.get("journeys_open", set())}
        return diff(without(expected, gone), without(found, open_ones))


@pytest.fixture
async def world(database: str) -> AsyncIterator[World]:
    db = await Database.connect(
        database, role="attributary_processor", application_name="test", max_size=4
    )
    try:
        log = random_log(random.Random(20261127), SIZE)
        times = sorted(r.occurred_at for topic, r in log if topic == "touchpoints.v1")  # type: ignore[attr-defined]
        world = World(database, db, log, times[2 * len(times) // 3])
        for n in range(SIZE.tenants):
            await world.execute(f"INSERT INTO tenants (tenant_id) VALUES ('tenant-{n}')")
        await world.play(log)
        yield world
    finally:
        await db.close()


async def test_only_what_no_order_needs_goes_and_no_figure_changes_ever_after(
    world: World,
) -> None:
    horizons = {
        (f"tenant-{n}", data): world.middle
        for n in range(SIZE.tenants)
        for data in ("touchpoints", "pixel_events")
    }
    gone = taken(world.expected(), log_of(world.log), horizons)
    assert all(gone.values())
    counts = {table: len(gone[table]) for table in ("touchpoints", "pixel_events")}
    assert await world.retain(dry_run=True) == counts
    assert await world.wrong(gone={}) == []
    assert await world.retain() == counts
    assert await world.wrong(gone=gone) == []
    assert await world.retain() == dict.fromkeys(counts, 0)
    assert await retained(world.dsn) == horizons

    again: list[tuple[str, Frozen]] = [
        ("commands.v1", Command(tenant_id=f"tenant-{n}", command_id=f"again-{n}", issued_at=NOW,
                                received_at=NOW, body=Recalculate()))
        for n in range(SIZE.tenants)
    ]  # fmt: skip
    await world.play(again)
    world.log += again
    assert await world.wrong(gone=gone) == []

    rebuild = sql.load("rebuild")
    await world.execute(rebuild["wipe"], rebuild["new_epoch"])
    await world.play(world.log)
    assert await world.wrong(gone={}) == []
    assert await world.retain() == counts
    assert await world.wrong(gone=gone) == []


async def test_each_tenant_is_kept_as_long_as_it_said_and_a_run_is_in_the_audit_log(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    conn = await asyncpg.connect(database)
    old = datetime.now(UTC) - timedelta(days=150)
    payload = {"value": 700, "currency": "EUR", "source": "api", "source_event_id": "e",
               "user_data": {"hashed": {"email": "x"}}}  # fmt: skip
    try:
        await conn.execute("INSERT INTO tenants (tenant_id) VALUES ('acme'), ('other')")
        for tenant, days in (("acme", "120"), ("other", "200")):
            await conn.execute(
                "INSERT INTO tenant_settings VALUES ($1, 'retention_payloads_days', $2, 1, 'k')",
                tenant, days,
            )  # fmt: skip
            for event_id, state in (("a", "sent"), ("b", "rejected")):
                await delivery(
                    conn, event_id, tenant_id=tenant, state=state, occurred_at=old,
                    finished_at=old, published=True, payload=json.dumps(payload),
                )  # fmt: skip
        left = """SELECT tenant_id, event_id, value, order_source, payload ? 'user_data'
            FROM deliveries ORDER BY 1, 2"""
        before = [tuple(row) for row in await conn.fetch(left)]
        told: list[tuple[int, int]] = []
        found = await retain.retain(None, dry_run=True, watch=lambda *far: told.append(far))
        assert [(p.tenant_id, p.old, p.gone) for p in found] == [("acme", 1, 1), ("other", 0, 0)]
        assert told == [(1, 1), (1, 1)]
        assert [tuple(row) for row in await conn.fetch(left)] == before
        await retain.retain("acme", dry_run=False, watch=lambda *_: None)
        assert [tuple(row) for row in await conn.fetch(left)] == [
            ("acme", "a", 700, "api", False), ("acme", "b", 700, "api", True),
            ("other", "a", 700, "api", True), ("other", "b", 700, "api", True),
        ]  # fmt: skip
        row = await conn.fetchrow("SELECT tenant_id, action, detail FROM audit_log")
        assert row is not None
        assert (row["tenant_id"], row["action"]) == ("acme", "retain")
        assert json.loads(row["detail"])["gone"] == 1
        await conn.execute("INSERT INTO rebuild_ends VALUES ('orders.v1', 0, 9)")
        with pytest.raises(Refused, match="rebuild"):
            await retain.retain(None, dry_run=False, watch=lambda *_: None)
        read_so_far = "INSERT INTO consumed_offsets VALUES ('identity', 'orders.v1', 0, 0, 9)"
        await conn.execute(read_so_far)
        with pytest.raises(Refused, match="no tenant nobody"):
            await retain.retain("nobody", dry_run=True, watch=lambda *_: None)
    finally:
        await conn.close()
