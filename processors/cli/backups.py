"""Commands that take the log and the control tables away, and put them back."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from processors.cli.console import Json, do, say, told
from processors.cli.progress import progress

if TYPE_CHECKING:
    from processors.engine.cluster import Cluster
    from processors.engine.kafka import Producer
    from processors.engine.postgres import Database

app = typer.Typer()
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Where the backup lies.")]
Given = TypeVar("Given")


@app.command(
    epilog=told(
        "backup /srv/backups/shop",
        "backup /srv/backups/shop --verify",
        one="with --verify: the backup is damaged or was cut off",
        json="{written, records, control: {table: rows}}; with --verify {sound, records, taken_at, "
        "faults, offsets_differ}",
    )
)
def backup(
    folder: Folder,
    verify: Annotated[bool, typer.Option("--verify", help="Only read it, and judge.")] = False,
    as_json: Json = False,
) -> None:
    """Take the log, the outcomes, the dead letters and the control tables; what DIR has already is
    not taken again. Everything may run meanwhile. The vault's and the seal's key, and the logins of
    analysts, are not in it."""
    from processors.commands.backup.taking import Taken, take
    from processors.commands.backup.verifying import verify as judge

    if verify:
        found = judge(folder)
        lines = [f"{found.records:,} records, taken {found.taken_at}", *found.faults]
        lines += [f"{place} would have other offsets" for place in found.moved]
        lines.append("damaged" if found.faults else "sound")
        say(found.as_json(), as_json=as_json, text="\n".join(lines))
        raise typer.Exit(1 if found.faults else 0)

    async def work(cluster: "Cluster", _: "Producer", db: "Database") -> Taken:
        with progress("taking", quiet=as_json) as watch:
            return await take(folder, cluster=cluster, db=db, watch=watch)

    taken = do(_connected(work))
    text = f"{taken.written:,} records taken, {taken.records:,} in {folder}"
    say(taken.as_json(), as_json=as_json, text=text)


@app.command(
    epilog=told(
        "up --no-processors; attributary restore /srv/backups/shop; attributary rebuild",
        json="{records, control: {table: rows}, offsets_differ}",
    )
)
def restore(
    folder: Folder,
    resume: Annotated[bool, typer.Option("--resume", help="After one that was cut off.")] = False,
    as_json: Json = False,
) -> None:
    """Put a backup into an empty cluster and an empty database; then `rebuild` makes every table of
    it, and what platforms took is not sent again."""
    from processors.commands.backup.restoring import Restored
    from processors.commands.backup.restoring import restore as put_back

    async def work(cluster: "Cluster", producer: "Producer", db: "Database") -> Restored:
        with progress("restoring", quiet=as_json) as watch:
            return await put_back(
                folder, cluster=cluster, producer=producer, db=db, resume=resume, watch=watch
            )

    done = do(_connected(work))
    lines = [f"{done.records:,} records, {sum(done.control.values()):,} rows of control tables"]
    lines += [f"{place} has other offsets than it had" for place in done.moved]
    lines.append("next: attributary rebuild, start the processors, attributary drain")
    say(done.as_json(), as_json=as_json, text="\n".join(lines))


async def _connected(
    work: "Callable[[Cluster, Producer, Database], Awaitable[Given]]",
) -> Given:
    from processors.commands.operator import OperatorSettings, database
    from processors.engine.cluster import Cluster
    from processors.engine.kafka import Producer

    settings = OperatorSettings.load()
    where, prefix = settings.kafka_bootstrap_servers, settings.topic_prefix
    producer = Producer(where, prefix=prefix)
    async with database() as db, Cluster(where, prefix=prefix) as cluster:
        await producer.start()
        try:
            return await work(cluster, producer, db)
        finally:
            await producer.stop()
