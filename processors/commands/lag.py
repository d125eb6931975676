"""`lag`: how far each consuming group is behind, by topic and partition."""

from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.table import Table

from processors.engine.cluster import Cluster
from processors.engine.lag import Behind, behind


@dataclass(frozen=True, slots=True)
class LagReport:
    """Every partition of every group, in the order of the flow."""

    rows: tuple[Behind, ...]

    @property
    def total(self) -> int:
        """Records that some group has yet to do."""
        return sum(row.lag for row in self.rows)


async def lag(*, cluster: Cluster) -> LagReport:
    """Ask the brokers once."""
    return LagReport(tuple(await behind(cluster)))


def render(report: LagReport) -> RenderableType:
    """A line a partition, those without a record left out."""
    table = Table(title="Lag", title_justify="left")
    table.add_column("group")
    table.add_column("topic")
    for heading in ("partition", "committed", "end", "lag"):
        table.add_column(heading, justify="right")
    for row in report.rows:
        if row.end:
            known = "-" if row.committed is None else f"{row.committed:,}"
            behind = f"[yellow]{row.lag:,}[/yellow]" if row.lag else "0"
            where = (row.group, row.topic, str(row.partition))
            table.add_row(*where, known, f"{row.end:,}", behind)
    return Lines(table, f"{report.total:,} records to do")


def as_json(report: LagReport) -> dict[str, Any]:
    """The same for a program."""
    return {"lag": report.total, "partitions": [asdict(row) for row in report.rows]}
