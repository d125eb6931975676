"""The `attributary` command: parses, calls one file of `processors.commands`, prints."""

import asyncio
import json
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from processors.commands.operator import Refused
from processors.engine.settings import Incomplete

app = typer.Typer(
    name="attributary",
    help="Streaming marketing attribution on Kafka and Postgres.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
tenants = typer.Typer(help="Tenants, their keys and settings.", no_args_is_help=True)
analysts = typer.Typer(help="Logins that see one tenant.", no_args_is_help=True)
replays = typer.Typer(help="Put records or deliveries back.", no_args_is_help=True)
app.add_typer(tenants, name="tenant")
app.add_typer(analysts, name="analyst")
app.add_typer(replays, name="replay")

out = Console()
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Replicas = Annotated[int, typer.Option(help="Processes of each processor.", min=1)]
Dry = Annotated[bool, typer.Option(help="Only count.")]
Given = TypeVar("Given")


def _do(work: Coroutine[Any, Any, Given]) -> Given:
    return asyncio.run(work)


def _say(document: object, *, as_json: bool, text: str) -> None:
    out.print_json(json.dumps(document)) if as_json else out.print(text, markup=False)


@app.command()
def up(replicas: Replicas = 1) -> None:
    """Start Kafka, Postgres, simulators and every processor; show what runs where."""
    from deploy.local.up import up as start

    start(replicas=replicas)


@app.command()
def down(wipe: Annotated[bool, typer.Option(help="Delete the data, too.")] = False) -> None:
    """Stop exactly what `up` started."""
    from deploy.local.down import down as stop

    stop(wipe=wipe)


@app.command()
def demo(
    leave: Annotated[
        bool, typer.Option("--exit", help="Judge, tear down, tell by the exit code.")
    ] = False,
    source: Annotated[
        Path | None, typer.Option("--input", help="JSON lines to play instead.")
    ] = None,
    replicas: Replicas = 1,
) -> None:
    """Play a shop's day through the gateway and show what came of it."""
    from deploy.demo.run import demo as play

    raise typer.Exit(play(exit=leave, input=source, replicas=replicas))


@app.command()
def run(
    name: str,
    replica: Annotated[int, typer.Option(help="Number among the processor's replicas.")] = 0,
    check: Annotated[bool, typer.Option(help="Only print the settings.")] = False,
) -> None:
    """Run one processor until SIGTERM."""
    from processors.commands import run as command

    if check:
        for variable, value in command.check(name, replica=replica).items():
            out.print(f"{variable}={value}", markup=False)
    else:
        command.run(name, replica=replica)


@app.command()
def migrate() -> None:
    """Bring the database's tables and views up to date."""
    from processors.commands import schema

    applied = _do(schema.migrate())
    out.print("\n".join(applied) if applied else "up to date", markup=False)


@app.command()
def topics() -> None:
    """Create the topics that are missing."""
    from processors.commands import schema

    made = _do(schema.topics())
    out.print("\n".join(made) if made else "all there", markup=False)


@tenants.command("add")
def tenant_add(tenant: str, as_json: Json = False) -> None:
    """Make a tenant; its first server key is printed once."""
    from processors.commands import tenants as command

    made = _do(command.add(tenant))
    _say({"tenant_id": tenant, "api_key": made}, as_json=as_json, text=made)


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
    """Make another key of a tenant, or revoke keys by label."""
    from processors.commands import tenants as command

    if revoke:
        count = _do(command.revoke(tenant, label=label))
        _say({"tenant_id": tenant, "revoked": count}, as_json=as_json, text=f"revoked {count}")
    else:
        made = _do(command.key(tenant, kind=kind, label=label))
        _say({"tenant_id": tenant, "api_key": made}, as_json=as_json, text=made)


@tenants.command("set")
def tenant_set(tenant: str, values: Annotated[list[str], typer.Argument(help="key=value")]) -> None:
    """Set settings, accounts or secrets: key=value, several at once."""
    from processors.commands import tenants as command

    pairs = dict(value.split("=", 1) for value in values if "=" in value)
    if len(pairs) != len(values):
        raise Refused("give each as key=value, each key once")
    _do(command.set_values(tenant, pairs))
    out.print(f"{tenant}: set {', '.join(sorted(pairs))}", markup=False)


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
    _do(command.rate(tenant, currency=currency, reporting=reporting, value=value, date=date))
    out.print(f"{tenant}: 1 {currency} = {value} {reporting} from {date}", markup=False)


@tenants.command("unlink")
def tenant_unlink(
    tenant: str,
    a: Annotated[str, typer.Argument(help="kind:value")],
    b: Annotated[str, typer.Argument(help="kind:value")],
    undo: Annotated[bool, typer.Option(help="Put the edge back.")] = False,
) -> None:
    """Take the edge between two ids out of the identity graph."""
    from processors.commands import tenants as command

    _do(command.unlink(tenant, a=a, b=b, linked=undo))
    out.print(f"{tenant}: {a} and {b} {'linked' if undo else 'unlinked'}", markup=False)


@analysts.command("add")
def analyst_add(
    name: str, tenant: Annotated[str, typer.Option(help="The only tenant seen.")]
) -> None:
    """Make a login; its database URL is printed once."""
    from processors.commands import analysts as command

    out.print(_do(command.add(name, tenant=tenant)), markup=False, soft_wrap=True)


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

    done = _do(command.rebuild(source=source, wipe=wipe, say=lambda text: out.print(text)))
    for group, where in done.groups.items():
        out.print(f"{group}: {where}", markup=False)
    out.print("start the processors, then: attributary drain --timeout 600", markup=False)


@app.command()
def dlq(as_json: Json = False) -> None:
    """What could not be applied, and what no platform accepted."""
    from processors.commands import letters

    found = _do(letters.waiting())
    rows = [
        {"topic": topic, "group": group, "reason": reason, "n": n}
        for (topic, group, reason), n in sorted(found.records.items())
    ] + [
        {"topic": f"deliveries.{platform}", "group": "fanout", "reason": reason, "n": n}
        for (platform, reason), n in sorted(found.deliveries.items())
    ]
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
    done = _do(letters.replay_letters(selection, dry_run=dry_run, per_second=per_second))
    out.print(
        f"{done.seen} seen, {done.matched} matched, {done.skipped} put back before,"
        f" {done.replayed} put back now"
    )


@replays.command("deliveries")
def replay_deliveries(
    platform: Annotated[str | None, typer.Option(help="Only this platform.")] = None,
    tenant: Annotated[str | None, typer.Option(help="Only this tenant.")] = None,
    reason: Annotated[str | None, typer.Option(help="rejected, expired or unknown")] = None,
    dry_run: Dry = False,
) -> None:
    """Queue deliveries again that no platform accepted, under the same event ids."""
    from processors.commands import letters

    count = _do(letters.requeue(platform=platform, tenant=tenant, reason=reason, dry_run=dry_run))
    out.print(f"{count} {'would be queued' if dry_run else 'queued'}")


@replays.command("log")
def replay_log() -> None:
    """Let the groups that read the log start at its beginning; stop the processors first."""
    from processors.commands import rebuild as command

    for group, where in _do(command.rewind()).items():
        out.print(f"{group}: {where}", markup=False)


def main() -> None:
    """Run the command line; what was refused is one line on stderr and exit code 2."""
    try:
        app(standalone_mode=True)
    except (Refused, Incomplete) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
