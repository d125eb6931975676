"""Commands about everything that is held of one person."""

from typing import Annotated

import typer

from processors.cli.console import Json, do, err, out

app = typer.Typer()
Id = Annotated[str, typer.Argument(metavar="ID", help="kind:value, or a bare value")]
Tenant = Annotated[str, typer.Option(help="Whose person.")]


@app.command()
def erase(
    name: Id,
    tenant: Tenant,
    reason: Annotated[str, typer.Option(help="Kept with the erasure; no ids in it.")] = "",
    seconds: Annotated[float, typer.Option(help="How long to wait for the processors.")] = 60.0,
    as_json: Json = False,
) -> None:
    """Take a person out of everything: keys, tables, waiting deliveries; the shop's revenue stays.

    Exit code 1 if nobody has the id, 3 if it is begun and not finished: run it again.
    """
    from processors.commands import erase as command

    found = do(command.erase(name, tenant=tenant, reason=reason, seconds=seconds))
    if not found:
        err.print(f"{tenant} has no id {name}", markup=False)
        raise typer.Exit(1)
    if as_json:
        out.print_json(data=command.as_json(found))
    else:
        out.print(command.render(found), markup=False)
    if not all(one.is_finished for one in found):
        raise typer.Exit(3)
