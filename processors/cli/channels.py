"""The command that explains a URL."""

from typing import Annotated

import typer

from processors.cli.console import Json, do, say

app = typer.Typer()


@app.command()
def channel(
    url: Annotated[str, typer.Argument(help="Landing URL.")],
    referrer: Annotated[str | None, typer.Option(help="Where the visit came from.")] = None,
    tenant: Annotated[
        str | None, typer.Option(help="Whose rules come before the defaults.")
    ] = None,
    utm_source: str = "",
    utm_medium: str = "",
    utm_campaign: str = "",
    utm_term: str = "",
    utm_content: str = "",
    field: Annotated[
        list[str] | None,
        typer.Option(help="name=value as a server would send it: gclid, ref, creator, channel..."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Which channel a visit belongs to, and which rule decides."""
    from processors.commands import channel as command
    from processors.domain.default_channels import DEFAULTS

    sent = {
        "utm_source": utm_source,
        "utm_medium": utm_medium,
        "utm_campaign": utm_campaign,
        "utm_term": utm_term,
        "utm_content": utm_content,
        **{name: value for name, _, value in (f.partition("=") for f in field or [])},
    }
    rules = DEFAULTS if tenant is None else do(command.rules_of(tenant))
    found = command.decide(url, referrer=referrer, sent=sent, rules=rules)
    say(command.as_json(found), as_json=as_json, text=command.render(found))
