"""Runs and their differences for people."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from processors.commands.shadow.difference import Difference
from processors.commands.shadow.runs import run_as_json

_SHORT = 40


def of_runs(found: Sequence[Mapping[str, Any]]) -> RenderableType:
    """One line a run."""
    if not found:
        return "none"
    table = Table("run", "name", "since", "until", "overrides", "state", "done", "of", "started")
    for run in found:
        since, until = ((run[name] or "-")[:10] for name in ("since", "until"))
        counts = (f"{run[name]:,}" for name in ("done", "conversions"))
        cells = (run["run_id"], run["name"], since, until, _changes(run), run["state"])
        table.add_row(*map(Text, (*cells, *counts, run["started_at"][:19])))
    return table


def of_difference(found: Difference) -> Iterator[RenderableType]:
    """How far the run is, which models it moves, and the channels of one of them."""
    run, money = run_as_json(found.run), found.run["currency"]
    yield Text(
        f"run {run['run_id']} of {_changes(run) or 'no override'}: {run['state']},"
        f" {run['done']:,} of {run['conversions']:,} conversions"
    )
    moved = ", ".join(f"{name} {amount:,}" for name, amount in found.moved.items() if amount)
    yield Text(f"{money} that change channel, {found.window}: {moved or 'nothing'}")
    table = Table("channel", "platform", title=f"{found.model}, {found.window}")
    for name in ("conversions", "shadow", money, "shadow", "difference", "change"):
        table.add_column(name, justify="right")
    for own in found.channels:
        conversions = (own["production_conversions"], own["shadow_conversions"])
        revenue = (own["production_revenue"], own["shadow_revenue"])
        table.add_row(
            Text(own["channel"]),
            Text(own["platform"]),
            *(f"{amount:,.2f}" for amount in conversions),
            *(f"{amount:,}" for amount in revenue),
            f"{own['revenue_difference']:+,}",
            _change(own["relative_change"], own["shadow_revenue"]),
        )
    yield table


def _change(share: Decimal | None, now: Decimal) -> str:
    if share is None:
        return "new" if now else "-"
    return f"{share:+.2%}"


def _changes(run: Mapping[str, Any]) -> str:
    model = {} if run["model"] is None else {"model": run["model"]}
    return told({**run["overrides"], **model})


def told(overrides: Mapping[str, str]) -> str:
    """Overrides as they are set; long documents cut."""
    return ", ".join(
        f"{name}={value if len(value) <= _SHORT else value[:_SHORT] + '...'}"
        for name, value in overrides.items()
    )
