"""Commands about benchmarks: what publications say that others reach."""

from pathlib import Path
from typing import Annotated

import typer

from processors.cli.console import do, out

app = typer.Typer(help="What others of an industry reach.", no_args_is_help=True)

Tenant = Annotated[str, typer.Option("--tenant", help="Who is to read them.")]
Source = Annotated[str, typer.Option("--source", help="What to call where they come from.")]


@app.command("import")
def benchmarks_import(
    file: Annotated[Path, typer.Argument(help="CSV, JSON or JSON lines.")],
    tenant: Tenant,
    source: Source,
) -> None:
    """Take a publication's quartiles, in the place of what the same source said before.

    Columns: industry, metric, platform (of roas, ctr, cpc, cpm, emq_score and
    delivery_success_rate), currency (of aov, cost_per_order, cpc and cpm), period_start,
    period_end, p25, p50, p75 (p25 and p75 may be missing), tenants (of how many shops). Metrics:
    aov, cost_per_order, mer, unattributed_share, and those of a platform. A file is taken whole or
    not at all. The view attribution_benchmarks shows the tenant's own figures beside them.
    """
    from processors.commands import benchmarks as command

    count = do(command.load(tenant, file, source=source))
    out.print(f"{tenant}: {count:,} benchmarks of {source}", markup=False)


@app.command("drop")
def benchmarks_drop(tenant: Tenant, source: Source) -> None:
    """Forget what a source said."""
    from processors.commands import benchmarks as command

    count = do(command.drop(tenant, source=source))
    out.print(f"{tenant}: dropped {count:,} benchmarks of {source}", markup=False)
