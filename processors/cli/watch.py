"""Commands that tell how the pipeline stands."""

from typing import TYPE_CHECKING, Annotated

import typer

from processors.cli.console import Json, do, err, gateways, out
from processors.commands.refusal import Refused

if TYPE_CHECKING:
    from processors.engine.cluster import Cluster

app = typer.Typer()


def _cluster() -> "Cluster":
    from processors.commands.operator import OperatorSettings
    from processors.engine.cluster import Cluster

    settings = OperatorSettings.load()
    return Cluster(settings.kafka_bootstrap_servers, prefix=settings.topic_prefix)


@app.command()
def drain(
    timeout: Annotated[float, typer.Option(help="Seconds to wait at most.")] = 60.0,
    deliveries: Annotated[bool, typer.Option(help="Wait for queued deliveries, too.")] = False,
    as_json: Json = False,
) -> None:
    """Wait until everything received has gone through; exit code 1 if it has not in time."""
    from processors.commands import drain as command
    from processors.commands.operator import database

    async def go() -> command.DrainReport:
        async with database() as db, _cluster() as cluster:
            with out.status("draining") as status:
                return await command.drain(
                    cluster=cluster,
                    db=db,
                    gateways=gateways(),
                    timeout_seconds=timeout,
                    deliveries=deliveries,
                    watch=lambda standing: status.update(command.summarise(standing)),
                )

    report = do(go())
    out.print_json(data=command.as_json(report)) if as_json else out.print(command.render(report))
    raise typer.Exit(0 if report.drained else 1)


@app.command()
def conserve(
    by_tenant: Annotated[bool, typer.Option(help="A line for each tenant.")] = False,
    as_json: Json = False,
) -> None:
    """Account for everything received; exit code 1 if a record is unaccounted for."""
    from processors.commands import conserve as command
    from processors.commands.operator import database

    async def go() -> command.ConserveReport:
        async with database() as db, _cluster() as cluster:
            return await command.conserve(cluster=cluster, db=db, gateways=gateways())

    report = do(go())
    if as_json:
        out.print_json(data=command.as_json(report))
    else:
        out.print(command.render(report, by_tenant=by_tenant))
    raise typer.Exit(1 if report.faults else 0)


@app.command()
def advise(as_json: Json = False) -> None:
    """What should be done about the database; exit code 1 if any of it is urgent."""
    from processors.commands import advise as command

    found = do(command.advise())
    if as_json:
        out.print_json(data=command.as_json(found))
    else:
        out.print(command.render(found), markup=False, highlight=False)
    raise typer.Exit(1 if any(advice.urgent for advice in found) else 0)


@app.command()
def lag(as_json: Json = False) -> None:
    """How far each consumer group is behind, and how often conversions were looked at again."""
    from processors.commands import lag as command
    from processors.commands import restated
    from processors.commands.operator import database

    async def go() -> tuple[command.LagReport, restated.Restated]:
        async with database() as db, _cluster() as cluster:
            return await command.lag(cluster=cluster), await restated.restated(db=db)

    report, found = do(go())
    if as_json:
        out.print_json(data={**command.as_json(report), "restated": restated.as_json(found)})
    else:
        out.print(command.render(report))
        out.print(restated.render(found), markup=False, highlight=False)


@app.command()
def explain(
    order: str,
    tenant: Annotated[str | None, typer.Option(help="Only this tenant.")] = None,
    model: Annotated[str, typer.Option(help="One of the seven models, or custom.")] = "linear",
    window: Annotated[str, typer.Option(help="One of the eight windows.")] = "30d",
    all_windows: Annotated[bool, typer.Option(help="Show the credit in every window.")] = False,
    as_json: Json = False,
) -> None:
    """Why an order's credit went where it went, touch by touch, and which touches have none."""
    from processors.commands import explain as command
    from processors.commands import explain_text
    from processors.commands.explanation import Explanation
    from processors.commands.operator import database

    async def go() -> list[Explanation]:
        async with database() as db:
            return list(
                await command.explain(
                    order,
                    db=db,
                    tenant=tenant,
                    model=model,
                    window=window,
                    everywhere=as_json or all_windows,
                )
            )

    try:
        found = do(go())
    except ValueError as error:
        raise Refused(str(error)) from None
    if not found:
        raise Refused(f"there is no order {order}" + (f" of {tenant}" if tenant else ""))
    if as_json:
        out.print_json(data=command.as_json(found))
    else:
        out.print(explain_text.render(found, all_windows=all_windows))


@app.command()
def person(
    name: Annotated[str, typer.Argument(metavar="ID", help="kind:value, or a bare value")],
    tenant: Annotated[str, typer.Option(help="Whose person.")],
    as_json: Json = False,
) -> None:
    """What is joined to an id, by which record, and what is cut and why; exit code 1 if nobody
    has sent the id."""
    from processors.commands import person as command
    from processors.commands import person_text
    from processors.commands.operator import database

    async def go() -> tuple[command.Person, ...]:
        async with database() as db:
            return await command.person(name, db=db, tenant=tenant)

    found = do(go())
    if not found:
        err.print(f"{tenant} has no id {name}", markup=False)
        raise typer.Exit(1)
    out.print_json(data=command.as_json(found)) if as_json else out.print(person_text.render(found))


@app.command()
def doctor(as_json: Json = False) -> None:
    """Look for what is wrong, and say what to do; exit code 1 if something is."""
    from processors.commands import doctor as command

    findings = do(command.examine(gateways()))
    if as_json:
        out.print_json(data=[finding.as_json() for finding in findings])
    else:
        for finding in findings:
            out.print(("ok    " if finding.ok else "WRONG ") + finding.text, markup=False)
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)
