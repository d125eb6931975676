"""`conserve`: everything received is accounted for, per group, topic, tenant and UTC day.

What was received comes from reading the topics, what became of it from the counts that every
group keeps in the transactions of its effects:

    received + expired = applied + duplicate + filtered + dead + pending

Pending are records from the group's next offset on. The counts and the offsets are one snapshot
of the database, taken before the topics are read, so a running system is exact, too. `expired`
are records of the derived topics that were counted and have since passed their retention; a
source topic keeps its records for good, and a group that began later than its first record is
reported as a gap.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Group as Rows
from rich.console import RenderableType
from rich.table import Table

from processors.commands.ledger import OUTCOMES, Cell, Ledger, read_ledger
from processors.commands.spools import spooled
from processors.commands.tally import Tally, read_tallies
from processors.engine.cluster import Cluster
from processors.engine.flow import GROUPS
from processors.engine.postgres import Database
from processors.engine.pulse import Place
from schemas.topics import SOURCES

TERMS: Final = (*OUTCOMES, "pending")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One group, topic, tenant and day, over all partitions."""

    group: str
    topic: str
    tenant: str
    day: str
    received: int
    expired: int
    applied: int
    duplicate: int
    filtered: int
    dead: int
    pending: int

    @property
    def difference(self) -> int:
        """Records too many (greater than 0) or too few in the counts."""
        ended = self.applied + self.duplicate + self.filtered + self.dead + self.pending
        return ended - self.received - self.expired


@dataclass(frozen=True, kw_only=True)
class ConserveReport:
    """The lines, what is wrong in words, and what the gateway and the senders still hold."""

    lines: tuple[Line, ...]
    faults: tuple[str, ...]
    spools: Mapping[str, int | None]
    deliveries: Mapping[str, Mapping[str, int]]

    @property
    def exact(self) -> bool:
        """Whether everything received is accounted for."""
        return not self.faults


async def conserve(
    *, cluster: Cluster, db: Database, gateways: Sequence[str] = ()
) -> ConserveReport:
    """Compare the counts with the topics, each partition by itself."""
    spools = await spooled(gateways)
    ledger = await read_ledger(db)
    tallies = await read_tallies(cluster, ledger)
    faults = [fault for tally in tallies for fault in _gaps(tally)]
    cells: dict[Cell, dict[str, int]] = {}
    for tally in tallies:
        faults += _partition_faults(tally, ledger, cells)
    lines = tuple(_lines(cells))
    return ConserveReport(
        lines=lines, faults=tuple(faults), spools=spools, deliveries=ledger.deliveries
    )


def _gaps(tally: Tally) -> Iterable[str]:
    if tally.topic in SOURCES and tally.base > tally.begin:
        yield (
            f"{tally.group} began at offset {tally.base} of {tally.topic}/{tally.partition}, "
            f"which has records from {tally.begin} on"
        )


def _partition_faults(
    tally: Tally, ledger: Ledger, cells: dict[Cell, dict[str, int]]
) -> Iterable[str]:
    """Judge one partition, and add it to the lines."""
    place: Place = (tally.topic, tally.partition)
    counted = ledger.counts.get((tally.group, *place), {})
    name = f"{tally.group} {tally.topic}/{tally.partition}"
    expired_in_all = 0
    for tenant, day in sorted(tally.received.keys() | counted.keys()):
        key = (tenant, day)
        ended = counted.get(key, {})
        pending, received = tally.pending.get(key, 0), tally.received.get(key, 0)
        difference = sum(ended.values()) + pending - received
        expired = max(0, difference) if tally.may_have_expired(day) else 0
        expired_in_all += expired
        if difference != expired:
            yield f"{name}: tenant {tenant} on {day}: {difference - expired:+,} records counted"
        sums = cells.setdefault((tally.group, tally.topic, *key), {})
        row = {**ended, "pending": pending, "received": received, "expired": expired}
        for term, count in row.items():
            sums[term] = sums.get(term, 0) + count
    if expired_in_all != tally.expired:
        yield f"{name}: {expired_in_all:,} records counted as expired, {tally.expired:,} are"
    if tally.letters is not None:
        dead = sum(ended.get("dead", 0) for ended in counted.values())
        if dead != tally.letters:
            yield f"{name}: {dead:,} records counted as dead, {tally.letters:,} dead letters"


def _lines(cells: Mapping[Cell, Mapping[str, int]]) -> Iterable[Line]:
    order = {group.name: index for index, group in enumerate(GROUPS)}
    for cell in sorted(cells, key=lambda cell: (order.get(cell[0], len(order)), cell)):
        group, topic, tenant, day = cell
        found = cells[cell]
        counts = {term: found.get(term, 0) for term in ("received", "expired", *TERMS)}
        yield Line(group=group, topic=topic, tenant=tenant, day=day, **counts)


def render(report: ConserveReport, *, by_tenant: bool = False) -> RenderableType:
    """The table, tenants added up unless asked for; then the faults, or that there are none."""
    table = Table(title="Conservation", title_justify="left")
    for heading in ("group", "topic", *(("tenant",) if by_tenant else ()), "UTC day"):
        table.add_column(heading)
    for heading in ("received", *TERMS):
        table.add_column(heading, justify="right")
    sums: dict[tuple[str, ...], list[int]] = {}
    for line in report.lines:
        tenant = (line.tenant,) if by_tenant else ()
        row = sums.setdefault((line.group, line.topic, *tenant, line.day), [0] * (len(TERMS) + 1))
        row[0] += line.received + line.expired
        for index, term in enumerate(TERMS, start=1):
            row[index] += getattr(line, term)
    for names, row in sums.items():
        table.add_row(*names, *(f"{count:,}" if count else "" for count in row))
    return Rows(table, *_verdict(report))


def _verdict(report: ConserveReport) -> Iterable[str]:
    for url, waiting in report.spools.items():
        held = "does not answer" if waiting is None else f"{waiting:,} records"
        yield f"spool of {url}: {held}"
    yield from (f"[red]{fault}[/red]" for fault in report.faults)
    if report.exact:
        received = sum(line.received for line in report.lines)
        yield f"[green]exact[/green]: all {received:,} records received are accounted for"


def as_json(report: ConserveReport) -> dict[str, Any]:
    """The report for a program."""
    return {
        "exact": report.exact,
        "faults": list(report.faults),
        "lines": [
            {
                name: getattr(line, name)
                for name in ("group", "topic", "tenant", "day", "received", "expired", *TERMS)
            }
            | {"difference": line.difference}
            for line in report.lines
        ],
        "spools": dict(report.spools),
        "deliveries": {platform: dict(states) for platform, states in report.deliveries.items()},
    }
