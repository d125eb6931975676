"""Commands that bring past days of other systems in."""

from typing import Annotated

import typer

from processors.cli.console import Json, do, out
from processors.cli.progress import progress

app = typer.Typer(help="Read past days of platforms again.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Without it the only command would be called by the group's name."""


@app.command()
def spend(
    platform: Annotated[str, typer.Argument(help="Whose ads: meta, google, ...")],
    tenant: Annotated[str, typer.Option(help="Whose account.")],
    since: Annotated[str, typer.Option(help="First date, as 2026-01-31, of the ad account.")],
    until: Annotated[str | None, typer.Option(help="Last date; else the latest.")] = None,
    as_json: Json = False,
) -> None:
    """Read what ads cost on past days, of campaigns and ads.

    What a platform tells replaces what it told before, so nothing is counted twice; a day that it
    tells nothing of any more is nothing. A run that was cut short goes on where it stopped when
    the same dates are asked for; exit code 1 if it is not at the end.
    """
    from processors.commands import backfill as command

    with progress(f"spend of {platform}", quiet=as_json) as watch:
        told = do(command.spend(platform, tenant=tenant, since=since, until=until, watch=watch))
    if as_json:
        out.print_json(data=told)
    else:
        for account, levels in told["figures"].items():
            counts = ", ".join(f"{count:,} of {level}s" for level, count in levels.items())
            out.print(f"account {account}: {counts}", markup=False)
        if told["stopped"]:
            out.print(f"stopped: {told['stopped']}; run it again to go on", markup=False)
    raise typer.Exit(1 if told["stopped"] else 0)
