"""Commands that start things."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from processors.cli.console import Json, do, out, say, told
from processors.commands.refusal import Refused

if TYPE_CHECKING:
    from processors.commands.doctor import Service

app = typer.Typer()
Replicas = Annotated[int, typer.Option(help="Processes of each processor.", min=1)]


@app.command()
def up(
    replicas: Replicas = 1,
    processors: Annotated[
        bool, typer.Option(help="Without them only servers run, as `rebuild` needs it.")
    ] = True,
) -> None:
    """Start Kafka, Postgres, simulators and every processor; show what runs where."""
    from deploy.local.failure import LocalStackError
    from deploy.local.up import up as start

    try:
        start(replicas=replicas, processors=None if processors else ())
    except LocalStackError as error:
        raise Refused(str(error)) from None


@app.command()
def down(wipe: Annotated[bool, typer.Option(help="Delete the data, too.")] = False) -> None:
    """Stop exactly what `up` started."""
    from deploy.local.down import down as stop
    from deploy.local.failure import LocalStackError

    try:
        stop(wipe=wipe)
    except LocalStackError as error:
        raise Refused(str(error)) from None


@app.command(epilog=told("restart identity", "restart gateway"))
def restart(
    name: Annotated[str, typer.Argument(help="As `status` lists it, or a processor.")],
) -> None:
    """Start one process of the local stack again and wait until it is ready."""
    from deploy.local.failure import LocalStackError
    from deploy.local.restart import restart as again

    try:
        again(name, console=out)
    except LocalStackError as error:
        raise Refused(str(error)) from None


def services() -> "tuple[Service, ...]":
    """The processes of the stack on this machine, for the doctor; none where none was started."""
    from deploy.local.files import last_lines
    from deploy.local.folder import StackFolder
    from deploy.local.statefile import read_state
    from processors.commands.doctor import Service

    state = read_state(StackFolder().state)
    if state is None:
        return ()
    supervised = state.is_up()
    return tuple(
        Service(
            name=row.name,
            condition=row.condition.value,
            restarts=row.restarts,
            last_exit=row.last_exit,
            started_at=row.started_at,
            ready_url=row.ready_url,
            log=row.log,
            tail=tuple(last_lines(Path(row.log)).splitlines()),
            supervised=supervised,
        )
        for row in state.rows
    )


@app.command(
    epilog=told(
        "status",
        "status --json | jq '.services[] | select(.condition != \"ready\")'",
        one="not all of it runs",
        json="{up, services: [{name, condition, pid, port, ready_url, restarts, last_exit, log}]}",
    )
)
def status(as_json: Json = False) -> None:
    """Show what runs where on this machine."""
    from deploy.local.status import show

    raise typer.Exit(0 if show(as_json=as_json) else 1)


@app.command()
def demo(
    leave: Annotated[
        bool, typer.Option("--exit", help="Judge, tear down, tell by the exit code.")
    ] = False,
    source: Annotated[
        Path | None, typer.Option("--input", help="JSON lines to play instead.")
    ] = None,
    replicas: Replicas = 1,
) -> None:
    """Play a shop's day through the gateway and show what came of it."""
    from deploy.demo.run import demo as play

    raise typer.Exit(play(exit=leave, input=source, replicas=replicas))


@app.command()
def run(
    name: str,
    replica: Annotated[int, typer.Option(help="Number among the processor's replicas.")] = 0,
    check: Annotated[bool, typer.Option(help="Only print the settings.")] = False,
) -> None:
    """Run one processor until SIGTERM."""
    from processors.commands import run as command

    if check:
        for variable, value in command.check(name, replica=replica).items():
            out.print(f"{variable}={value}", markup=False)
    else:
        command.run(name, replica=replica)


@app.command(epilog=told("migrate", json="{applied: [name]}"))
def migrate(as_json: Json = False) -> None:
    """Bring the database's tables and views up to date."""
    from processors.commands import schema

    applied = list(do(schema.migrate()))
    say({"applied": applied}, as_json=as_json, text="\n".join(applied) or "up to date")


@app.command(epilog=told("topics", json="{created: [name]}, or {acls: [line]} with --acls"))
def topics(
    acls: Annotated[
        bool, typer.Option("--acls", help="Print what each processor may do, for kafka-acls.")
    ] = False,
    principal: Annotated[
        str, typer.Option(help="With --acls: the user of a role.")
    ] = "User:{role}",
    as_json: Json = False,
) -> None:
    """Create the topics that are missing, as the catalogue has them."""
    from processors.commands import schema

    if acls:
        lines = list(schema.acls(principal))
        if as_json:
            say({"acls": lines}, as_json=True, text="")
        else:
            typer.echo("\n".join(lines))  # each in one piece
        return
    made = list(do(schema.topics()))
    say({"created": made}, as_json=as_json, text="\n".join(made) or "all there")
