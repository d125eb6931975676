"""Commands about the tags of a shop's pages."""

from pathlib import Path
from typing import Annotated

import typer

from processors.cli.console import Json, do, say

pixels = typer.Typer(help="Tags of the shop's pages.", no_args_is_help=True)


@pixels.callback()
def pixel() -> None:
    """Tags of the shop's pages."""


@pixels.command("check")
def pixel_check(
    file: Annotated[Path, typer.Argument(metavar="FILE.har", help="Network panel's Export HAR.")],
    tenant: Annotated[
        str | None, typer.Option(help="Look its deliveries up by the ids that the tags told.")
    ] = None,
    as_json: Json = False,
) -> None:
    """What a visit's tags told Meta, TikTok, Snapchat and Google, and what is wrong about it.
    To record one: network panel, filter facebook.com/tr OR analytics.tiktok.com OR tr.snapchat.com.
    """
    from processors.commands import pixel_check as command

    fired, asked = command.read(file), tenant is not None
    if tenant is not None:
        fired = do(command.beside_server(tenant, fired))
    text = command.render(fired, asked=asked)
    say(command.as_json(fired, asked=asked), as_json=as_json, text=text)
