"""Commands about alerts."""

from typing import Annotated

import typer

from processors.cli.console import Json, do, say

alerts = typer.Typer(help="What is watched for a tenant, and who is told.", no_args_is_help=True)
Named = Annotated[str, typer.Argument(metavar="ALERT", help="As `alert list` names it.")]
Threshold = Annotated[float | None, typer.Option(help="Instead of the metric's own threshold.")]


@alerts.command("add")
def alert_add(
    tenant: str,
    metric: Annotated[
        str,
        typer.Argument(
            help="conservation_gap, delivery_success_rate, match_quality, order_volume_anomaly, "
            "p95_latency_ms, pipeline_lag_records, pixel_failure_rate, pixel_silence_minutes, "
            "platform_match_quality, retry_rate, signal_health, spend_staleness_hours or "
            "unattributed_share"
        ),
    ],
    name: Annotated[str, typer.Option(help="What you call it; else metric and platform.")] = "",
    platform: Annotated[str, typer.Option(help="Only this one; else each by itself.")] = "",
    above: Threshold = None,
    below: Threshold = None,
    outside: Threshold = None,
    window: Annotated[int | None, typer.Option(help="Minutes looked back.")] = None,
    least_cases: Annotated[
        int | None, typer.Option(help="With fewer a reading says nothing.")
    ] = None,
    cooldown: Annotated[int, typer.Option(help="Minutes after its end without a new one.")] = 60,
    email: Annotated[list[str] | None, typer.Option(help="Who is told; repeatable.")] = None,
    webhook: Annotated[str | None, typer.Option(help="URL that is told by a signed POST.")] = None,
    as_json: Json = False,
) -> None:
    """Watch something; what signs its webhook is printed once."""
    from processors.commands import alerts as command

    asked = command.Asked(
        metric=metric,
        name=name,
        platform=platform,
        window_minutes=window,
        least_cases=least_cases,
        cooldown_minutes=cooldown,
        emails=tuple(email or ()),
        webhook=webhook,
    )
    made = do(command.add(tenant, command.compared(asked, above, below, outside)))
    secret = made.get("webhook_secret")
    told = command.text(made) + (f"\nsigning secret {secret}" if secret else "")
    say({"tenant_id": tenant, **made}, as_json=as_json, text=told)


@alerts.command("list")
def alert_list(tenant: str, as_json: Json = False) -> None:
    """The tenant's alerts, and which of them stand."""
    from processors.commands import alerts as command

    found = do(command.listed(tenant))
    told = "\n".join(map(command.text, found)) or "none"
    say({"tenant_id": tenant, "alerts": found}, as_json=as_json, text=told)


@alerts.command("remove")
def alert_remove(tenant: str, name: Named, as_json: Json = False) -> None:
    """Watch it no more; what stands of it ends untold."""
    from processors.commands import alerts as command

    do(command.remove(tenant, name))
    say({"tenant_id": tenant, "removed": name}, as_json=as_json, text=f"{tenant}: removed {name}")


@alerts.command("test")
def alert_test(tenant: str, name: Named, as_json: Json = False) -> None:
    """Read it now and tell everybody whom it tells, as a test; exit code 1 if one was not told."""
    from processors.commands import alerts as command

    found = do(command.test(tenant, name))
    say({"tenant_id": tenant, **found}, as_json=as_json, text=command.tested(found))
    if command.failed(found):
        raise typer.Exit(1)


@alerts.command("rotate")
def alert_rotate(
    tenant: str,
    name: Named,
    grace: Annotated[
        str, typer.Option(help="How long the old secret signs beside the new one; 0 ends it.")
    ] = "24h",
    as_json: Json = False,
) -> None:
    """Another secret for its webhook, printed once; until the grace ends both sign."""
    from processors.commands import alerts as command
    from processors.commands import key_terms as terms

    made = do(command.rotate(tenant, name, grace=terms.span(grace, "grace")))
    told = (
        f"{name}: signing secret {made['webhook_secret']}\n"
        f"the one before signs beside it until {made['both_sign_until']}"
    )
    say({"tenant_id": tenant, **made}, as_json=as_json, text=told)
