"""Shadow replays as they are kept: begun, listed, looked up, ended, dropped."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

import sql
from processors.commands.models import document_of
from processors.commands.operator import Refused
from processors.commands.shadow.chunks import Job, Rules, rules_of
from processors.commands.shadow.overrides import usable
from processors.credit.settings import usable_zone
from processors.domain.attribution.model_document import UNTRAINED
from processors.domain.ids import content_id
from processors.engine.clock import wall_clock
from processors.engine.postgres import Connection, Database, Row

QUERIES: Final = sql.load("shadow")

_ID_LENGTH: Final = 10
_SPAN: Final = 16**8
_ROWS_AT_ONCE: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What to replay: conversions of [since, until), dates of the tenant's time zone."""

    tenant: str
    overrides: Mapping[str, str]
    model: str | None = None
    """Version of a trained model; None: those that stand."""
    since: date | None = None
    until: date | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run as it stands."""

    tenant_id: str
    run_id: str
    name: str
    since: datetime | None
    until: datetime | None
    overrides: Mapping[str, str]
    model: str | None
    model_document: str | None
    settings_version: str
    promotions: int
    currency: str
    state: str
    conversions: int
    error: str | None
    started_at: datetime
    ended_at: datetime | None

    def job(self, number: int) -> Job:
        """One of its ranges."""
        return Job(
            tenant_id=self.tenant_id,
            run_id=self.run_id,
            range=number,
            since=self.since,
            until=self.until,
            overrides=self.overrides,
            model_document=self.model_document,
            rules=self.rules,
        )

    @property
    def rules(self) -> Rules:
        """What production had."""
        return self.settings_version, self.promotions

    @property
    def changes(self) -> dict[str, str]:
        """All that the shadow side has and production has not."""
        return {**self.overrides, **({} if self.model is None else {"model": self.model})}


async def begin(db: Database, wish: Wish, *, ranges: int) -> str:
    """Note a run, its conversion ids in so many ranges; returns its id.

    Raises:
        Refused: for a tenant, a setting or a value that cannot be replayed.
    """
    overrides = usable(wish.overrides)
    if wish.since and wish.until and wish.since >= wish.until:
        raise Refused("the window is empty: --since must be before --until")
    told = {
        "tenant": wish.tenant, "overrides": overrides, "model": wish.model, "name": wish.name,
        "at": wall_clock(),
    }  # fmt: skip
    run_id = content_id(told)[:_ID_LENGTH]
    async with db.transaction() as conn:
        tenant = await conn.fetchrow(QUERIES["tenant"], wish.tenant)
        if tenant is None:
            raise Refused(f"there is no tenant {wish.tenant}: tenant add {wish.tenant}")
        document = None if wish.model is None else await _document(conn, wish.tenant, wish.model)
        zone = ZoneInfo(usable_zone(tenant["time_zone"]))
        since, until = (_midnight(day, zone) for day in (wish.since, wish.until))
        conversions = await conn.fetchval(QUERIES["count"], wish.tenant, since, until)
        await conn.execute(
            QUERIES["make_run"], wish.tenant, run_id, wish.name, since, until,
            json.dumps(overrides), wish.model, document, *rules_of(tenant), tenant["currency"],
            conversions,
        )  # fmt: skip
        bounds = [f"{number * _SPAN // ranges:08x}" for number in range(1, ranges)]
        await conn.execute(
            QUERIES["make_ranges"], wish.tenant, run_id, list(range(ranges)), ["", *bounds],
            [*bounds, None],
        )  # fmt: skip
    return run_id


async def _document(conn: Connection, tenant: str, version: str) -> str:
    return "" if version == UNTRAINED else await document_of(conn, tenant, version)


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), zone)


async def find(conn: Connection, run_id: str) -> Run:
    """The run.

    Raises:
        Refused: when there is none of that id.
    """
    row = await conn.fetchrow(QUERIES["run"], run_id)
    if row is None:
        raise Refused(f"there is no run {run_id}: shadow list TENANT")
    return Run(**{**row, "overrides": json.loads(row["overrides"])})


async def listed(db: Database, tenant: str) -> list[dict[str, Any]]:
    """The tenant's runs, the oldest first.

    Raises:
        Refused: for a tenant that is not there.
    """
    async with db.connection() as conn:
        if await conn.fetchrow(QUERIES["tenant"], tenant) is None:
            raise Refused(f"there is no tenant {tenant}: tenant add {tenant}")
        return [run_as_json(row) for row in await conn.fetch(QUERIES["runs"], tenant)]


def run_as_json(row: Row) -> dict[str, Any]:
    """A run for a program: times as text."""
    times = ("since", "until", "started_at", "ended_at")
    return {
        **row,
        "overrides": json.loads(row["overrides"]),
        **{name: row[name].isoformat() if row[name] else None for name in times},
    }


async def left(db: Database, run: Run) -> tuple[list[int], int]:
    """The ranges that are not complete, and how many conversions are done."""
    async with db.connection() as conn:
        rows = await conn.fetch(QUERIES["ranges"], run.tenant_id, run.run_id)
    if not rows:
        raise Refused(f"the run {run.run_id} is being dropped")
    return [row["range"] for row in rows if not row["complete"]], sum(row["done"] for row in rows)


async def set_state(db: Database, run: Run, state: str, *, error: str | None = None) -> None:
    """Note how it stands."""
    async with db.connection() as conn:
        await conn.execute(QUERIES["set_state"], run.tenant_id, run.run_id, state, error)


async def drop(db: Database, run_id: str) -> Run:
    """Take away a run and all that it wrote; its workers stop at the end of their chunks.

    Raises:
        Refused: when there is none of that id.
    """
    async with db.connection() as conn:
        run = await find(conn, run_id)
        key = run.tenant_id, run.run_id
        await conn.execute(QUERIES["drop_ranges"], *key)
        while await conn.execute(QUERIES["drop_rows"], *key, _ROWS_AT_ONCE) != "DELETE 0":
            pass
        await conn.execute(QUERIES["drop_cells"], *key)
        await conn.execute(QUERIES["drop_run"], *key)
    return run
