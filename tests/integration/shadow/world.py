"""Two shops whose log is drained, and shadow replays of them, in this process."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import asyncpg

from processors.commands.shadow import chunks, runs
from processors.domain.attribution import model_document
from processors.engine.postgres import Database
from tests.support.dump import dump
from tests.support.pipeline import Pipeline

SMALL = chunks.Size(conversions=3, cells=60)
SHADOW_TABLES = ("shadow_runs", "shadow_ranges", "shadow_credit_rows", "shadow_cells")
TENANTS = ("tenant-0", "tenant-1")

Rows = list[dict[str, Any]]


def nothing(_conversions: int) -> None:
    """Nobody watches."""


@dataclass
class World:
    """The database, whose operator replays, and the pipeline that filled it."""

    dsn: str
    operator: Database
    pipeline: Pipeline

    async def begun(
        self,
        tenant: str,
        overrides: Mapping[str, str],
        *,
        model: str | None = None,
        ranges: int = 2,
        since: date | None = None,
        until: date | None = None,
    ) -> runs.Run:
        """A run of which nothing is done."""
        wish = runs.Wish(tenant=tenant, overrides=overrides, model=model, since=since, until=until)
        run_id = await runs.begin(self.operator, wish, ranges=ranges)
        async with self.operator.connection() as conn:
            return await runs.find(conn, run_id)

    async def work(
        self, run: runs.Run, *, db: Database | None = None, size: chunks.Size = SMALL
    ) -> None:
        """What is left of the run."""
        for number in (await runs.left(self.operator, run))[0]:
            job, more = run.job(number), True
            while more:
                more = await chunks.work_chunk(db or self.operator, job, tick=nothing, size=size)
        await runs.set_state(self.operator, run, "complete")

    async def done(self, tenant: str, overrides: Mapping[str, str], **more: Any) -> runs.Run:
        """A run that is complete."""
        run = await self.begun(tenant, overrides, **more)
        await self.work(run)
        return run

    async def trained(self, tenant: str, effects: Mapping[str, tuple[int, ...]]) -> str:
        """A model that a training of the tenant found; returns its version."""
        document = model_document.document(
            recency_days=(3,), saturation=2, intercept=-3_000_000, effects=effects
        )
        version = model_document.version(document)
        await self.rows(
            "INSERT INTO attribution_trainings (tenant_id, trained_at, state, version, document)"
            " VALUES ($1, clock_timestamp(), 'trained', $2, $3)",
            tenant, version, document,
        )  # fmt: skip
        return version

    async def rows(self, query: str, *args: Any) -> Rows:
        """Of any query."""
        conn = await asyncpg.connect(self.dsn)
        try:
            return [dict(row) for row in await conn.fetch(query, *args)]
        finally:
            await conn.close()

    async def written(self, run: runs.Run) -> dict[str, list[str]]:
        """Every row of the run, but for its name and the times at which it was made; cells added
        up over the ranges, which only say how the work was shared."""
        found = {}
        for table in ("shadow_credit_rows", "attribution_shadow_facts"):
            rows = await self.rows(
                f"SELECT to_jsonb(t) - 'run_id' AS line FROM {table} AS t WHERE run_id = $1",
                run.run_id,
            )
            found[table] = sorted(row["line"] for row in rows)
        ranges = await self.rows(
            "SELECT range, last_id, done, complete FROM shadow_ranges WHERE run_id = $1",
            run.run_id,
        )
        found["ranges"] = sorted(json.dumps(row) for row in ranges)
        return found

    async def production(self) -> dict[str, list[str]]:
        """Every other table."""
        return await dump(self.dsn)
