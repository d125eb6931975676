"""`shadow promote`: what was tried becomes production, by the commands that set it by hand."""

import sql
from processors.commands import models
from processors.commands.operator import Refused, database
from processors.commands.shadow.chunks import rules_of
from processors.commands.shadow.runs import Run, find
from processors.commands.tenants import set_values
from processors.domain.attribution.model_document import UNTRAINED

QUERIES = sql.load("shadow")


async def promotable(run_id: str) -> Run:
    """The run, if it may be promoted.

    Raises:
        Refused: when it is not complete, changes nothing, or compared with settings that no longer
            hold.
    """
    async with database() as db, db.connection() as conn:
        run = await find(conn, run_id)
        tenant = await conn.fetchrow(QUERIES["tenant"], run.tenant_id)
    if run.state == "promoted":
        raise Refused(f"the run {run_id} has been promoted already")
    if run.state != "complete":
        raise Refused(f"the run {run_id} is not complete: shadow resume {run_id}")
    if not run.changes:
        raise Refused(f"the run {run_id} changes nothing, so there is nothing to promote")
    if tenant is None or rules_of(tenant) != run.rules:
        raise Refused(
            f"the settings or the model of {run.tenant_id} have changed since the run, so"
            " production would not become what it shows: run it again"
        )
    return run


async def promote(run_id: str) -> Run:
    """Put the run's overrides and its model on the log, and nothing else. The model is asked for
    from the beginning of the run's window on: earlier conversions were not tried.

    Raises:
        Refused: as `promotable`.
    """
    run = await promotable(run_id)
    if run.model == UNTRAINED:
        await models.revert(run.tenant_id, since=_since(run))
    elif run.model is not None:
        await models.promote(run.tenant_id, run.model, since=_since(run))
    if run.overrides:
        await set_values(run.tenant_id, run.overrides)
    async with database() as db, db.connection() as conn:
        await conn.execute(QUERIES["set_state"], run.tenant_id, run.run_id, "promoted", None)
    return run


def _since(run: Run) -> str | None:
    return run.since.isoformat() if run.since else None
