"""Commands about creatives: the ways of looking at them that somebody keeps."""

from typing import Annotated

import typer

from processors.cli.console import Json, do, out, say
from processors.commands.refusal import Refused

creatives = typer.Typer(help="Saved views of creatives.", no_args_is_help=True)

Tenant = Annotated[str, typer.Option("--tenant", help="Whose.")]


@creatives.command("save")
def creative_save(
    view_id: str,
    columns: Annotated[list[str], typer.Argument(help="Columns of creative_performance.")],
    tenant: Tenant,
    name: Annotated[str, typer.Option(help="What the page calls it.")] = "",
    where: Annotated[list[str] | None, typer.Option(help="column=value; several at will.")] = None,
    sort: Annotated[str, typer.Option(help="A column; -column: greatest first.")] = "",
    by: Annotated[str, typer.Option(help="Who saves it.")] = "operator",
) -> None:
    """Keep filters, columns and order under a short name."""
    from processors.commands import creatives as command

    filters = dict(pair.split("=", 1) for pair in where or () if "=" in pair)
    if len(filters) != len(where or ()):
        raise Refused("give each condition as column=value, each column once")
    view = command.SavedView(
        view_id=view_id, name=name or view_id, filters=filters, columns=tuple(columns), sort=sort,
        created_by=by,
    )  # fmt: skip
    do(command.save(tenant, view))
    out.print(f"{tenant}: saved {view_id}", markup=False)


@creatives.command("list")
def creative_list(tenant: Tenant, as_json: Json = False) -> None:
    """The views that a tenant keeps."""
    from processors.commands import creatives as command

    found = do(command.saved(tenant))
    told = "\n".join(f"{view.view_id}: {', '.join(view.columns)}" for view in found) or "none"
    say([view.as_json() for view in found], as_json=as_json, text=told)


@creatives.command("drop")
def creative_drop(view_id: str, tenant: Tenant) -> None:
    """Forget one."""
    from processors.commands import creatives as command

    do(command.drop(tenant, view_id))
    out.print(f"{tenant}: dropped {view_id}", markup=False)
