"""Commands that tell how the pipeline stands."""

from typing import TYPE_CHECKING, Annotated

import typer

from processors.cli.console import Json, do, err, gateways, out, say, told
from processors.commands.refusal import Refused

if TYPE_CHECKING:
    from processors.engine.cluster import Cluster

app = typer.Typer()


def _cluster() -> "Cluster":
    from processors.commands.operator import OperatorSettings
    from processors.engine.cluster import Cluster

    settings = OperatorSettings.load()
    return Cluster(settings.kafka_bootstrap_servers, prefix=settings.topic_prefix)


@app.command(
    epilog=told(
        "drain --timeout 600",
        "drain --deliveries --json",
        one="something is still on its way when the time is over",
        json="{drained, seconds, last: {spools, lag, dirty, sending, waiting, unpublished, moved, "
        "unreachable}}",
    )
)
def drain(
    timeout: Annotated[float, typer.Option(help="Seconds to wait at most.")] = 60.0,
    deliveries: Annotated[bool, typer.Option(help="Wait for queued deliveries, too.")] = False,
    as_json: Json = False,
) -> None:
    """Wait until everything received has gone through."""
    from processors.commands import drain as command
    from processors.commands.operator import database

    async def go() -> command.DrainReport:
        async with database() as db, _cluster() as cluster:
            with err.status("draining") as status:
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


@app.command(
    epilog=told(
        "conserve",
        "conserve --by-tenant",
        "conserve --json | jq .faults",
        one="a record is unaccounted for",
        json="{exact, faults: [text], lines: [{group, topic, tenant, day, received, expired, "
        "applied, duplicate, filtered, dead, pending, difference}], spools, deliveries}",
    )
)
def conserve(
    by_tenant: Annotated[bool, typer.Option(help="A line for each tenant.")] = False,
    as_json: Json = False,
) -> None:
    """Account for everything received: reads every topic whole. The view conservation_ledger has
    the same by tenant and day, kept up by a job."""
    from processors.commands import conserve as command
    from processors.commands.operator import database

    async def go() -> command.ConserveReport:
        async with database() as db, _cluster() as cluster:
            with err.status("reading every topic"):
                return await command.conserve(cluster=cluster, db=db, gateways=gateways())

    report = do(go())
    if as_json:
        out.print_json(data=command.as_json(report))
    else:
        out.print(command.render(report, by_tenant=by_tenant))
    raise typer.Exit(1 if report.faults else 0)


@app.command(
    epilog=told(
        "advise",
        one="some of it is urgent",
        json="[{kind, about, found, todo, urgent}]",
    )
)
def advise(as_json: Json = False) -> None:
    """What should be done about the database."""
    from processors.commands import advise as command

    found = do(command.advise())
    if as_json:
        out.print_json(data=command.as_json(found))
    else:
        out.print(command.render(found), markup=False, highlight=False)
    raise typer.Exit(1 if any(advice.urgent for advice in found) else 0)


@app.command(
    epilog=told(
        "lag",
        "lag --json | jq .lag",
        json="{lag, partitions: [{group, topic, partition, committed, end, lag}], restated}",
    )
)
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


@app.command(
    epilog=told(
        "explain 1001",
        "explain 1001 --tenant demo --model time_decay --window 7d",
        json="a list, one for each tenant and source that has the order",
    )
)
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


@app.command(
    epilog=told(
        "doctor",
        "doctor --all",
        "doctor --json | jq '.findings[] | select(.severity == \"critical\")'",
        one="something is wrong (warning or critical)",
        json="{ok, findings: [{severity: critical | warning | note | ok, part, text, do, since}]}",
    )
)
def doctor(
    everything: Annotated[bool, typer.Option("--all", help="Show what is well, too.")] = False,
    as_json: Json = False,
) -> None:
    """Look at every part for some seconds, say what is wrong, since when, and what mends it."""
    from processors.cli.stack import services
    from processors.commands import doctor as command

    with err.status("looking"):
        findings = do(command.examine(gateways(), services()))
    told = command.render(findings, everything=everything)
    say(command.as_json(findings), as_json=as_json, text=told)
    raise typer.Exit(1 if any(finding.is_wrong for finding in findings) else 0)
