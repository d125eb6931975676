"""The keys of people, as the gateway seals by them.

Handlers do not wait: what is sealed for somebody whose key is not in memory gets a mark in its
place, and before its record goes anywhere the keys of all that wait are asked for, or made, in one
statement. With Postgres away a new key is made and on disk before it is used, and brought into the
table later, where it may stand beside an older one: the sealed text names the very key. Keys of
people who were erased meanwhile are forgotten within `control_refresh_seconds`: what comes of them
after that begins with a new key.
"""

import asyncio
import logging
import secrets
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import sql
from processors.domain.ids import subject_id
from processors.engine.postgres import Database
from processors.engine.sealing import PERSON_KEY_BYTES, PersonKey, Sealer
from processors.gateway.door import Accepted, Waiting
from processors.gateway.key_journal import KeyJournal, Made
from processors.gateway.outlet import Outlet
from processors.gateway.settings import GatewaySettings
from processors.gateway.sink import Unavailable

log = logging.getLogger(__name__)

QUERIES: Final = sql.load("sealing")
KEPT: Final = 100_000
_AWAY_SECONDS: Final = 2.0
"""For how long Postgres is not asked again after it did not answer."""

Owner = tuple[str, str]
"""(tenant, subject)."""


class PersonKeys:
    """Seals for people, and is the way of the records that wait for their keys."""

    def __init__(self, settings: GatewaySettings, *, sealer: Sealer, outlet: Outlet) -> None:
        self._settings = settings
        self._sealer = sealer
        self._outlet = outlet
        self._journal = KeyJournal(settings.spool_dir / "person_keys.jsonl")
        self._mark = f"sealing-{secrets.token_hex(16)}-"
        self._marks = 0
        self._waiting: list[Waiting] = []
        self._known: OrderedDict[Owner, PersonKey] = OrderedDict()
        self._wanted: dict[Owner, int] = {}
        self._lock = asyncio.Lock()
        self._database: Database | None = None
        self._away_until = 0.0
        self._seen: datetime | None = None

    @property
    def spooled(self) -> int:
        """Records that wait in the spool."""
        return self._outlet.spooled

    def can_take(self) -> bool:
        """Whether a record would be taken now."""
        return self._outlet.can_take()

    def state(self) -> dict[str, int | bool]:
        """For `/readyz`."""
        return self._outlet.state()

    def seal(self, tenant: str, clear: Mapping[str, str], nodes: Sequence[str] = ()) -> str:
        """The sealed text, or a mark in its place; without ids under the deployment's key."""
        if not nodes:
            return self._sealer.seal(tenant, clear)
        subjects = tuple(subject_id(tenant, node) for node in nodes)
        keys = self._keys(tenant, subjects)
        if keys is not None:
            return self._sealer.seal_for(tenant, clear, keys)
        self._marks += 1
        mark = f"{self._mark}{self._marks:012x}"
        self._waiting.append(Waiting(mark, tenant, subjects, clear))
        return mark

    def take(self) -> tuple[Waiting, ...]:
        """What waits since the last call; of an item that was refused meanwhile nobody asks."""
        if not self._waiting:
            return ()
        taken, self._waiting = tuple(self._waiting), []
        return taken

    async def put(self, rows: Sequence[Accepted]) -> None:
        """Done when every row is safe, and with it the keys of what it has sealed.

        Raises:
            Unavailable: when neither Postgres nor the disk takes a key, or no outlet the row.
        """
        if any(row.waiting for row in rows):
            await self._settle([row for row in rows if row.waiting])
        await self._outlet.put(rows)

    async def run(self) -> None:
        """Bring in what was made while Postgres was away, and forget the keys of erased people,
        for ever."""
        while True:
            try:
                async with asyncio.timeout(5.0):
                    await self._bring()
                    await self._forget()
            except Exception as error:
                # Whatever is wrong with Postgres, events are still taken.
                log.warning("keys of people not read", extra={"reason": type(error).__name__})
            await asyncio.sleep(self._settings.control_refresh_seconds)

    async def close(self) -> None:
        """Close the connections."""
        if self._database is not None:
            await self._database.close()

    async def _settle(self, rows: Sequence[Accepted]) -> None:
        needed: dict[Owner, int] = {}
        for row in rows:
            for waiting in row.waiting:
                for subject in waiting.subjects:
                    owner, at = (waiting.tenant, subject), row.raw.timestamp or 0
                    needed[owner] = min(at, needed.get(owner, at))
        keys = await self._learn(needed)
        for row in rows:
            value = row.raw.value or b""
            for waiting in row.waiting:
                own = [keys[waiting.tenant, subject] for subject in waiting.subjects]
                text = self._sealer.seal_for(waiting.tenant, waiting.clear, own)
                value = value.replace(waiting.mark.encode(), text.encode())
            row.raw, row.waiting = row.raw._replace(value=value), ()

    async def _learn(self, needed: Mapping[Owner, int]) -> dict[Owner, PersonKey]:
        """The keys of all of them, asked for or made together with those of other requests."""
        self._wanted |= needed
        async with self._lock:
            missing = {own: at for own, at in self._wanted.items() if own not in self._known}
            self._wanted.clear()
            found = await self._fetch(missing) if missing else {}
        for owner in needed:
            if owner not in found:
                # Asked for by another request, or forgotten since: then once more.
                known = self._known.get(owner)
                found[owner] = known or (await self._learn({owner: needed[owner]}))[owner]
        return found

    async def _fetch(self, missing: Mapping[Owner, int]) -> dict[Owner, PersonKey]:
        made = [
            Made(tenant, PersonKey(subject, secrets.token_bytes(PERSON_KEY_BYTES)), at)
            for (tenant, subject), at in missing.items()
        ]
        own = {(one.tenant, one.key.subject): one.key for one in made}
        loop = asyncio.get_running_loop()
        if loop.time() >= self._away_until:
            try:
                async with asyncio.timeout(self._settings.person_keys_seconds):
                    found = await self._stored(made)
            except Exception as error:
                log.warning("no keys of people", extra={"reason": type(error).__name__})
                self._away_until = loop.time() + _AWAY_SECONDS
            else:
                self._remember(found)
                # Who was erased since the record came has no key: its own is kept by nobody.
                return own | found
        try:
            await asyncio.to_thread(self._journal.append, made)
        except OSError as error:
            log.error("a key of a person cannot be kept", extra={"reason": type(error).__name__})
            raise Unavailable from error
        self._remember(own)
        return own

    async def _stored(self, made: Sequence[Made]) -> dict[Owner, PersonKey]:
        database = await self._connected()
        async with database.transaction() as conn:
            await conn.execute(QUERIES["make_keys"], *_columns(made), False)
            # A later statement: it sees what somebody else has made meanwhile.
            rows = await conn.fetch(QUERIES["keys_of_subjects"], *_columns(made)[:2])
        return {(r["tenant_id"], r["subject"]): PersonKey(r["subject"], r["key"]) for r in rows}

    async def _bring(self) -> None:
        """Empty the journal into the table; a key that is there already is not the one to go on
        with, so all of these are asked for again."""
        async with self._lock:
            made = await asyncio.to_thread(self._journal.read)
            if not made:
                return
            database = await self._connected()
            async with database.transaction() as conn:
                await conn.execute(QUERIES["make_keys"], *_columns(made), True)
            await asyncio.to_thread(self._journal.forget)
            for one in made:
                self._known.pop((one.tenant, one.key.subject), None)

    async def _forget(self) -> None:
        database = await self._connected()
        async with database.transaction(readonly=True) as conn:
            if self._seen is None:
                self._seen = await conn.fetchval(QUERIES["now"])
            for row in await conn.fetch(QUERIES["erased_since"], self._seen):
                self._seen = max(self._seen, row["asked_at"])
                for subject in row["subjects"]:
                    self._known.pop((row["tenant_id"], subject), None)

    async def _connected(self) -> Database:
        if self._database is None:
            self._database = await Database.connect(
                self._settings.database_url.get_secret_value(),
                role=self._settings.role,
                max_size=2,
                application_name="attributary gateway keys",
            )
        return self._database

    def _keys(self, tenant: str, subjects: Iterable[str]) -> list[PersonKey] | None:
        found = []
        for subject in subjects:
            key = self._known.get((tenant, subject))
            if key is None:
                return None
            self._known.move_to_end((tenant, subject))
            found.append(key)
        return found

    def _remember(self, keys: Mapping[Owner, PersonKey]) -> None:
        self._known.update(keys)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)


def _columns(made: Sequence[Made]) -> list[list[object]]:
    return [
        [one.tenant for one in made],
        [one.key.subject for one in made],
        [one.key.key_id for one in made],
        [one.key.key for one in made],
        [one.made_at for one in made],
    ]
