"""Conversions whose inputs changed while this process was far behind: looked at later, and once.

History that arrives in random order touches the same conversion many times. Looked at after each
batch it is credited as often as it has touches; gathered in the outbox `conversions_due`, once.

Why the drained state is still the oracle's (protocol.md). Let w be the last commit that changes an
input of conversion c. The batch's step 3, whose snapshot is later than w, finds c and, instead of
bumping it, commits a mark with a number that no mark had before; only then is w's trigger
forgotten. So w is followed by a mark, and a mark is forgotten in one way alone: a restatement read
that very number, bumped and folded c in later statements of the same transaction, committed, and
had its pointer acked. A mark that was made anew meanwhile has another number, and stays. Hence w
is followed, before its last trigger is forgotten, by a fold and a bump whose snapshot is later than
w, which is all that the argument there needs. A crash anywhere leaves the mark; its lease ends.

When to look is bookkeeping: a tenant is ripe when nothing of it was marked for a while, so nobody
is behind, or when its oldest mark has waited long enough. Marks made during a restatement wait for
the next, so a tenant that is marked all the time cannot keep it busy.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

from processors.engine.context import Context
from processors.engine.processor import Emit
from processors.identity.conversions import MOST_AT_ONCE, Conversion, fold_again
from processors.identity.settings import IdentitySettings
from processors.identity.store import QUERIES, columns
from schemas.conversion import ConversionPointer

POINTERS: Final = "conversions.v1"


def pointers(revisions: dict[Conversion, int]) -> list[Emit]:
    """One pointer a conversion, in the order of their keys."""
    return [
        Emit(POINTERS, ConversionPointer(tenant_id=tenant, conversion_id=key, rev=rev))
        for (tenant, key), rev in sorted(revisions.items())
    ]


class Restatement:
    """Takes ripe marks and looks at their conversions, some hundred in a transaction."""

    def __init__(self, ctx: Context, settings: IdentitySettings) -> None:
        self._ctx = ctx
        self._settings = settings

    async def run(self) -> None:
        """Look for ripe marks for ever."""
        while True:
            await self.settle()
            await asyncio.sleep(self._settings.restate_poll_seconds)

    async def settle(self, *, stop: Callable[[], bool] = lambda: False) -> int:
        """Look at what is ripe now; returns at how many conversions."""
        settings, done = self._settings, 0
        async with self._ctx.db.connection() as conn:
            tenants = await conn.fetch(
                QUERIES["tenants_due"],
                settings.restate_quiet_seconds,
                settings.restate_within_seconds,
            )
        waiting = sum(row["waiting"] for row in tenants)
        self._ctx.metrics.gauge("attributary_due_conversions", waiting)
        for row in tenants:
            while row["ripe"] and not stop():
                looked_at = await self._portion(row["tenant_id"], row["until"])
                done += looked_at
                if not looked_at:
                    break
        return done

    async def _portion(self, tenant: str, until: datetime) -> int:
        async with self._ctx.db.transaction() as conn:
            marks = [
                (row["tenant_id"], row["conversion_id"], row["seq"])
                for row in await conn.fetch(
                    QUERIES["take_due"],
                    tenant,
                    until,
                    MOST_AT_ONCE,
                    self._settings.restate_lease_seconds,
                )
            ]
            revisions = await fold_again(conn, {(own, key) for own, key, _ in marks})
        if marks:
            await self._ctx.publish(pointers(revisions))
            async with self._ctx.db.connection() as conn:
                await conn.execute(QUERIES["delete_due"], *columns(sorted(marks), 3))
            self._ctx.metrics.count("attributary_looks_total", len(revisions), kind="gathered")
        return len(marks)
