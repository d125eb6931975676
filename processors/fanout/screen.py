"""Who still consents, and what the platform could take at all: asked before every request."""

from collections.abc import Sequence
from dataclasses import replace

from processors.domain import consent
from processors.engine.postgres import Connection
from processors.engine.sealing import names_of
from processors.fanout import handle, store
from processors.fanout.handle import Settlement, Waiting
from processors.platforms.base import Connector, Opening


class Screen:
    """The screen of one platform."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    async def look(
        self, conn: Connection, rows: Sequence[Waiting], *, now_ms: int
    ) -> tuple[list[Waiting], list[Settlement]]:
        """(what may go now, with the consent of now; what ends without a request)."""
        if not rows:
            return [], []
        asked = [(row.delivery.tenant_id, n) for row in rows for n in handle.nodes(row.delivery)]
        tenants = {row.delivery.tenant_id for row in rows}
        decided, absent = await store.decisions(conn, asked, tenants)
        lost = await self._lost(conn, rows)
        good: list[Waiting] = []
        ended: list[Settlement] = []
        for row in rows:
            if row.key in lost:
                ended.append(
                    handle.unsent(row, now_ms=now_ms, state="filtered", error=handle.ERASED)
                )
                continue
            tenant_id = row.delivery.tenant_id
            own = handle.nodes(row.delivery)
            known = [one for node in own for one in decided.get((tenant_id, node), ())]
            default = absent.get(tenant_id, consent.GRANTED)
            flags = handle.consent_now(row.delivery, known, when_absent=default)
            asking = replace(row, delivery=row.delivery.model_copy(update={"consent": flags}))
            if reason := self._unwanted(asking, known, default):
                ended.append(handle.unsent(row, now_ms=now_ms, state="filtered", error=reason))
            elif refusal := self._connector.refusal(asking.delivery):
                ended.append(handle.unsent(row, now_ms=now_ms, state="rejected", error=refusal))
            else:
                good.append(asking)
        return good, ended

    async def _lost(self, conn: Connection, rows: Sequence[Waiting]) -> set[tuple[str, str, str]]:
        """Rows of people who were erased: their records are, or the key of their details is."""
        gone = await store.erased(conn, [row.delivery for row in rows])
        lost = {row.key for row in rows if not gone.isdisjoint(handle.records(row.delivery))}
        if isinstance(self._connector, Opening):
            keys = await store.keys_of(conn, [row.delivery for row in rows])
            self._connector.give(keys)
            for row in rows:
                names = names_of(row.delivery.user_data.sealed or "")
                if any((row.delivery.tenant_id, *name) not in keys for name in names):
                    lost.add(row.key)
        return lost

    def _unwanted(
        self, row: Waiting, known: Sequence[consent.Decision], default: str
    ) -> str | None:
        """Why it must not go there, or None."""
        kind, flags = row.delivery.kind, row.delivery.consent.model_dump()
        if consent.is_suppressed(known):
            return handle.SUPPRESSED
        if kind != "event" and kind not in self._connector.retracts:
            return handle.NOT_RETRACTABLE
        if not consent.allows(self._connector.platform, flags, when_absent=default):
            return handle.NO_CONSENT
        return None
