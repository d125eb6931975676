"""Who still consents, and what the platform could take at all: asked before every request."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from processors.domain import consent
from processors.engine.postgres import Connection
from processors.engine.sealing import names_of
from processors.fanout import handle, store
from processors.fanout.handle import Settlement, Waiting
from processors.platforms.base import Connector, Keys, Opening

Key = tuple[str, str, str]
"""What names a row within its platform."""


class Screen:
    """The screen of one platform."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    async def look(
        self, conn: Connection, rows: Sequence[Waiting], *, now_ms: int
    ) -> tuple[list[Waiting], list[Settlement]]:
        """(what may go now, with the consent of now; what ends, or waits on, without a request)."""
        if not rows:
            return [], []
        asked = [(row.delivery.tenant_id, n) for row in rows for n in handle.nodes(row.delivery)]
        tenants = {row.delivery.tenant_id for row in rows}
        decided, absent = await store.decisions(conn, asked, tenants)
        lost, early = await self._unknown(conn, rows)
        good: list[Waiting] = []
        ended: list[Settlement] = []
        for row in rows:
            if row.key in lost:
                ended.append(
                    handle.unsent(row, now_ms=now_ms, state="filtered", error=handle.ERASED)
                )
                continue
            if row.key in early:
                ended.append(handle.early(row, now_ms=now_ms))
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
        return good, await self._doubted(conn, ended)

    async def _doubted(self, conn: Connection, ended: Sequence[Settlement]) -> list[Settlement]:
        """They end, but as `unknown` where a request for them had no answer."""
        asked = [one.row for one in ended if one.state in handle.FINAL and one.row.attempts]
        found = await store.doubted(conn, self._connector.platform, asked)
        return [handle.doubted(one) if one.row.key in found else one for one in ended]

    async def _unknown(
        self, conn: Connection, rows: Sequence[Waiting]
    ) -> tuple[set[Key], set[Key]]:
        """(rows of people who were erased: their records are, or the key of their details is; rows
        that came before a key that a gateway made while Postgres was away)."""
        gone = await store.erased(conn, [row.delivery for row in rows])
        lost = {row.key for row in rows if not gone.isdisjoint(handle.records(row.delivery))}
        if not isinstance(self._connector, Opening):
            return lost, set()
        keys = await store.keys_of(conn, [row.delivery for row in rows])
        self._connector.give(keys)
        absent = [
            (row, owners)
            for row in rows
            if row.key not in lost and (owners := _without_key(row, keys))
        ]
        until = await store.erasures(conn, chain.from_iterable(owners for _, owners in absent))
        early: set[Key] = set()
        for row, owners in absent:
            erased = any(row.delivery.occurred_at <= until.get(owner, -1) for owner in owners)
            (lost if erased else early).add(row.key)
        return lost, early

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


def _without_key(row: Waiting, keys: Keys) -> set[tuple[str, str]]:
    """(tenant, subject) of whom it has details that none of the keys is for."""
    tenant = row.delivery.tenant_id
    names = names_of(row.delivery.user_data.sealed or "")
    return {(tenant, subject) for subject, key_id in names if (tenant, subject, key_id) not in keys}
