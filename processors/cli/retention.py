"""The command that deletes what tenants do not want to keep."""

from typing import Annotated

import typer

from processors.cli.console import Dry, Json, do, out
from processors.cli.progress import progress

app = typer.Typer()


@app.command()
def retain(
    tenant: Annotated[str | None, typer.Option(help="Only this tenant.")] = None,
    dry_run: Dry = False,
    as_json: Json = False,
) -> None:
    """Delete touches, pixel events and details of deliveries that are older than each tenant's
    retention_touchpoints_days, retention_pixel_events_days and retention_payloads_days.

    What an order's credit may be made from stays, so no figure changes; the log keeps everything.
    """
    from processors.commands import retain as command

    with progress("retention", quiet=as_json) as watch:
        found = do(command.retain(tenant, dry_run=dry_run, watch=watch))
    if as_json:
        out.print_json(data=command.as_json(found, dry_run=dry_run))
    else:
        out.print(command.render(found, dry_run=dry_run), markup=False, highlight=False)
