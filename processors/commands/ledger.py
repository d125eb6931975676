"""What the database says became of the records: counts and offsets, in one snapshot."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import sql
from processors.engine.postgres import Database

QUERIES: Final = sql.load("operations")
OUTCOMES: Final = ("applied", "duplicate", "filtered", "dead")

Cell = tuple[str, str, str, str]
"""Group, topic, tenant, UTC day."""
Claim = tuple[str, str, int]
"""Group, topic, partition."""
TenantDay = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Span:
    """The offsets that a group's counts cover: from the first up to, not including, the next."""

    base: int
    next: int


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """One snapshot."""

    spans: Mapping[Claim, Span]
    counts: Mapping[Claim, Mapping[TenantDay, Mapping[str, int]]]
    deliveries: Mapping[str, Mapping[str, int]]


async def read_ledger(db: Database) -> Ledger:
    """Read all of it in one repeatable-read transaction."""
    async with db.transaction(isolation="repeatable_read", readonly=True) as conn:
        consumed = await conn.fetch(QUERIES["consumed"])
        outcomes = await conn.fetch(QUERIES["outcomes"])
        states = await conn.fetch(QUERIES["deliveries_by_state"])
    counts: defaultdict[Claim, dict[TenantDay, dict[str, int]]] = defaultdict(dict)
    for row in outcomes:
        claim = (row["consumer_group"], row["topic"], row["partition"])
        of_day = counts[claim].setdefault((row["tenant_id"], row["day"].isoformat()), {})
        of_day[row["outcome"]] = row["n"]
    deliveries: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in states:
        deliveries[row["platform"]][row["state"]] = row["n"]
    return Ledger(
        spans={
            (row["consumer_group"], row["topic"], row["partition"]): Span(
                row["base_offset"], row["next_offset"]
            )
            for row in consumed
        },
        counts=dict(counts),
        deliveries=dict(deliveries),
    )
