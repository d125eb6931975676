"""The three steps of a batch, the pointers and stitched events that follow, and the outbox."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence

from processors.engine.context import Context
from processors.engine.cycle import is_transient
from processors.engine.processor import Background, Emit, Item, Result
from processors.identity import passes, removal, store
from processors.identity.conversions import Look, look
from processors.identity.erasure import erasures
from processors.identity.handle import Edge, Facts, Node, gather
from processors.identity.merge import Pause, merge
from processors.identity.restatement import Restatement, pointers
from processors.identity.rules import in_force
from processors.identity.settings import IdentitySettings
from processors.identity.store import QUERIES
from schemas.envelope import Consent
from schemas.stitched_event import StitchedEvent
from schemas.topics import anchor_of

log = logging.getLogger(__name__)

CACHED = 500_000
LOOK_SECONDS = 2.0
"""How often a pass that another process left is looked for."""


async def _no_pause(_point: str) -> None:
    return None


class Identity:
    """The processor. `pause` is called at the named points between the steps."""

    def __init__(
        self,
        ctx: Context,
        *,
        settings: IdentitySettings,
        pause: Pause = _no_pause,
        chunk: int = passes.CHUNK,
    ) -> None:
        self._db = ctx.db
        self._progress = ctx.progress
        self._publish = ctx.publish
        self._metrics = ctx.metrics
        self._pause = pause
        self._chunk = chunk
        self._settings = settings
        self._behind = ctx.behind
        self.restatement = Restatement(ctx, settings)
        self._nodes: set[Node] = set()
        self._settled: set[Edge] = set()
        self._turns: dict[str, int] = {}
        self._dirty: list[int] = []
        self._wake = asyncio.Event()

    async def start(self) -> None:
        """Nothing to prepare: all state is in Postgres."""

    async def process(self, batch: Sequence[Item]) -> Result:
        """Facts, components, a fresh look; each committed before the next."""
        facts = await self._facts(batch)
        if facts.commands:
            self._wake.set()
        await self._pause("facts")
        await merge(self._db, facts, self._settled, self._pause)
        self._remember(facts)
        await self._pause("merged")
        behind = self._behind() > self._settings.restate_later_from_lag
        seen = await look(self._db, facts, behind=behind)
        self._dirty = seen.dirty
        self._metrics.count("attributary_looks_total", len(seen.revisions), kind="at_once")
        self._metrics.count("attributary_marks_total", seen.later)
        await self._pause("looked")
        return Result(facts.outcomes, [*pointers(seen.revisions), *_stitched(facts, seen)])

    async def _facts(self, batch: Sequence[Item]) -> Facts:
        """The first transaction; once more, with tenants to itself, if somebody is to be taken out
        of them."""
        alone = {tenant for tenant, _ in erasures(batch)}
        while True:
            async with self._db.transaction() as conn:
                entered = await removal.enter(conn, batch, alone)
                if entered.alone <= alone:
                    if entered.alone:
                        await removal.remove(conn, entered.gone, self._pause)
                        entered = await removal.enter(conn, batch, alone)
                    self._forget_rows(entered.turns)
                    facts = gather(batch, await in_force(conn, batch), entered.gone)
                    await store.write(conn, facts, self._nodes)
                    await self._progress.record(conn, batch, facts.outcomes)
                    return facts
            alone |= entered.alone

    async def acknowledged(self, _batch: Sequence[Item], _result: Result) -> None:
        """The pointers are in Kafka: the outbox rows that asked for them are done."""
        await self._forget(self._dirty)
        self._dirty = []

    def background(self) -> Sequence[Background]:
        """Looks at what was put off, and resolves touches again beside the batches."""
        return (self.restatement.run, self._keep_resolving)

    async def resolve_again(self) -> bool:
        """A chunk of the touches of each tenant that changed its channel rules; whether there may
        be another."""
        busy = False
        for tenant in await passes.tenants(self._db):
            # What the last chunk left is pointed to: the pass ends with an empty outbox only.
            seen = await look(self._db, Facts(outcomes=[]))
            if seen.revisions:
                await self._publish(pointers(seen.revisions))
            await self._forget(seen.dirty)
            await self._pause("pointed")
            busy |= await passes.resolve_chunk(self._db, tenant, self._chunk)
            await self._pause("resolved again")
        return busy

    async def _keep_resolving(self) -> None:
        while True:
            self._wake.clear()
            try:
                busy = await self.resolve_again()
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("waiting", extra={"what": "pass", "reason": type(error).__name__})
                busy = False
            if not busy:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), LOOK_SECONDS)

    async def _forget(self, dirty: list[int]) -> None:
        if dirty:
            async with self._db.transaction() as conn:
                await conn.execute(QUERIES["delete_dirty"], dirty)

    async def stop(self) -> None:
        """Nothing is held."""

    def _forget_rows(self, turns: Mapping[str, int]) -> None:
        """Where somebody was taken out, rows that existed for good may be gone."""
        if any(self._turns.get(tenant) != turn for tenant, turn in turns.items()):
            self._nodes.clear()
            self._settled.clear()
            self._turns.update(turns)

    def _remember(self, facts: Facts) -> None:
        """Rows that exist, or are settled, for good: a cache only, so it may be emptied."""
        if len(self._nodes) + len(self._settled) > CACHED:
            self._nodes.clear()
            self._settled.clear()
        self._nodes |= facts.nodes
        self._settled |= facts.edges.keys()


def _stitched(facts: Facts, seen: Look) -> list[Emit]:
    return [
        Emit(
            "stitched_events.v1",
            StitchedEvent(
                tenant_id=event.tenant_id,
                person_id=seen.persons.get((event.tenant_id, anchor_of(event))),
                consent=event.consent or Consent(),
                again=is_again,
                event=event,
            ),
        )
        for events, is_again in ((facts.stitch, False), (seen.again, True))
        for event in events
    ]
