"""Commands of shadow replays: other settings over a window of history, beside production."""

import os
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from processors.cli.console import Json, do, out, say
from processors.cli.progress import progress
from processors.commands.refusal import Refused

if TYPE_CHECKING:
    from processors.commands.shadow.difference import Difference
    from processors.commands.shadow.runs import Run

app = typer.Typer(
    help="Credit history under other settings, beside production, and see the difference.",
    no_args_is_help=True,
)
Workers = Annotated[
    int | None, typer.Option(min=1, max=64, help="Processes; else one for each core.")
]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="As `shadow list` names it.")]


@app.command()
def run(
    tenant: str,
    since: Annotated[
        str | None, typer.Option(help="Date in the tenant's time zone: orders from then on.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Date: orders before then.")] = None,
    values: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Setting to try, as `tenant set` takes it: half_life_days, attribution_mode,"
            " view_window, max_touches, lookback_days, custom_model (a document or @FILE).",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION", help="Trained model to try, as `model list` names it; or untrained."
        ),
    ] = None,
    workers: Workers = None,
    name: Annotated[str, typer.Option(help="What to call it.")] = "",
    as_json: Json = False,
) -> None:
    """Credit the orders of a window under other settings, into tables of its own.

    Production is only read. Both sides come from the same reading, so the difference is exact.
    A run that was cut short goes on with `shadow resume`.
    """
    from processors.commands.operator import database
    from processors.commands.shadow import runs

    pairs = dict(value.split("=", 1) for value in values or () if "=" in value)
    if len(pairs) != len(values or ()):
        raise Refused("give each --set as key=value, each key once")
    wish = runs.Wish(
        tenant=tenant, overrides=pairs, model=model, since=_day(since), until=_day(until), name=name
    )
    count = _count(workers)

    async def begin() -> str:
        async with database() as db:
            return await runs.begin(db, wish, ranges=count)

    _work(do(begin()), workers=count, as_json=as_json)


@app.command()
def resume(run_id: RunId, workers: Workers = None, as_json: Json = False) -> None:
    """Go on with a run that was cut short, from its checkpoints."""
    _work(run_id, workers=_count(workers), as_json=as_json)


def _count(workers: int | None) -> int:
    return workers or os.cpu_count() or 1


def _work(run_id: str, *, workers: int, as_json: bool) -> None:
    from processors.commands.shadow import working

    with progress(f"shadow run {run_id}", quiet=as_json) as watch:
        done = do(working.work_off(run_id, workers=workers, watch=watch))
    say(
        {"run_id": done.run_id, "tenant_id": done.tenant_id, "state": done.state},
        as_json=as_json,
        text=f"run {run_id}: {done.state}; `attributary shadow show {run_id}` tells the difference",
    )


@app.command("list")
def list_(tenant: str, as_json: Json = False) -> None:
    """A tenant's runs, the oldest first."""
    from processors.commands.operator import database
    from processors.commands.shadow import runs, tables

    async def go() -> list[dict[str, Any]]:
        async with database() as db:
            return await runs.listed(db, tenant)

    found = do(go())
    out.print_json(data=found) if as_json else out.print(tables.of_runs(found))


@app.command()
def show(
    run_id: RunId,
    model: Annotated[
        str | None, typer.Option(help="Model; else the one that the run moves most.")
    ] = None,
    window: Annotated[str, typer.Option(help="Window.")] = "30d",
    as_json: Json = False,
) -> None:
    """What a run would change, channel by channel."""
    from processors.commands.operator import database
    from processors.commands.shadow import difference, tables

    async def go() -> "Difference":
        async with database() as db:
            return await difference.difference(db, run_id, model=model, window=window)

    found = do(go())
    if as_json:
        out.print_json(data=difference.as_json(found))
        return
    for part in tables.of_difference(found):
        out.print(part, highlight=False)


@app.command()
def promote(
    run_id: RunId,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Put a complete run's overrides on the log, as `tenant set` and `model promote` would: they
    become production. A model is promoted for orders since the run's --since."""
    from processors.commands.shadow import promoting, tables

    run = do(promoting.promotable(run_id))
    told = tables.told(run.changes)
    if not yes:
        typer.confirm(f"{run.tenant_id}: set {told}?", abort=True, err=True)
    done = do(promoting.promote(run_id))
    say(
        {"run_id": run_id, "tenant_id": done.tenant_id, "set": done.changes},
        as_json=as_json,
        text=f"{done.tenant_id}: set {told}; `attributary drain` waits for it",
    )


@app.command()
def drop(run_id: RunId, as_json: Json = False) -> None:
    """Take a run and all that it wrote away; one under way stops."""
    from processors.commands.operator import database
    from processors.commands.shadow import runs

    async def go() -> "Run":
        async with database() as db:
            return await runs.drop(db, run_id)

    gone = do(go())
    say(
        {"run_id": run_id, "tenant_id": gone.tenant_id, "dropped": True},
        as_json=as_json,
        text=f"{gone.tenant_id}: dropped run {run_id}",
    )


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{text!r} is no date: give YYYY-MM-DD") from None
