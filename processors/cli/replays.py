"""Commands that put records or deliveries back, and that show what lies there."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from processors.cli.console import Dry, Json, do, err, out, say, told

app = typer.Typer()
replays = typer.Typer(help="Put records or deliveries back.", no_args_is_help=True)


@app.command(
    epilog=told(
        "down; attributary up --no-processors; attributary rebuild --wipe",
        "rebuild --from postgresql://old/db",
        json="{outcomes, groups: {name: where it starts}}",
    )
)
def rebuild(
    source: Annotated[
        str | None,
        typer.Option("--from", help="URL of the old database: carries control tables over."),
    ] = None,
    wipe: Annotated[bool, typer.Option(help="Empty this database's results first.")] = False,
    as_json: Json = False,
) -> None:
    """Make every table again from the log; stop the processors first, start them afterwards."""
    from processors.commands import rebuild as command

    done = do(command.rebuild(source=source, wipe=wipe, say=_aside))
    lines = [f"{group}: {where}" for group, where in done.groups.items()]
    lines.append("start the processors, then: attributary drain --timeout 600")
    document = {"outcomes": done.outcomes, "groups": done.groups}
    say(document, as_json=as_json, text="\n".join(lines))


def _aside(text: str) -> None:
    """How far it is, on stderr."""
    err.print(text, markup=False, highlight=False)


@app.command(
    epilog=told(
        "dlq",
        "dlq --json | jq 'map(.n) | add'",
        json="[{topic, group, reason, n}]",
    )
)
def dlq(as_json: Json = False) -> None:
    """What could not be applied, what no platform accepted, and what the gateway refused."""
    from processors.commands import letters

    with err.status("reading the dead letters"):
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
        out.print_json(data=rows)
        return
    table = Table("topic", "group", "reason", "records")
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    out.print(table if rows else "nothing")


@replays.command(
    "letters",
    epilog=told(
        "replay letters orders.v1 --dry-run",
        "replay letters orders.v1 --reason invalid --tenant demo --limit 100",
        json="{seen, matched, skipped, replayed}",
    ),
)
def replay_letters(
    topic: Annotated[str, typer.Argument(help="Topic of the records, such as orders.v1")],
    reason: Annotated[str | None, typer.Option(help="Only this reason.")] = None,
    tenant: Annotated[str | None, typer.Option(help="Only this tenant.")] = None,
    limit: Annotated[int | None, typer.Option(help="At most so many.")] = None,
    again: Annotated[bool, typer.Option(help="Also what was put back before.")] = False,
    per_second: Annotated[float, typer.Option(help="Rate.")] = 1_000.0,
    dry_run: Dry = False,
    as_json: Json = False,
) -> None:
    """Put dead letters back on their topic, exactly as they were."""
    from processors.commands import letters
    from processors.engine.replay import Selection

    selection = Selection(topic, reason=reason, tenant=tenant, limit=limit, again=again)
    done = do(letters.replay_letters(selection, dry_run=dry_run, per_second=per_second))
    told = (
        f"{done.seen} seen, {done.matched} matched, {done.skipped} put back before,"
        f" {done.replayed} put back now"
    )
    say(asdict(done), as_json=as_json, text=told)


@replays.command(
    "deliveries",
    epilog=told(
        "replay deliveries --platform meta --reason expired --dry-run",
        "replay deliveries --tenant demo --event 3f2a",
        json="{queued, dry_run}",
    ),
)
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
    as_json: Json = False,
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
    told = f"{count} {'would be queued' if dry_run else 'queued'}"
    say({"queued": count, "dry_run": dry_run}, as_json=as_json, text=told)


@replays.command(
    "log",
    epilog=told(
        "down; attributary up --no-processors; attributary replay log",
        json="{groups: {name: where it starts}}",
    ),
)
def replay_log(as_json: Json = False) -> None:
    """Let the groups that read the log start at its beginning; stop the processors first."""
    from processors.commands import rebuild as command

    moved = do(command.rewind(say=_aside))
    told = "\n".join(f"{group}: {where}" for group, where in moved.items())
    say({"groups": moved}, as_json=as_json, text=told)
