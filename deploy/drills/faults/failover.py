"""The database fails over to a replica, and back.

A replica is made of the running primary and followed synchronously. The primary is killed (SIGKILL,
every backend) and fenced: its supervisor lets it rest. The replica is promoted, and the proxy leads
every process to it. Then the old place is made a replica of the new primary, and the way back is a
planned one: the new primary is stopped, so that it hands over all that it has, the old place is
promoted, and the proxy leads back. Expected: every process waits in place and none ends; no commit
that a process was told of is missing on either side.
"""

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path
from signal import Signals
from time import monotonic
from typing import Final
from urllib.parse import unquote, urlsplit

from deploy.drills import standby
from deploy.drills.fault import Field, Layout, Left
from deploy.local.postgres import Postgres
from deploy.local.postgres_cluster import clear_remains

_SERVER: Final = "postgres"


class Failover:
    """Strikes the database; it is the replica that serves for the seconds of the strike."""

    name = "failover"
    bound_seconds = 60.0
    seconds = (3.0, 10.0)

    def targets(self, layout: Layout) -> Sequence[str]:
        """The database."""
        return [name for name in layout.servers if name == _SERVER]

    async def strike(self, field: Field, target: str, seconds: float) -> Left:
        """There by a crash, back by a plan."""
        home, away = field.servers.postgres, field.folder / "replica"
        address = field.dsn
        shutil.rmtree(away, ignore_errors=True)
        replica = await _replica_of(address, away)
        began = monotonic()
        field.signal(target, Signals.SIGKILL)
        await field.halt(target)
        await asyncio.to_thread(clear_remains, home.absolute() / "data")
        await standby.promote(away, port=_port(replica.dsn))
        await field.links.point(_SERVER, host="127.0.0.1", port=_port(replica.dsn))
        field.environment["DATABASE_URL"] = replica.dsn
        there = monotonic() - began

        await asyncio.sleep(seconds)
        await asyncio.to_thread(shutil.rmtree, home / "data")
        await asyncio.to_thread(standby.copy, _port(replica.dsn), _secret(replica.dsn), home)
        await field.restart(target)
        await standby.hold_to_standby(replica.dsn)
        began = monotonic()
        await asyncio.to_thread(replica.stop)
        await standby.promote(home, port=_port(address))
        await field.links.point(_SERVER, host="127.0.0.1", port=_port(address))
        field.environment["DATABASE_URL"] = address
        back = monotonic() - began
        shutil.rmtree(away, ignore_errors=True)
        return Left(notes=(f"no database for {there:.1f} s, and {back:.1f} s on the way back",))


async def _replica_of(dsn: str, directory: Path) -> Postgres:
    """A running replica, without which the server at this address commits nothing any more."""
    await asyncio.to_thread(standby.copy, _port(dsn), _secret(dsn), directory)
    replica = Postgres(directory)
    replica.launch()  # by this thread, with which it ends
    await asyncio.to_thread(replica.wait_ready)
    await standby.hold_to_standby(dsn)
    return replica


def _port(dsn: str) -> int:
    port = urlsplit(dsn).port
    assert port is not None, "a drill's database is one of our own"
    return port


def _secret(dsn: str) -> str:
    return unquote(urlsplit(dsn).password or "")
