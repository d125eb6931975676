"""`drain`: waits until nothing that was taken in is on its way any more, and says so exactly.

One look is enough when it is taken in the order of the flow: spools empty; each group committed
up to end offsets that were read after the groups before it were done; no id to be recomputed,
no delivery being sent, no outcome unpublished; then the same end offsets and empty spools once
more. Anything that moved meanwhile shows in the last step, and the look is repeated.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from time import monotonic
from typing import Any, Final

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.table import Table

import sql
from processors.commands.spools import empty, spooled
from processors.engine import kafka, postgres
from processors.engine.cluster import Cluster
from processors.engine.flow import GROUPS, Group
from processors.engine.postgres import Database
from processors.engine.pulse import Place

QUERIES: Final = sql.load("operations")
_PAUSE_SECONDS: Final = 0.2


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What one look saw; `unreachable` names a server that did not answer."""

    spools: dict[str, int | None] = field(default_factory=dict)
    lag: dict[str, int] = field(default_factory=dict)
    dirty: int = 0
    sending: int = 0
    waiting: int = 0
    unpublished: int = 0
    moved: bool = False
    unreachable: str = ""

    def done(self, *, deliveries: bool) -> bool:
        """Whether this is the drained state."""
        still = (*self.lag.values(), self.dirty, self.sending, self.unpublished)
        return (
            not self.unreachable
            and not self.moved
            and not any(still)
            and empty(self.spools)
            and not (deliveries and self.waiting)
        )


@dataclass(frozen=True, kw_only=True)
class DrainReport:
    """How the wait ended."""

    drained: bool
    seconds: float
    last: Standing


async def drain(
    *,
    cluster: Cluster,
    db: Database,
    gateways: Sequence[str],
    timeout_seconds: float,
    deliveries: bool = False,
    watch: Callable[[Standing], None] | None = None,
) -> DrainReport:
    """Look until drained or out of time; with `deliveries` also until none can still be sent."""
    began = monotonic()
    while True:
        standing = await _careful_look(cluster, db, gateways)
        if watch is not None:
            watch(standing)
        drained = standing.done(deliveries=deliveries)
        seconds = monotonic() - began
        if drained or seconds >= timeout_seconds:
            return DrainReport(drained=drained, seconds=seconds, last=standing)
        await asyncio.sleep(min(_PAUSE_SECONDS, timeout_seconds - seconds))


async def _careful_look(cluster: Cluster, db: Database, gateways: Sequence[str]) -> Standing:
    """One look; a server that is away for the moment is a reason to look again."""
    try:
        return await look(cluster=cluster, db=db, gateways=gateways)
    except Exception as error:
        if kafka.is_transient(error) or postgres.is_transient(error):
            return Standing(unreachable=f"{type(error).__name__}: {error}")
        raise


async def look(*, cluster: Cluster, db: Database, gateways: Sequence[str]) -> Standing:
    """The state of everything, in the order of the flow."""
    spools = await spooled(gateways)
    lag: dict[str, int] = {}
    ends: dict[Place, int] = {}
    for group in GROUPS:
        lag[group.name], seen = await _behind(cluster, group)
        # A topic with two groups keeps the earlier figure, so that a move between them shows.
        ends = seen | ends
    async with db.connection() as conn:
        row = await conn.fetchrow(QUERIES["unfinished"])
    assert row is not None
    again = await cluster.end_offsets(sorted({topic for topic, _ in ends}))
    spools_again = await spooled(gateways)
    return Standing(
        spools=spools_again if empty(spools) else spools,
        lag=lag,
        dirty=row["dirty"],
        sending=row["sending"],
        waiting=row["waiting"],
        unpublished=row["unpublished"],
        moved=again != ends,
    )


async def _behind(cluster: Cluster, group: Group) -> tuple[int, dict[Place, int]]:
    """Records that the group has yet to commit, and the end offsets that tell so."""
    ends = await cluster.end_offsets(group.topics)
    begins = await cluster.begin_offsets(group.topics)
    committed = await cluster.committed(group.name)
    behind = sum(
        max(0, end - max(committed.get(place, 0), begins[place])) for place, end in ends.items()
    )
    return behind, ends


def summarise(standing: Standing) -> str:
    """What is still on its way, in a line."""
    if standing.unreachable:
        return f"waiting for a server: {standing.unreachable}"
    waits = [f"{name} {count:,} behind" for name, count in standing.lag.items() if count]
    for url, count in standing.spools.items():
        if count is None:
            waits.append(f"spool of {url} unknown")
        elif count:
            waits.append(f"{count:,} in the spool of {url}")
    for count, what in (
        (standing.dirty, "ids to recompute"),
        (standing.sending, "deliveries being sent"),
        (standing.unpublished, "outcomes to publish"),
        (standing.waiting, "deliveries queued or parked"),
    ):
        if count:
            waits.append(f"{count:,} {what}")
    return ", ".join(waits) or ("still moving" if standing.moved else "nothing on its way")


def render(report: DrainReport) -> RenderableType:
    """The verdict, and a table of what is left."""
    verdict = (
        f"[green]drained[/green] in {report.seconds:.1f} s"
        if report.drained
        else f"[red]not drained[/red] after {report.seconds:.1f} s"
    )
    table = Table(show_header=False, box=None)
    for group, count in report.last.lag.items():
        table.add_row(f"  {group}", f"{count:,} behind")
    return Lines(f"{verdict}: {summarise(report.last)}", table)


def as_json(report: DrainReport) -> dict[str, Any]:
    """The same for a program."""
    return asdict(report)
