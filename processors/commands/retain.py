"""`retain`: old rows of served tables go, as long ago as each tenant has said; nothing does by
default.

What binds is law 7 of the design: what is served is a function of the log, figures to the cent. So
only what no figure of an order is made from goes, by rules that hold whatever a restatement does:

- `touchpoints` (at least 366 days: the longest window of an order that may still come is 365): the
  touches of people who have no order at all. Those of anybody with one stay, whatever their age,
  since a refund, a rate, a model or a setting makes all their orders be looked at again, and so do
  those of shared (quarantined) ids and those that tell what a campaign's id is called.
- `pixel_events` (at least 100 days: the longest time for which a platform takes an event is 90):
  those that name neither an order nor a checkout.
- `payloads` (at least 100 days) of deliveries that were accepted: details of people go, the money
  and the ids that views show stay, and so does the row, under which nothing is sent twice.

The audit log says until when what was taken, and the oracle leaves that out.

Credit, summaries, journeys of orders and claims are not touched: no figure changes, now or when
everything is looked at again. What counts traffic (open journeys, robots, coverage of ids, parity
of the pixel) does so of what is left, and training learns from newer days (180, unless set).
The log keeps everything: `rebuild` brings the rows back, with the same figures, each counted once,
and retain takes them again. The one thing that differs after a rebuild is an order whose person was
joined to somebody's deleted touches only afterwards, or that came in with a date more than a year
past: its credit there includes them.

While a rebuild is still reading the log nobody knows who has ordered, so it is refused.

Each page is a transaction, so a run that is cut off has done what it has done. Bookkeeping is
deleted by the job `maintenance/cleanup`.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

import sql
from processors.commands.operator import Refused, database, must_exist
from processors.engine.clock import wall_clock
from processors.engine.postgres import Database

QUERIES: Final = sql.load("retention")
OPERATOR: Final = sql.load("operator")
SETTINGS: Final = {
    "touchpoints": "retention_touchpoints_days",
    "pixel_events": "retention_pixel_events_days",
    "payloads": "retention_payloads_days",
}
COUNTS: Final = {
    "touchpoints": "count_touchpoints",
    "pixel_events": "count_pixel_events",
    "payloads": "count_payloads",
}
DAY_MS: Final = 86_400_000
PAGE: Final = 5_000

Watch = Callable[[int, int], None]


@dataclass(slots=True)
class Retained:
    """What a run did to one kind of data of a tenant: of `old` rows it looked at `seen`, and `gone`
    went, or would."""

    tenant_id: str
    data: str
    days: int
    before: int
    old: int = 0
    seen: int = 0
    gone: int = 0


async def retain(tenant: str | None, *, dry_run: bool, watch: Watch) -> list[Retained]:
    """Every tenant with a setting, or the one; each real run is in the audit log, also one that was
    cut off.

    Raises:
        Refused: for a tenant that there is not, and while a rebuild reads the log.
    """
    now = wall_clock()
    async with database() as db:
        async with db.connection() as conn:
            if not await conn.fetchval(QUERIES["is_caught_up"]):
                raise Refused("a rebuild is still reading the log: first drain")
            if tenant is not None:
                await must_exist(conn, tenant)
            rows = await conn.fetch(QUERIES["settings"], list(SETTINGS.values()), tenant)
        kinds = {key: data for data, key in SETTINGS.items()}
        plan = [
            Retained(row["tenant_id"], kinds[row["key"]], row["days"], now - row["days"] * DAY_MS)
            for row in rows
        ]
        for part in plan:
            async with db.connection() as conn:
                count = COUNTS[part.data]
                part.old = await conn.fetchval(QUERIES[count], part.tenant_id, part.before)
        for part in plan:
            await sweep(db, part, dry_run=dry_run, told=lambda: watch(*_standing(plan)))
    return plan


async def sweep(
    db: Database,
    part: Retained,
    *,
    dry_run: bool,
    told: Callable[[], None],
    page: int = PAGE,
) -> None:
    """One kind of data of a tenant, page by page, noting in `part` how far it is."""
    after: list[str] | None = None
    try:
        while True:
            async with db.transaction() as conn:
                await conn.execute(QUERIES["lock_graph"], part.tenant_id)
                row = await conn.fetchrow(
                    QUERIES[part.data], part.tenant_id, part.before, after, page, dry_run
                )
            assert row is not None
            part.seen, part.gone, after = (
                part.seen + row["seen"],
                part.gone + row["gone"],
                row["last"],
            )
            told()
            if row["seen"] < page:
                return
    finally:
        if not dry_run:
            async with db.connection() as conn:
                detail = json.dumps(asdict(part))
                await conn.execute(OPERATOR["audit"], part.tenant_id, "retain", detail)


def _standing(plan: list[Retained]) -> tuple[int, int]:
    return sum(part.seen for part in plan), sum(max(part.old, part.seen) for part in plan)


def as_json(found: list[Retained], *, dry_run: bool) -> dict[str, Any]:
    """For a program."""
    return {"dry_run": dry_run, "retained": [asdict(part) for part in found]}


def render(found: list[Retained], *, dry_run: bool) -> str:
    """A line for each tenant and kind of data."""
    if not found:
        return "no tenant has said how long: tenant set ID retention_touchpoints_days=400"
    did = "would go" if dry_run else "went"
    return "\n".join(
        f"{part.tenant_id}: of {part.seen:,} {part.data} older than {part.days} days "
        f"{part.gone:,} {did}"
        for part in found
    )
