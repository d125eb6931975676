"""Commands about the gateway's keys."""

from dataclasses import replace
from typing import Annotated

import typer

from processors.cli.console import Json, do, say

keys = typer.Typer(help="Keys of the gateway: who may send what, from where.", no_args_is_help=True)

Named = Annotated[str, typer.Argument(metavar="KEY", help="Label, or id as `key list` tells it.")]
Origin = Annotated[
    list[str] | None,
    typer.Option(help="Page that may use it: https://shop.example, *.shop.example; repeatable."),
]
Expires = Annotated[
    str | None, typer.Option(help="When it ends: 90d, 2027-01-31, or never (which it is).")
]
Rate = Annotated[
    float | None, typer.Option(min=0, help="Items a second in each gateway; 0 for no limit.")
]
Burst = Annotated[int | None, typer.Option(min=1, help="Items at once; else 10 s of the rate.")]
Deny = Annotated[
    list[str] | None,
    typer.Option(help="Event that is kept and has no effect under this key; repeatable."),
]


@keys.command("add")
def key_add(
    tenant: str,
    kind: Annotated[
        str, typer.Option(help="server, or browser (may only write events)")
    ] = "server",
    label: Annotated[str, typer.Option(help="What you call it.")] = "",
    origin: Origin = None,
    expires: Expires = None,
    rate: Rate = None,
    burst: Burst = None,
    deny: Deny = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Takes nothing, answers all.")] = False,
    signed: Annotated[bool, typer.Option("--signed", help="Every request must be signed.")] = False,
    as_json: Json = False,
) -> None:
    """Make a key; it is printed once."""
    from processors.commands import key_terms as terms
    from processors.commands import keys as command

    made = do(
        command.add(
            tenant,
            terms.Terms(
                kind=kind,
                label=label,
                origins=terms.origins(origin or ()),
                expires_at=terms.end(expires or terms.NEVER, now=command.moment()),
                events_per_second=rate,
                burst_events=burst,
                events_denied=terms.denied(deny or ()),
                dry_run=dry_run,
                signed=signed,
            ),
        )
    )
    say(made.as_json(tenant), as_json=as_json, text=made.text())


@keys.command("list")
def key_list(
    tenant: str,
    everything: Annotated[bool, typer.Option("--all", help="Also those that ended.")] = False,
    as_json: Json = False,
) -> None:
    """What each key is bound to, and what is unwise about it; no key itself is stored."""
    from processors.commands import keys as command

    found = do(command.listed(tenant, everything=everything))
    shown = [command.as_json(key) for key in found]
    say(shown, as_json=as_json, text=command.render(found))


@keys.command("set")
def key_set(
    tenant: str,
    key: Named,
    origin: Origin = None,
    any_origin: Annotated[bool, typer.Option("--any-origin", help="Any page again.")] = False,
    expires: Expires = None,
    rate: Rate = None,
    burst: Burst = None,
    deny: Deny = None,
    deny_none: Annotated[bool, typer.Option("--deny-none", help="Every event again.")] = False,
    dry_run: Annotated[
        bool | None, typer.Option("--dry-run/--no-dry-run", help="Takes nothing, answers all.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Bind a key to other terms; what is left out stays, and gateways follow within seconds."""
    from processors.commands import key_terms as terms
    from processors.commands import keys as command

    def changed(old: terms.Terms) -> terms.Terms:
        new = old
        if origin or any_origin:
            new = replace(new, origins=terms.origins(origin or ()))
        if expires is not None:
            new = replace(new, expires_at=terms.end(expires, now=command.moment()))
        if rate is not None:
            new = replace(new, events_per_second=rate, burst_events=None)
        if burst is not None:
            new = replace(new, burst_events=burst)
        if deny or deny_none:
            new = replace(new, events_denied=terms.denied(deny or ()))
        return new if dry_run is None else replace(new, dry_run=dry_run)

    found = do(command.change(tenant, key, changed))
    say(command.as_json(found), as_json=as_json, text=command.render([found]))


@keys.command("rotate")
def key_rotate(
    tenant: str,
    key: Named,
    grace: Annotated[str, typer.Option(help="How long the old one is still good; 0 ends it.")] = (
        "24h"
    ),
    as_json: Json = False,
) -> None:
    """A new key on the same terms, printed once; the old one ends after the grace."""
    from processors.commands import key_terms as terms
    from processors.commands import keys as command

    made = do(command.rotate(tenant, key, grace=terms.span(grace, "grace")))
    say(made.as_json(tenant), as_json=as_json, text=made.text())


@keys.command("revoke")
def key_revoke(tenant: str, key: Named, as_json: Json = False) -> None:
    """End a key; gateways refuse it within seconds."""
    from processors.commands import keys as command

    found = do(command.revoke(tenant, key))
    text = f"{tenant}: revoked {found.key_id}"
    say({"tenant_id": tenant, "revoked": found.key_id}, as_json=as_json, text=text)
