"""Commands for the scheduler's work."""

from typing import Annotated

import typer
from rich.table import Table

from processors.cli.console import Dry, Json, do, out, told

app = typer.Typer()
Tenant = Annotated[str, typer.Option(help="Whose orders.")]


@app.command(
    epilog=told(
        "jobs",
        "jobs --json | jq '.[] | select(.outcome == \"failed\")'",
        json="[{name, every_seconds, scheduled_for, started_at, finished_at, outcome, detail}]",
    )
)
def jobs(as_json: Json = False) -> None:
    """Every scheduled job and its latest run."""
    from processors.commands import jobs as command

    rows = do(command.listed())
    if as_json:
        out.print_json(data=rows)
        return
    table = Table("job", "every s", "for", "started", "finished", "outcome")
    for row in rows:
        times = (row[name] for name in ("scheduled_for", "started_at", "finished_at"))
        shown = [(text or "-")[:19] for text in times]
        table.add_row(row["name"], str(row["every_seconds"]), *shown, row["outcome"] or "never ran")
    out.print(table)


@app.command(
    epilog=told(
        "job maintenance/conservation",
        "job check-pipeline-health --json",
        one="it failed",
        json="{name, scheduled_for, started_at, finished_at, outcome, detail}",
    )
)
def job(
    name: Annotated[str, typer.Argument(help="As `jobs` lists it.")],
    tenant: Annotated[str | None, typer.Option(help="Only this tenant.")] = None,
    as_json: Json = False,
) -> None:
    """Run a job now, in this process."""
    from processors.commands import jobs as command

    ended = do(command.run_now(name, tenant=tenant))
    if as_json:
        out.print_json(data=ended)
    else:
        out.print(f"{name}: {ended['outcome']}", ended["detail"], markup=False)
    raise typer.Exit(0 if ended["outcome"] == "ok" else 1)


@app.command(
    epilog=told(
        "reconcile --tenant demo --since 2026-01-31 --dry-run",
        one="some orders are wrong or missing",
        json="{state, and how many orders were compared, missing, wrong and repaired}",
    )
)
def reconcile(
    tenant: Tenant,
    since: Annotated[str, typer.Option(help="Date; orders changed since then are compared.")],
    dry_run: Dry = False,
    as_json: Json = False,
) -> None:
    """Compare the shop's own orders with ours and repair ours."""
    from processors.commands import jobs as command

    report = do(command.reconcile_tenant(tenant, since=since, dry_run=dry_run))
    if as_json:
        out.print_json(data=report)
    else:
        out.print(", ".join(f"{name} {value}" for name, value in report.items()), markup=False)
    raise typer.Exit(0 if report["state"] in ("clean", "repaired") else 1)


@app.command(
    epilog=told("recalculate --tenant demo --days 7", "recalculate --tenant demo --order 1001")
)
def recalculate(
    tenant: Tenant,
    days: Annotated[int | None, typer.Option(help="Orders of so many days.", min=1)] = None,
    order: Annotated[str | None, typer.Option(help="One order id.")] = None,
    source: Annotated[str, typer.Option(help="Source of that order.")] = "shopify",
    everything: Annotated[bool, typer.Option("--all", help="Every order.")] = False,
    as_json: Json = False,
) -> None:
    """Ask for a fresh look at conversions: what was right stays as it is."""
    from processors.commands import jobs as command

    asked = do(
        command.recalculate(tenant, days=days, order=order, source=source, everything=everything)
    )
    if as_json:
        out.print_json(data=asked)
    else:
        what = f"order {order}" if order else "every order" if everything else f"{days} days"
        out.print(f"{tenant}: asked for {what}; `attributary drain` waits for it", markup=False)
