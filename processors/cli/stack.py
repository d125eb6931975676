"""Commands that start things."""

from pathlib import Path
from typing import Annotated

import typer

from processors.cli.console import Json, do, out
from processors.commands.refusal import Refused

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


@app.command()
def status(as_json: Json = False) -> None:
    """Show what runs where; exit code 1 if not all of it does."""
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


@app.command()
def migrate() -> None:
    """Bring the database's tables and views up to date."""
    from processors.commands import schema

    applied = do(schema.migrate())
    out.print("\n".join(applied) if applied else "up to date", markup=False)


@app.command()
def topics(
    acls: Annotated[
        bool, typer.Option("--acls", help="Print what each processor may do, for kafka-acls.")
    ] = False,
    principal: Annotated[
        str, typer.Option(help="With --acls: the user of a role.")
    ] = "User:{role}",
) -> None:
    """Create the topics that are missing."""
    from processors.commands import schema

    if acls:
        for line in schema.acls(principal):
            typer.echo(line)
        return
    made = do(schema.topics())
    out.print("\n".join(made) if made else "all there", markup=False)
