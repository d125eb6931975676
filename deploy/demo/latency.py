"""How long an order takes from its first byte to the summary, measured from outside.

A sample of the posted orders is looked for in `credit_rows`, whose rows are written in the one
transaction that also moves the summary's cells: when the row is visible, so is the revenue.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from time import monotonic
from typing import Final

from deploy.demo.lines import Request
from processors.domain.ids import conversion_id
from processors.engine.postgres import Database, is_transient

_POLL_SECONDS: Final = 0.03
_MOST_AT_ONCE: Final = 200
_SEEN: Final = """
SELECT tenant_id, conversion_id
FROM credit_rows
WHERE (tenant_id, conversion_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
"""

Key = tuple[str, str]


@dataclass(slots=True)
class Stopwatch:
    """Runs for every sampled order until `watch` sees it."""

    seconds: list[float] = field(default_factory=list)
    _running: dict[Key, float] = field(default_factory=dict)
    _known: set[Key] = field(default_factory=set)

    def start(self, request: Request, began: float) -> None:
        """Note the orders of an acknowledged request, each once."""
        for source, order_id in request.orders:
            key = (request.tenant, conversion_id(request.tenant, source, order_id))
            if key not in self._known and len(self._running) < _MOST_AT_ONCE:
                self._known.add(key)
                self._running[key] = began

    async def watch(self, db: Database) -> None:
        """Look until cancelled; a database that is away for the moment is asked again."""
        while True:
            try:
                await self.look(db)
            except Exception as error:
                if not is_transient(error):
                    raise
            await asyncio.sleep(_POLL_SECONDS)

    async def look(self, db: Database) -> None:
        """Stop the watch of every order that is there."""
        if not self._running:
            return
        waiting = list(self._running)
        async with db.connection() as conn:
            rows = await conn.fetch(_SEEN, [k[0] for k in waiting], [k[1] for k in waiting])
        now = monotonic()
        for row in rows:
            self.seconds.append(now - self._running.pop((row["tenant_id"], row["conversion_id"])))


def percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    """The median and the 95th percentile."""
    if len(seconds) < 2:
        return (seconds[0], seconds[0]) if seconds else (0.0, 0.0)
    cuts = quantiles(seconds, n=100, method="inclusive")
    return cuts[49], cuts[94]
