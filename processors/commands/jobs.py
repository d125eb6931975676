"""`jobs`, `job`, `reconcile` and `recalculate`: the scheduler's work, asked for by hand."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from processors.commands.operator import OperatorSettings, Refused, database
from processors.domain.ids import conversion_id
from processors.engine.clock import wall_clock
from processors.engine.cluster import Cluster
from processors.engine.kafka import Producer
from processors.engine.vault import Vault
from processors.platforms.reading import ReadingSettings
from processors.schedule import JOBS, reconcile, store
from processors.schedule.handle import Due
from processors.schedule.processor import run_job
from processors.schedule.settings import DAY, ScheduleSettings
from processors.schedule.tools import Tools
from schemas.command import Recalculate

Shown = list[dict[str, Any]]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHOP = "shopify"


@asynccontextmanager
async def tools() -> AsyncIterator[Tools]:
    """What the scheduler's process has, as the operator."""
    settings = OperatorSettings.load()
    vault = Vault.from_environment()
    producer = Producer(settings.kafka_bootstrap_servers, prefix=settings.topic_prefix)
    async with database() as db:
        await producer.start()
        try:
            yield Tools(
                db=db,
                producer=producer,
                cluster=lambda: Cluster(
                    settings.kafka_bootstrap_servers, prefix=settings.topic_prefix
                ),
                vault=vault,
                settings=ScheduleSettings.load(),
                reading=ReadingSettings.load(),
                clock=wall_clock,
            )
        finally:
            await producer.stop()


async def listed() -> Shown:
    """Every job, its cadence, and the run that began last."""
    settings = ScheduleSettings.load()
    async with database() as db, db.connection() as conn:
        runs = await store.shown_runs(conn)
    return [
        {
            "name": job.name,
            "every_seconds": job.every_seconds(settings),
            **_shown(runs.get(job.name)),
        }
        for job in JOBS.values()
    ]


def _shown(run: Any) -> dict[str, Any]:
    if run is None:
        return dict.fromkeys(("scheduled_for", "started_at", "finished_at", "outcome", "detail"))
    times = {
        n: run[n] and run[n].isoformat() for n in ("scheduled_for", "started_at", "finished_at")
    }
    return {**times, "outcome": run["outcome"], "detail": json.loads(run["detail"])}


async def run_now(name: str, *, tenant: str | None) -> dict[str, Any]:
    """Run a job in this process and note it; returns how it ended.

    Raises:
        Refused: for a name that is no job, or a tenant that is none.
    """
    if name not in JOBS:
        raise Refused(f"{name} is no job; there are {', '.join(JOBS)}")
    async with tools() as given:
        await _must_exist(given, tenant)
        now = given.clock()
        slot = Due(now, 1)
        async with given.db.connection() as conn:
            await store.claim(conn, name, slot, manual=True, now=now)
        ended: list[str] = []
        await run_job(
            JOBS[name], slot, given, tenant=tenant,
            told=lambda _name, outcome, _seconds, _at: ended.append(outcome),
        )  # fmt: skip
        async with given.db.connection() as conn:
            run = (await store.shown_runs(conn)).get(name)
        return {"name": name, **_shown(run), "outcome": ended[0]}


async def reconcile_tenant(tenant: str, *, since: str, dry_run: bool) -> dict[str, Any]:
    """Compare a tenant's shop with us since a date, and repair; returns the report.

    Raises:
        Refused: for a tenant without Shopify credentials, or a date that is none.
    """
    at = moment(since)
    async with tools() as given:
        await _must_exist(given, tenant)
        found = await store.accounts(given.db, given.vault, SHOP, tenant)
        if not found:
            raise Refused(f"{tenant} has no shop: tenant set {tenant} shopify_admin_token=...")
        return asdict(await reconcile.of_tenant(given, found[0], since=at, dry_run=dry_run))


async def recalculate(
    tenant: str, *, days: int | None, order: str | None, source: str, everything: bool
) -> dict[str, Any]:
    """Ask for a fresh look at the tenant's latest days, at one order, or at all.

    Raises:
        Refused: unless exactly one of the three is asked for.
    """
    if sum((days is not None, order is not None, everything)) != 1:
        raise Refused("give one of --days, --order and --all")
    async with tools() as given:
        await _must_exist(given, tenant)
        if order is not None:
            body = Recalculate(conversions=(conversion_id(tenant, source, order),))
        elif days is not None:
            body = Recalculate(since=max(0, given.clock() - days * DAY * 1_000))
        else:
            body = Recalculate()
        await given.ask(tenant, [body])
        return {"tenant_id": tenant, **body.model_dump(mode="json", exclude={"kind"})}


async def _must_exist(given: Tools, tenant: str | None) -> None:
    if tenant is not None and not await store.tenants(given.db, tenant):
        raise Refused(f"there is no tenant {tenant}: tenant add {tenant}")


def moment(text: str) -> int:
    """A date, or a date and time (UTC where it does not say), in epoch milliseconds.

    Raises:
        Refused: for a text that is none.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"{text!r} is no date like 2026-01-31") from None
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    at = round((aware - _EPOCH).total_seconds() * 1_000)
    if at < 0:
        raise Refused(f"{text!r} is too long ago")
    return at
