"""Commands about tenants, their keys and settings."""

from typing import Annotated

import typer

from processors.cli.console import Json, do, out, say
from processors.commands.refusal import Refused

tenants = typer.Typer(help="Tenants, their keys and settings.", no_args_is_help=True)
analysts = typer.Typer(help="Logins that see one tenant.", no_args_is_help=True)


@tenants.command("add")
def tenant_add(tenant: str, as_json: Json = False) -> None:
    """Make a tenant; its first server key is printed once."""
    from processors.commands import tenants as command

    made = do(command.add(tenant))
    say({"tenant_id": tenant, "api_key": made}, as_json=as_json, text=made)


@tenants.command("key")
def tenant_key(
    tenant: str,
    kind: Annotated[
        str, typer.Option(help="server, or browser (may only write events)")
    ] = "server",
    label: str = "",
    revoke: Annotated[bool, typer.Option(help="Revoke the keys of that label instead.")] = False,
    as_json: Json = False,
) -> None:
    """Make another key of a tenant, or revoke keys by label; `key` does more."""
    from processors.commands import keys as command
    from processors.commands.key_terms import Terms

    if revoke:
        count = do(command.revoke_labelled(tenant, label))
        say({"tenant_id": tenant, "revoked": count}, as_json=as_json, text=f"revoked {count}")
    else:
        made = do(command.add(tenant, Terms(kind=kind, label=label)))
        say(made.as_json(tenant), as_json=as_json, text=made.text())


@tenants.command("set")
def tenant_set(tenant: str, values: Annotated[list[str], typer.Argument(help="key=value")]) -> None:
    """Set settings, accounts or secrets: key=value, several at once; a document may be @FILE."""
    from processors.commands import tenants as command

    pairs = dict(value.split("=", 1) for value in values if "=" in value)
    if len(pairs) != len(values):
        raise Refused("give each as key=value, each key once")
    do(command.set_values(tenant, pairs))
    out.print(f"{tenant}: set {', '.join(sorted(pairs))}", markup=False)


@tenants.command("settings")
def tenant_settings(
    tenant: str,
    history: Annotated[bool, typer.Option("--history", help="With every change.")] = False,
    as_json: Json = False,
) -> None:
    """What holds for a tenant, since when, and under which version."""
    from processors.commands import tenant_settings as command

    found = do(command.standing(tenant))
    say(
        command.as_json(found, history=history),
        as_json=as_json,
        text=command.render(found, history=history),
    )


@tenants.command("influencer")
def tenant_influencer(
    tenant: str,
    name: str,
    discount: Annotated[list[str] | None, typer.Option(help="Discount code; repeatable.")] = None,
    ref: Annotated[
        list[str] | None, typer.Option(help="Ref or creator code of links; repeatable.")
    ] = None,
    commission: Annotated[str, typer.Option(help="Share of the revenue, 0 to 1.")] = "0",
    own_id: Annotated[str, typer.Option("--id", help="Short name; else made of NAME.")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take the influencer away.")] = False,
) -> None:
    """Make or change an influencer: the call tells all of it, codes left out are gone."""
    from processors.commands import tenants as command

    told = {
        "influencer_id": own_id,
        "name": name,
        "discount_codes": discount or (),
        "ref_codes": ref or (),
        "commission_rate": commission,
        "removed": remove,
    }
    made = do(command.influencer(tenant, told))
    out.print(f"{tenant}: influencer {made} {'removed' if remove else 'set'}", markup=False)


@tenants.command("rate")
def tenant_rate(
    tenant: str,
    pair: Annotated[str, typer.Argument(help="EUR=1.08: one EUR in the reporting currency")],
    reporting: Annotated[str, typer.Option(help="Reporting currency.")] = "USD",
    date: Annotated[str, typer.Option(help="First day on which it holds.")] = "2000-01-01",
) -> None:
    """Tell an exchange rate."""
    from processors.commands import tenants as command

    currency, _, value = pair.partition("=")
    do(command.rate(tenant, currency=currency, reporting=reporting, value=value, date=date))
    out.print(f"{tenant}: 1 {currency} = {value} {reporting} from {date}", markup=False)


@tenants.command("unlink")
def tenant_unlink(
    tenant: str,
    a: Annotated[str, typer.Argument(help="kind:value")],
    b: Annotated[str, typer.Argument(help="kind:value")],
    undo: Annotated[bool, typer.Option(help="Put the edge back.")] = False,
    reason: Annotated[str, typer.Option(help="Why; kept in the audit log.")] = "",
    as_json: Json = False,
) -> None:
    """Take the edge between two ids out of the identity graph."""
    from processors.commands import tenants as command

    found = do(command.unlink(tenant, a=a, b=b, linked=undo, reason=reason))
    say(
        {
            "tenant_id": tenant,
            "linked": undo,
            "is_known": found.is_known,
            "people": found.people,
            "orders": found.orders,
            "otherwise": [[joint.a, joint.b] for joint in found.otherwise],
        },
        as_json=as_json,
        text=f"{tenant}: {'linked' if undo else 'unlinked'}; {found.told()}",
    )


@analysts.command("add")
def analyst_add(
    name: str, tenant: Annotated[str, typer.Option(help="The only tenant seen.")]
) -> None:
    """Make a login; its database URL is printed once."""
    from processors.commands import analysts as command

    out.print(do(command.add(name, tenant=tenant)), markup=False, soft_wrap=True)
