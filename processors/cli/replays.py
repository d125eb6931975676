"""Commands that put records or deliveries back, and that show what lies there."""

import json
from typing import Annotated

import typer
from rich.table import Table

from processors.cli.console import Dry, Json, do, out

app = typer.Typer()
replays = typer.Typer(help="Put records or deliveries back.", no_args_is_help=True)


@app.command()
def rebuild(
    source: Annotated[
        str | None,
        typer.Option("--from", help="URL of the old database: carries control tables over."),
    ] = None,
    wipe: Annotated[bool, typer.Option(help="Empty this database's results first.")] = False,
) -> None:
    """Make every table again from the log; stop the processors first, start them afterwards."""
    from processors.commands import rebuild as command

    done = do(command.rebuild(source=source, wipe=wipe, say=lambda text: out.print(text)))
    for group, where in done.groups.items():
        out.print(f"{group}: {where}", markup=False)
    out.print("start the processors, then: attributary drain --timeout 600", markup=False)


@app.command()
def dlq(as_json: Json = False) -> None:
    """What could not be applied, what no platform accepted, and what the gateway refused."""
    from processors.commands import letters

    found = do(letters.waiting())
    rows = (
        [
            {"topic": topic, "group": group, "reason": reason, "n": n}
            for (topic, group, reason), n in sorted(found.records.items())
        ]
        + [
            {"topic": f"deliveries.{platform}", "group": "fanout", "reason": reason, "n": n}
            for (platform, reason), n in sorted(found.deliveries.items())
        ]
        + [
            {"topic": route, "group": "gateway", "reason": f"{kind} {field}".strip(), "n": n}
            for (route, kind, field), n in sorted(found.refused.items())
        ]
    )
    if as_json:
        out.print_json(json.dumps(rows))
        return
    table = Table("topic", "group", "reason", "records")
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    out.print(table if rows else "nothing")


@replays.command("letters")
def replay_letters(
    topic: Annotated[str, typer.Argument(help="Topic of the records, such as orders.v1")],
    reason: Annotated[str | None, typer.Option(help="Only this reason.")] = None,
    tenant: Annotated[str | None, typer.Option(help="Only this tenant.")] = None,
    limit: Annotated[int | None, typer.Option(help="At most so many.")] = None,
    again: Annotated[bool, typer.Option(help="Also what was put back before.")] = False,
    per_second: Annotated[float, typer.Option(help="Rate.")] = 1_000.0,
    dry_run: Dry = False,
) -> None:
    """Put dead letters back on their topic, exactly as they were."""
    from processors.commands import letters
    from processors.engine.replay import Selection

    selection = Selection(topic, reason=reason, tenant=tenant, limit=limit, again=again)
    done = do(letters.replay_letters(selection, dry_run=dry_run, per_second=per_second))
    out.print(
        f"{done.seen} seen, {done.matched} matched, {done.skipped} put back before,"
        f" {done.replayed} put back now"
    )


@replays.command("deliveries")
def replay_deliveries(
    platform: Annotated[str | None, typer.Option(help="Only this platform.")] = None,
    tenant: Annotated[str | None, typer.Option(help="Only this tenant.")] = None,
    reason: Annotated[str | None, typer.Option(help="rejected, expired or unknown")] = None,
    event: Annotated[
        list[str] | None,
        typer.Option(help="Only this event, by the pixel's id or the platform's; repeatable."),
    ] = None,
    kind: Annotated[str | None, typer.Option(help="event, refund, cancel or adjust")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    per_second: Annotated[float, typer.Option(min=0.001, help="Rate.")] = 1_000.0,
    dry_run: Dry = False,
) -> None:
    """Queue deliveries again that no platform accepted, under the same event ids."""
    from processors.commands import letters

    count = do(
        letters.requeue(
            platform=platform,
            tenant=tenant,
            reason=reason,
            event_ids=event or None,
            kind=kind,
            limit=limit,
            per_second=per_second,
            dry_run=dry_run,
        )
    )
    out.print(f"{count} {'would be queued' if dry_run else 'queued'}")


@replays.command("log")
def replay_log() -> None:
    """Let the groups that read the log start at its beginning; stop the processors first."""
    from processors.commands import rebuild as command

    for group, where in do(command.rewind(say=lambda text: out.print(text))).items():
        out.print(f"{group}: {where}", markup=False)
