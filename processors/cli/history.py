"""The command that brings history in."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from processors.cli.console import Json, do, gateways, out
from processors.cli.progress import progress

app = typer.Typer()


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, JSON, JSON lines or Parquet.")],
    kind: Annotated[
        Literal["auto", "touches", "orders", "spend"],
        typer.Option(help="What the rows are; auto: by the names of their columns."),
    ] = "auto",
    tenant: Annotated[
        str | None, typer.Option(help="Refuse unless the key is this tenant's.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="A server key; else ATTRIBUTARY_API_KEY (_FILE).")
    ] = None,
    gateway: Annotated[str | None, typer.Option(help="Its URL; else GATEWAY_URL.")] = None,
    platform: Annotated[
        str | None, typer.Option(help="Of spend whose file does not name it, as `meta`.")
    ] = None,
    account: Annotated[
        str | None, typer.Option(help="Of spend; the ad account that is connected, if one is.")
    ] = None,
    currency: Annotated[
        str | None, typer.Option(help="Of spend whose file does not name it.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check; send nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Bring history in: touches, orders and spend of a file, through the gateway.

    Touches: occurred_at, and visitor_id or another id; event_id (else a hash of the row), type
    (click or view), url, referrer, user_agent, ip, session_id, utm_source, utm_medium,
    utm_campaign, utm_term, utm_content, gclid, gbraid, wbraid, msclkid, fbclid, ttclid, sccid,
    epik, li_fat_id, ref, creator, channel, platform, campaign_id, ad_id.

    Orders: order_id, ordered_at, revenue, currency; source (api), status, refunded_amount,
    updated_at, visitor_id, session_id, checkout_id, discount_codes (divided by ; or ,).

    Spend, as ad platforms export it: date (or day), spend (cost, "Amount spent (EUR)"), platform,
    currency, account_id, campaign_id, campaign, campaign_type, ad_group_id, ad_group, ad_id, ad,
    creative_id, channel, impressions, clicks, reach, frequency, video_views, conversions,
    conversion_value; source, else the platform. A day that we read ourselves is not counted twice
    if account and ids are those that we read.

    Touches and orders: customer_id, email, phone, email_sha256, phone_sha256, external_id,
    device_id, ga4_client_id, fbp, fbc, ttp, scid; ad_storage, ad_user_data, ad_personalization,
    analytics_storage (granted or denied). JSON and Parquet may also have `identifiers`,
    `consent`, `properties`, `line_items`, `refunds` as the gateway takes them.

    Shopify's export of orders is known by its header: its lines are put together to orders of
    the source shopify.

    Times are RFC 3339 (UTC without an offset) or epoch. Rows that were refused are in
    FILE.errors.csv, with line and reason. An import that was cut short goes on where it stopped
    (FILE.checkpoint.json); one that is repeated changes nothing. Exit code 0 when every row was
    taken, else 1.
    """
    from processors.commands import importing

    urls = [gateway] if gateway else gateways()
    plan = importing.checked(
        importing.Plan(
            path=file,
            kind=kind,
            gateway=urls[0] if urls else "",
            key=key or importing.Sender.load().api_key.get_secret_value(),
            tenant=tenant,
            dry_run=dry_run,
            given={
                name: value
                for name, value in {
                    "platform": platform, "account_id": account, "currency": currency,
                }.items()
                if value is not None
            },
        )
    )  # fmt: skip
    with progress(file.name, quiet=as_json, counts=False) as watch:
        result = do(importing.run(plan, watch))
    if as_json:
        out.print_json(data=importing.as_json(result))
    else:
        _tell(importing.as_json(result), dry_run=dry_run)
    raise typer.Exit(0 if result.complete else 1)


def _tell(result: dict[str, object], *, dry_run: bool) -> None:
    verb = "would be taken" if dry_run else "taken"
    out.print(
        f"{result['rows']:,} {result['kind']}: {result['accepted']:,} {verb},"
        f" {result['rejected']:,} refused",
        markup=False,
    )
    if result["stopped"]:
        out.print(f"stopped: {result['stopped']}; run it again to go on", markup=False)
    if result["errors_file"]:
        out.print(f"what was refused and why: {result['errors_file']}", markup=False)
