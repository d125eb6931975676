"""Bugs that the protocol rules out, planted on purpose: each must be caught (protocol.md)."""

from collections.abc import Callable, Sequence

import pytest

from processors.engine.outcome import DUPLICATE
from processors.engine.postgres import Connection
from processors.engine.processor import Item, Result
from processors.identity import store
from processors.identity.conversions import look, look_in
from processors.identity.handle import Facts, gather
from processors.identity.merge import merge
from processors.identity.processor import Identity
from processors.identity.restatement import pointers
from processors.identity.rows import TouchRow
from processors.summary import store as summary_store

Plant = Callable[[pytest.MonkeyPatch], None]


def expand_inside_the_inserting_transaction(patch: pytest.MonkeyPatch) -> None:
    async def process(self: Identity, batch: Sequence[Item]) -> Result:
        found = gather(batch)
        async with self._db.transaction() as conn:
            await store.write(conn, found, self._nodes)
            await self._progress.record(conn, batch, found.outcomes)
            seen = await look_in(conn, found)
            await self._pause("facts")
        await merge(self._db, found, self._settled, self._pause)
        if found.edges:
            seen = await look(self._db, found)
        self._dirty = seen.dirty
        await self._pause("looked")
        return Result(found.outcomes, pointers(seen.revisions))

    patch.setattr(Identity, "process", process)


def expand_only_new_rows(patch: pytest.MonkeyPatch) -> None:
    written = store._touches

    async def touches(conn: Connection, found: Facts) -> set[tuple[str, str]]:
        dirty = await written(conn, found)
        duplicates = {n for n, o in enumerate(found.outcomes) if o is DUPLICATE}
        old: list[TouchRow] = [
            row for key, row in found.touches.items() if found.touch_items.get(key) in duplicates
        ]
        for row in old:
            found.anchors.pop((row.tenant_id, row.anchor), None)
        return dirty

    patch.setattr(store, "_touches", touches)


def no_dirty_row(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(store.QUERIES, "insert_dirty", "SELECT $1::text[], $2::text[]")


def no_revision(patch: pytest.MonkeyPatch) -> None:
    text = summary_store.QUERIES["claim_revisions"]
    assert "credit_applied.rev < excluded.rev" in text
    patch.setitem(
        summary_store.QUERIES,
        "claim_revisions",
        text.replace("credit_applied.rev < excluded.rev", "true"),
    )


def no_tenant_lock(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(store.QUERIES, "lock_graphs", "SELECT $1::text[]")


def replaced_touch_without_its_old_anchor(patch: pytest.MonkeyPatch) -> None:
    written = store._touches

    async def touches(conn: Connection, found: Facts) -> set[tuple[str, str]]:
        await written(conn, found)
        return set()

    patch.setattr(store, "_touches", touches)
