"""Commands for what the gateway refused: look for it, and post it again after a fix."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from processors.cli.console import Dry, Json, do, gateways, out
from processors.cli.replays import replays

app = typer.Typer()

Tenant = Annotated[str | None, typer.Option(help="Only this tenant.")]
Route = Annotated[str | None, typer.Option(help="Only this route, such as /v1/orders")]
Kind = Annotated[str | None, typer.Option(help="size, encoding, json, shape, schema or signature")]
Field = Annotated[str | None, typer.Option(help="Only where this field was named.")]
Since = Annotated[datetime | None, typer.Option(help="Only from this time on (UTC).")]


@app.command()
def refused(
    tenant: Tenant = None,
    route: Route = None,
    kind: Kind = None,
    field: Field = None,
    since: Since = None,
    limit: Annotated[int, typer.Option(help="At most so many, the newest first.")] = 50,
    as_json: Json = False,
) -> None:
    """What the gateway refused: when, whose, where and why."""
    from processors.commands import refused as command

    selection = command.Selection(
        tenant=tenant, route=route, kind=kind, field=field, since=_millis(since)
    )
    found = do(command.listed(selection, limit=limit))
    if as_json:
        rows = [item.model_dump(exclude={"sealed"}, exclude_none=True) for item in found]
        out.print_json(json.dumps(rows))
        return
    table = Table("arrived (UTC)", "tenant", "key", "route", "kind", "field", "error", "item")
    for item in found:
        at = datetime.fromtimestamp(item.received_at / 1000, UTC)
        table.add_row(
            at.isoformat(" ", "seconds")[:19], item.tenant_id, item.key_kind, item.route,
            item.kind, item.field, item.error, item.preview or f"{item.size_bytes} bytes",
        )  # fmt: skip
    out.print(table if found else "nothing")


@replays.command("refused")
def replay_refused(
    tenant: Tenant = None,
    route: Route = None,
    kind: Kind = None,
    field: Field = None,
    since: Since = None,
    limit: Annotated[int | None, typer.Option(help="At most so many.")] = None,
    again: Annotated[bool, typer.Option(help="Also what was accepted before.")] = False,
    per_second: Annotated[float, typer.Option(help="Rate.")] = 100.0,
    dry_run: Dry = False,
) -> None:
    """Post to the gateway again what it refused, each item in a request of its own."""
    from processors.commands import refused as command

    selection = command.Selection(
        tenant=tenant, route=route, kind=kind, field=field, since=_millis(since)
    )
    done = do(
        command.put_back(
            selection,
            gateways=gateways(),
            limit=limit,
            again=again,
            per_second=per_second,
            dry_run=dry_run,
        )
    )
    out.print(
        f"{done.matched} matched, {done.done} accepted before, {done.signed} signed (their senders"
        f" repeat them), {done.lost} without content, {done.accepted} accepted now"
    )
    for why, count in done.still.most_common():
        out.print(f"{count} refused again: {why}", markup=False)


def _millis(at: datetime | None) -> int | None:
    return None if at is None else int(at.replace(tzinfo=UTC).timestamp() * 1000)
