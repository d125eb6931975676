"""The step of summary: one transaction a batch, counts and offsets included."""

from collections.abc import Sequence

from processors.engine.outcome import APPLIED, DUPLICATE, Outcome
from processors.engine.postgres import Connection, Database
from processors.engine.processor import Background, Item, Result
from processors.engine.progress import Progress
from processors.summary import handle, store
from processors.summary.changes import Change, cell_deltas
from processors.summary.spend import greatest


class SummaryProcessor:
    """Credits and spend in, rows and cells out."""

    def __init__(self, *, db: Database, progress: Progress) -> None:
        self._db = db
        self._progress = progress

    async def start(self) -> None:
        """Nothing is kept between batches."""

    async def process(self, batch: Sequence[Item]) -> Result:
        """Apply the batch; all of it or nothing."""
        async with self._db.transaction() as conn:
            outcomes = await self._apply_credits(conn, batch)
            await self._apply_spend(conn, batch, outcomes)
            await self._progress.record(conn, batch, outcomes)
        return Result(outcomes)

    async def acknowledged(self, _batch: Sequence[Item], _result: Result, /) -> None:
        """Everything is committed already."""

    def background(self) -> Sequence[Background]:
        """None."""
        return ()

    async def stop(self) -> None:
        """Nothing is held."""

    async def _apply_credits(self, conn: Connection, batch: Sequence[Item]) -> list[Outcome]:
        chosen, outcomes = handle.choose(batch, await store.epoch(conn))
        if not chosen:
            return outcomes
        claimed = await store.claim(conn, {key: own.row for key, own in chosen.items()})
        before = await store.shown_rows(conn, claimed)
        changes = []
        for key in claimed:
            candidate = chosen[key]
            outcomes[candidate.place] = APPLIED
            if old := before.get(key):
                changes.append(Change(key[0], candidate.shard, -1, old))
            if new := candidate.row.earned:
                changes.append(Change(key[0], candidate.shard, 1, new))
        rows = [chosen[key].row for key in claimed]
        await store.replace_rows(conn, rows)
        await store.replace_journeys(conn, rows)
        await store.add_to_cells(conn, cell_deltas(changes))
        await store.add_to_journey_cells(conn, handle.journey_deltas(changes))
        return outcomes

    async def _apply_spend(
        self, conn: Connection, batch: Sequence[Item], outcomes: list[Outcome]
    ) -> None:
        figures, damaged = greatest(batch)
        for place, dead in damaged.items():
            outcomes[place] = dead
        if figures:
            shown = await store.register_spend(conn, figures)
            for figure in figures:
                outcomes[figure.place] = APPLIED if figure.place in shown else DUPLICATE
