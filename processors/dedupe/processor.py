"""The step of dedupe: one transaction that looks up, claims and counts; then the output."""

import logging
from collections.abc import Mapping, Sequence
from typing import Final

from processors.dedupe import handle, retractions, store
from processors.dedupe.payload import delivery
from processors.dedupe.retractions import Kinds
from processors.engine.outcome import Retry
from processors.engine.postgres import Connection, Database
from processors.engine.processor import Background, Emit, Item, Result
from processors.engine.progress import Place, Progress
from schemas.delivery import Platform

log = logging.getLogger(__name__)

REBUILDING: Final = Retry("rebuild: identity has not read the log to its end")


class DedupeProcessor:
    """Credits and stitched events in, deliveries out."""

    def __init__(
        self, *, db: Database, progress: Progress, retracts: Mapping[Platform, Kinds]
    ) -> None:
        """`retracts` is what each connector declares that it can tell of."""
        self._db = db
        self._retracts = retracts
        self._progress = progress
        self._caught_up = False

    async def start(self) -> None:
        """Whether a rebuild is under way is asked anew: the database may be another one."""
        self._caught_up = False

    async def process(self, batch: Sequence[Item]) -> Result:
        """Claim and route the batch; a crash before the acks finds its own claims again."""
        async with self._db.transaction() as conn:
            if not self._caught_up:
                self._caught_up = await store.is_caught_up(conn)
            if not self._caught_up:
                return Result([REBUILDING] * len(batch))
            plan = handle.sort_out(batch, await store.epoch(conn))
            reached = await self._progress.reached(conn, batch)
            wanted = await self._route(conn, batch, plan, reached)
            owners = await store.claim(conn, handle.claims(wanted))
            takings = await self._retractions(conn, wanted)
            owners |= await store.claim(conn, handle.claims(takings.fresh))
            owners |= takings.owners
            wanted += [*takings.fresh, *takings.known]
            others = (
                w.key for w in wanted if owners[w.key] != w.subject.source and w.may_be_released
            )
            withheld = await store.withheld(conn, others)
            granted = handle.granted(wanted, plan, owners, withheld)
            emits = await self._emits(conn, granted)
            await self._progress.record(conn, batch, plan.outcomes)
        _tell(wanted, granted)
        return Result(plan.outcomes, emits)

    async def acknowledged(self, _batch: Sequence[Item], _result: Result, /) -> None:
        """Everything is committed already."""

    def background(self) -> Sequence[Background]:
        """None."""
        return ()

    async def stop(self) -> None:
        """Nothing is held."""

    async def _route(
        self,
        conn: Connection,
        batch: Sequence[Item],
        plan: handle.Plan,
        reached: Mapping[Place, int],
    ) -> list[handle.Wanted]:
        orders = await store.orders(conn, plan.orders.values())
        found = handle.subjects(batch, plan, orders, reached)
        if not found:
            return []
        routes = await store.routes(conn, (subject.tenant_id for subject in found))
        nodes = [node for subject in found for node in handle.nodes_of(subject)]
        persons = await store.persons(conn, nodes)
        decisions = await store.decisions(conn, persons.values())
        clicks = await store.chat_clicks(conn, handle.chat_seekers(found, routes))
        told = await store.claimed(conn, handle.strays(found, routes))
        return handle.route(
            found,
            plan,
            routes=routes,
            persons=persons,
            decisions=decisions,
            chat_clicks=clicks,
            told=told,
        )

    async def _retractions(
        self, conn: Connection, purchases: Sequence[handle.Wanted]
    ) -> retractions.Takings:
        """What follows the purchases that are claimed now. The orders are read once more: another
        worker may have told of a later state while this one waited for their claims."""
        keys = await store.hold(conn, purchases)
        if not keys:
            return retractions.Takings()
        orders = await store.orders(conn, keys)
        histories = await store.histories(conn, keys)
        claimed = await store.retracted(conn, keys)
        return retractions.wanted(
            handle.of_orders(purchases, orders),
            histories=histories,
            claimed=claimed,
            retracts=self._retracts,
        )

    async def _emits(self, conn: Connection, granted: Sequence[handle.Wanted]) -> list[Emit]:
        found = {
            about.key: about
            for each in granted
            if isinstance(about := each.subject.about, handle.FoundOrder)
        }
        seen = await store.contributions(conn, list(found.values()))
        return [
            Emit(f"deliveries.{each.key.platform}.v1", delivery(each, seen)) for each in granted
        ]


def _tell(wanted: Sequence[handle.Wanted], granted: Sequence[handle.Wanted]) -> None:
    """What is looked at again, an order with its credit or an event for its consent, is nobody's
    duplicate."""
    mine = {id(each) for each in granted}
    if granted:
        told = {
            "events": len({each.subject.place for each in granted}),
            "deliveries": len(granted),
            "platforms": sorted({each.key.platform for each in granted}),
        }
        log.info("Streaming event to platforms", extra=told)
    for each in wanted:
        if id(each) in mine:
            continue
        about = each.subject.about
        again = isinstance(about, handle.FoundOrder) or about.again
        log.log(
            logging.DEBUG if again else logging.INFO,
            "Duplicate event detected",
            extra={"tenant": each.key.tenant_id, "platform": each.key.platform},
        )
