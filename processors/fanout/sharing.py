"""Rate limits and circuits of one platform, shared by all replicas that send to it.

A round asks in one statement for what it is about to start, of the tenants with something to send
alone; what is granted is used at once, so that no replica keeps tokens which others lack. What
answers told is written in one statement, when they told anything; what others wrote is read as
often as the accounts are.
"""

from collections import Counter
from collections.abc import Sequence

from processors.engine.clock import Clock
from processors.engine.postgres import Connection, Database, Row
from processors.fanout.gates import Gates
from processors.fanout.handle import Batch
from processors.fanout.settings import FanoutSettings
from processors.fanout.standing import Permit, Standing, permitted
from processors.fanout.store import QUERIES, at, ms_of
from processors.platforms.resilience import Circuit
from schemas.delivery import Platform


class Sharing:
    """What one replica tells of its gates, and is told."""

    def __init__(
        self,
        platform: Platform,
        *,
        owner: str,
        db: Database,
        clock: Clock,
        gates: Gates,
        settings: FanoutSettings,
    ) -> None:
        self._platform = platform
        self._owner = owner
        self._db = db
        self._clock = clock
        self._gates = gates
        self._settings = settings
        self._fresh_until_ms = 0

    async def recover(self) -> None:
        """The one request that an earlier life of this replica had under way at an open circuit
        ended with it: whoever comes next may try."""
        async with self._db.transaction() as conn:
            await conn.execute(QUERIES["drop_probes"], self._platform, self._owner)

    async def permit(
        self, conn: Connection, chosen: Sequence[Batch], *, now_ms: int
    ) -> list[Batch]:
        """Ask for the requests; returns those that may start. The grant is the transaction's."""
        if not chosen:
            return []
        wanted = Counter(batch.tenant_id for batch in chosen)
        settings = self._settings
        rows = await conn.fetch(
            QUERIES["permit"],
            self._platform,
            self._owner,
            list(wanted),
            list(wanted.values()),
            at(now_ms),
            settings.bucket_capacity,
            settings.bucket_per_second,
            at(now_ms + round(settings.lease_seconds * 1000)),
        )
        permits = [self._permit(row, now_ms=now_ms) for row in rows]
        self._gates.permitted(permits, now_ms=now_ms)
        return permitted(chosen, permits)

    async def reserve(self, tenant_id: str) -> int:
        """A further request within one that is under way; milliseconds until it may start."""
        async with self._db.connection() as conn:
            seconds = await conn.fetchval(
                QUERIES["reserve"],
                self._platform,
                tenant_id,
                at(self._clock()),
                self._settings.bucket_capacity,
                self._settings.bucket_per_second,
            )
        wait_ms = round(float(seconds or 0) * 1000)
        self._gates.again(wait_ms)
        return wait_ms

    async def report(self) -> None:
        """Write what the gates learned."""
        openings, reports = self._gates.openings(), self._gates.reports()
        if not openings and not reports:
            return
        async with self._db.connection() as conn:
            await conn.execute(
                QUERIES["report"],
                self._platform,
                self._owner,
                at(self._clock()),
                [each.tenant_id for each in openings],
                [at(each.opened_ms) for each in openings],
                [at(each.until_ms) for each in openings],
                [each.tenant_id for each in reports],
                [each.is_closed for each in reports],
                [each.is_fresh for each in reports],
                [each.is_answered for each in reports],
                [each.failures for each in reports],
                [each.trips for each in reports],
                [each.open_until_ms and at(each.open_until_ms) for each in reports],
                [each.paused_until_ms and at(each.paused_until_ms) for each in reports],
            )
        self._gates.written(openings)
        self._gates.reported()

    async def refresh(self) -> None:
        """Read what the others learned, when it is due."""
        now_ms = self._clock()
        if now_ms < self._fresh_until_ms:
            return
        async with self._db.connection() as conn:
            rows = await conn.fetch(QUERIES["shut"], self._platform)
        self._gates.refresh([_standing(row) for row in rows], now_ms=now_ms)
        self._fresh_until_ms = now_ms + round(self._settings.accounts_seconds * 1000)

    def _permit(self, row: Row, *, now_ms: int) -> Permit:
        is_probed = row["probe_until"] is not None
        soon_ms = now_ms + round(self._settings.accounts_seconds * 1000)
        return Permit(
            _standing(row),
            requests=row["granted"],
            tokens=float(row["tokens"]),
            probed_until_ms=min(ms_of(row["probe_until"]), soon_ms) if is_probed else 0,
        )


def _standing(row: Row) -> Standing:
    opened, paused = row["open_until"], row["paused_until"]
    circuit = Circuit(row["failures"], row["trips"], None if opened is None else ms_of(opened))
    return Standing(row["tenant_id"], circuit, 0 if paused is None else ms_of(paused))
