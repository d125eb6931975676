"""Commands about people who are taken out of delivery and credit."""

from typing import Annotated

import typer

from processors.cli.console import Json, do, say

suppressions = typer.Typer(
    help="People who are taken out of delivery and credit.", no_args_is_help=True
)
Ids = Annotated[
    list[str],
    typer.Argument(help="kind:value (customer, email, phone, external, device, visitor), or @FILE"),
]
Reason = Annotated[str, typer.Option(help="Why; kept in the log and the audit log.")]


@suppressions.command("add")
def suppress_add(tenant: str, ids: Ids, reason: Reason = "", as_json: Json = False) -> None:
    """Suppress everybody who has one of these ids: no platform hears of them, no touch of theirs
    earns. What they do is still taken, and counted as filtered."""
    from processors.commands import suppression as command

    found = do(command.suppress(tenant, ids, reason=reason))
    _told(tenant, found, "suppressed", as_json=as_json)


@suppressions.command("remove")
def suppress_remove(tenant: str, ids: Ids, reason: Reason = "", as_json: Json = False) -> None:
    """Release these ids; somebody stays suppressed as long as another of their ids is."""
    from processors.commands import suppression as command

    found = do(command.suppress(tenant, ids, suppressed=False, reason=reason))
    _told(tenant, found, "released", as_json=as_json)


@suppressions.command("list")
def suppress_list(tenant: str, as_json: Json = False) -> None:
    """The ids that are suppressed, the latest first."""
    from processors.commands import suppression as command

    found = do(command.listed(tenant))
    rows = [{"id": one.id, "since": one.since.isoformat(timespec="seconds")} for one in found]
    text = "\n".join(f"{row['since']} {row['id']}" for row in rows)
    say({"tenant_id": tenant, "suppressed": rows}, as_json=as_json, text=text or "none")


def _told(tenant: str, ids: list[str], what: str, *, as_json: bool) -> None:
    text = f"{tenant}: {what} {', '.join(ids[:20])}"
    if len(ids) > 20:
        text += f" and {len(ids) - 20} more"
    say({"tenant_id": tenant, what: ids}, as_json=as_json, text=text)
