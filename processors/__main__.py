"""The `attributary` command: what can be done, and how refusals are told."""

import os
import sys

import typer

from processors.cli import (
    alerts,
    backfill,
    backups,
    benchmarks,
    channels,
    connecting,
    creatives,
    history,
    jobs,
    keys,
    models,
    people,
    pixels,
    refusals,
    replays,
    retention,
    shadow,
    stack,
    suppressions,
    tenants,
    users,
    vaults,
    watch,
)
from processors.commands.refusal import Refused

WIDE = "140"

app = typer.Typer(
    name="attributary",
    help="Streaming marketing attribution on Kafka and Postgres.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(stack.app)
app.add_typer(tenants.tenants, name="tenant")
app.add_typer(tenants.analysts, name="analyst")
app.add_typer(keys.keys, name="key")
app.add_typer(users.users, name="user")
app.add_typer(vaults.vaults, name="vault")
app.add_typer(alerts.alerts, name="alert")
app.add_typer(creatives.creatives, name="creative")
app.add_typer(benchmarks.app, name="benchmark")
app.add_typer(watch.app)
app.add_typer(jobs.app)
app.add_typer(models.models, name="model")
app.add_typer(pixels.pixels, name="pixel")
app.add_typer(people.app)
app.add_typer(channels.app)
app.add_typer(connecting.app)
app.add_typer(history.app)
app.add_typer(backfill.app, name="backfill")
app.add_typer(backups.app)
app.add_typer(replays.app)
app.add_typer(refusals.app)
app.add_typer(replays.replays, name="replay")
app.add_typer(retention.app)
app.add_typer(shadow.app, name="shadow")
app.add_typer(suppressions.suppressions, name="suppress")


def main() -> None:
    """Run the command line; what was refused is one line on stderr and exit code 2, and so is a
    server that does not answer."""
    if not sys.stdout.isatty():
        os.environ.setdefault("COLUMNS", WIDE)  # tables in a file or a pipe are not folded
    try:
        app()
    except Exception as error:
        told = _told(error)
        if told is None:
            raise
        sys.stderr.write(f"{told}\n")
        sys.exit(2)


def _told(error: Exception) -> str | None:
    """What the caller can do something about; None for what is a fault of ours."""
    if isinstance(error, Refused):
        return str(error)
    from processors.engine.cycle import is_transient
    from processors.engine.settings import Incomplete

    if isinstance(error, Incomplete):
        return str(error)
    if is_transient(error):
        return f"a server does not answer ({error}); `attributary doctor` says which"
    return None


if __name__ == "__main__":
    main()
