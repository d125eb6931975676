"""The job: every tenant, each by itself."""

import asyncio
import logging
from typing import Final

from processors.schedule import store
from processors.schedule.ltv.settings import LtvSettings
from processors.schedule.settings import HOUR
from processors.schedule.store import Detail
from processors.schedule.tools import Failed, Job, Tools

log = logging.getLogger(__name__)


async def predict_all(tools: Tools, tenant: str | None) -> Detail:
    """Every tenant, or the one; a tenant that fails hurts only itself."""
    settings = LtvSettings.load()
    detail: Detail = {"written": {}, "fitted": {}, "failed": {}}
    for name in await store.tenants(tools.db, tenant):
        try:
            await _predict(tools, settings, name, detail)
        except Exception as error:
            log.warning("not predicted", extra={"tenant": name, "why": type(error).__name__})
            detail["failed"][name] = type(error).__name__
    if detail["failed"]:
        raise Failed("the customers of some tenants were not predicted", detail)
    return detail


async def _predict(tools: Tools, settings: LtvSettings, tenant: str, detail: Detail) -> None:
    from processors.schedule.ltv import fitting, reading, writing

    db, now, chunk = tools.db, tools.clock(), settings.chunk_orders
    async with db.connection() as conn:
        known = await reading.span(conn, tenant, now=now, fine_orders=settings.fine_orders)
        row = await fitting.latest(conn, tenant)
        if known is None:
            await conn.execute(reading.QUERIES["drop_rest"], tenant, "")
            return
    horizon = settings.horizon_days
    if fitting.is_due(row, known, horizon=horizon, refit_days=settings.refit_days):
        holdout = known.holdout_days(settings.holdout_days)
        found = await reading.customers(db, known, chunk=chunk, holdout=holdout)
        fitted = await asyncio.to_thread(
            fitting.fitted, found, known, horizon=horizon, holdout=holdout
        )
        async with db.connection() as conn:
            await fitting.keep(conn, fitted, now=now)
            row = await fitting.latest(conn, tenant)
        detail["fitted"][tenant] = fitted["method"]
    if row is not None:
        model = fitting.model_of(row)
        detail["written"][tenant] = await writing.write(db, known, row, model, chunk=chunk)


ROWS: Final[tuple[Job, ...]] = (
    Job("analytics/ltv-predictions", "ltv_seconds", predict_all, queue="ml", at=4 * HOUR),
)
