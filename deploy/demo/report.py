"""What the demo shows at the end: the summary, one order explained, deliveries, conservation,
latency, and where to look next."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from deploy.demo import outage, platforms
from deploy.demo.latency import percentiles
from deploy.demo.outage import Outage
from deploy.demo.platforms import Tally
from deploy.demo.play import Played
from processors.commands import conserve, explain
from processors.commands.conserve import ConserveReport
from processors.domain.attribution import MODELS
from processors.engine.postgres import Database

WINDOW: Final = "30d"
_SUMMARY: Final = """
SELECT channel, model, sum(revenue) AS revenue, coalesce(sum(spend), 0) AS spend
FROM attribution_channel_summary
WHERE tenant_id = $1 AND attribution_window = $2
GROUP BY channel, model
"""
_LOOK: Final = (
    "SELECT channel, platform, sum(conversions), sum(revenue) FROM attribution_channel_summary "
    "WHERE tenant_id = '{tenant}' AND model = 'linear' AND attribution_window = '{window}' "
    "GROUP BY 1, 2 ORDER BY 4 DESC"
)
_RICHEST: Final = """
SELECT c.order_id
FROM credit_rows r
JOIN conversions c ON c.tenant_id = r.tenant_id AND c.conversion_id = r.conversion_id
WHERE r.tenant_id = $1
ORDER BY
    (SELECT count(DISTINCT channel) FROM unnest(r.channels) AS channel) DESC,
    cardinality(r.touchpoint_ids) DESC,
    c.order_id
LIMIT 1
"""


def played(console: Console, found: Played, *, seconds: float) -> None:
    """What was sent and how it was answered."""
    statuses = ", ".join(
        f"{count:,} × {status}" for status, count in sorted(found.statuses.items())
    )
    console.print(
        f"{found.requests:,} requests in {seconds:.1f} s ({statuses}): {found.accepted:,} items "
        f"acknowledged, {found.rejected:,} refused by name"
    )
    if found.sent_again:
        console.print(f"{found.sent_again:,} requests had no answer at first and were sent again")
    for fault in found.wrong:
        console.print(f"  unexpected: {fault}", style="red", markup=False)


async def summary(console: Console, db: Database, *, tenant: str) -> None:
    """Revenue by channel under each model, which add up to the same; and what it cost."""
    async with db.connection() as conn:
        rows = await conn.fetch(_SUMMARY, tenant, WINDOW)
    revenue = {(row["channel"], row["model"]): row["revenue"] for row in rows}
    spent = {row["channel"]: row["spend"] for row in rows}
    models = [model for model in MODELS if any(key[1] == model for key in revenue)]
    table = Table(
        title=f"Revenue by channel and model, tenant {tenant}, {WINDOW}", title_justify="left"
    )
    table.add_column("channel")
    for heading in (*models, "spend"):
        table.add_column(heading, justify="right")
    by_worth = sorted(spent, key=lambda name: -revenue.get((name, "linear"), Decimal(0)))
    for channel in by_worth:
        cells = [revenue.get((channel, model), Decimal(0)) for model in models]
        table.add_row(channel, *map(_money, (*cells, spent[channel])))
    totals = [sum((revenue.get((c, m), Decimal(0)) for c in spent), Decimal(0)) for m in models]
    table.add_section()
    table.add_row("together", *map(_money, (*totals, sum(spent.values(), Decimal(0)))))
    console.print(table)


def _money(amount: Decimal) -> str:
    return f"{amount:,}" if amount else ""


async def one_order(console: Console, db: Database, *, tenant: str) -> str | None:
    """The order with the most channels, touch by touch; returns its id."""
    async with db.connection() as conn:
        order_id: str | None = await conn.fetchval(_RICHEST, tenant)
    if order_id is not None:
        console.print(explain.render(await explain.explain(order_id, db=db, tenant=tenant)))
    return order_id


def deliveries(console: Console, found: Sequence[Tally], seen: Outage | None) -> None:
    """A line for each platform, and what came of the outage of one."""
    console.print("Deliveries by platform")
    for tally in found:
        console.print(platforms.line(tally), markup=False, highlight=False, soft_wrap=True)
    for tally in found:
        if seen is not None and tally.platform == outage.PLATFORM:
            console.print(outage.told(seen, tally), markup=False, highlight=False, soft_wrap=True)


def conserved(console: Console, found: ConserveReport) -> None:
    """received = applied + duplicate + filtered + dead + pending."""
    console.print(conserve.render(found))


def latency(console: Console, *, loaded: Sequence[float], quiet: Sequence[float]) -> None:
    """From an order's first byte to its row beside the summary."""
    table = Table(title="Order to summary", title_justify="left")
    for heading in ("", "orders", "p50", "p95"):
        table.add_column(heading, justify="right" if heading else "left")
    for what, seconds in (("while the day was played", loaded), ("one by one after it", quiet)):
        if seconds:
            middle, high = percentiles(seconds)
            table.add_row(what, str(len(seconds)), f"{middle:.3f} s", f"{high:.3f} s")
    if table.row_count:
        console.print(table)


def further(
    console: Console, *, env: Path, order_id: str | None, tenant: str, shop: str | None
) -> None:
    """How to look by oneself."""
    try:
        shown = env.relative_to(Path.cwd())
    except ValueError:
        shown = env
    lines = [
        "To look further:",
        f"  source {shown}",
        f'  psql "$DATABASE_URL" -c "{_LOOK.format(tenant=tenant, window=WINDOW)}"',
        f"  .venv/bin/attributary explain {order_id or 'ORDER'} --model time_decay --window 7d",
        "  .venv/bin/attributary conserve",
        *([f"  {shop} is a shop to click through, and to buy in"] if shop else ()),
        "  README.md has an event end to end, and where to look when something breaks",
        "Everything stays up; to stop it: make down",
    ]
    console.print("\n".join(lines), markup=False, soft_wrap=True)
