"""The weekly job: every tenant, one after the other; one that fails hurts only itself."""

import logging

from processors.engine.cycle import is_transient
from processors.schedule import store
from processors.schedule.store import QUERIES, Detail
from processors.schedule.tools import Failed, Tools

log = logging.getLogger(__name__)


async def train_all(tools: Tools, tenant: str | None) -> Detail:
    """Train every tenant, or the one. A slot that is tried again leaves out those that were
    trained within half of the cadence.

    Raises:
        Failed: after all of them, when any was not trained to the end.
    """
    detail: Detail = {"tenants": [], "failed": {}}
    done = set() if tenant else await _lately(tools)
    for name in await store.tenants(tools.db, tenant):
        if name not in done:
            await _train(tools, name, detail)
    if detail["failed"]:
        raise Failed("some tenants were not trained to the end", detail)
    return detail


async def _train(tools: Tools, name: str, detail: Detail) -> None:
    """Train one tenant; what it takes to learn is loaded with the first."""
    from processors.schedule.training.run import note_failure, train_tenant

    try:
        detail["tenants"].append((await train_tenant(tools, name)).summary())
    except Failed as error:
        detail["failed"][name] = str(error)
    except Exception as error:
        if is_transient(error):
            raise
        log.exception("not trained", exc_info=error, extra={"tenant": name})
        detail["failed"][name] = type(error).__name__
        await note_failure(tools, name, type(error).__name__)


async def _lately(tools: Tools) -> set[str]:
    since = tools.clock() - tools.settings.training_seconds * 1_000 // 2
    async with tools.db.connection() as conn:
        rows = await conn.fetch(QUERIES["trained_lately"], since)
    return {row["tenant_id"] for row in rows}
