"""Commands about everything that is held of one person."""

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from processors.cli.console import Json, do, err, out, say

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


@app.command()
def export(
    name: Id,
    tenant: Tenant,
    file: Annotated[
        Path | None, typer.Option("--out", help="Where to; for its owner's eyes. Else stdout.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Everything that is held of a person, as one JSON document, sealed details opened; exit code 1
    if nobody has the id. With --out, --json prints how much it is of each kind."""
    from processors.commands import export as command

    if file is None:
        done = do(command.export(name, tenant=tenant, out=sys.stdout))
    else:
        with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False) as part:
            try:
                done = do(command.export(name, tenant=tenant, out=part))
            except BaseException:
                Path(part.name).unlink()
                raise
        Path(part.name).replace(file) if done else Path(part.name).unlink()
    if done is None:
        err.print(f"{tenant} has no id {name}", markup=False)
        raise typer.Exit(1)
    if file is not None:
        said = ", ".join(f"{count} {kind}" for kind, count in done.counts.items() if count)
        text = f"{tenant}: {len(done.ids)} ids, {said} in {file}"
        say(
            {"tenant_id": tenant, "ids": done.ids, "counts": done.counts},
            as_json=as_json,
            text=text,
        )
