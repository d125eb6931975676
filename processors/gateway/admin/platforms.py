"""`/api/admin/attribution/platforms/`: connections that are told rather than signed in to.

What a tenant says of an account is checked by the fields of the registry, and kept encrypted; it is
never told again, only which of it is there. What is read back is read as an analyst reads it; the
role that sees credentials is taken for a change alone, and to tell which are there.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from processors.engine.clock import Clock
from processors.engine.postgres import Connection, Database, is_transient
from processors.engine.vault import Vault
from processors.gateway.admin import said
from processors.gateway.admin.changing import Changing, nothing_here
from processors.gateway.analytics.answering import Analytics, dumped
from processors.gateway.exchange import Reply
from processors.gateway.refusal import Problem
from processors.gateway.settings import GatewaySettings
from processors.platforms.base import ACCOUNT_ID
from processors.platforms.connecting import audit, store
from processors.platforms.connecting.flow import Connecting
from processors.platforms.connecting.refusal import NotConnected
from processors.platforms.connecting.state import Whose
from processors.platforms.connecting.store import QUERIES, Stored
from processors.platforms.registry import CONNECTIONS, CONNECTORS

log = logging.getLogger(__name__)

_ROLE: Final = "attributary_connector"
_LONGEST: Final = 4_096


class Platforms:
    """Lists, makes, changes and removes them."""

    def __init__(self, settings: GatewaySettings, *, analytics: Analytics, clock: Clock) -> None:
        self._settings = settings
        self._analytics = analytics
        self._vault = Vault(settings.vault_key.get_secret_value())
        self._clock = clock
        self._database: Database | None = None
        self._opening = asyncio.Lock()

    async def answer(self, change: Changing) -> Reply:
        """What comes of a request.

        Raises:
            Problem: 404 for one that is not there, 409 for one that is, 422 by field.
        """
        if change.rest and change.rest not in CONNECTIONS:
            raise said.unknown("platform")
        try:
            match change.method, change.rest:
                case ["GET", ""]:
                    return Reply(200, dumped(await self._listed(change)))
                case ["GET", platform]:
                    return Reply(200, dumped(await self._one(change.tenant, platform)))
                case ["POST", ""]:
                    return Reply(201, dumped(await self._add(change)))
                case ["PATCH", platform] if platform:
                    return Reply(200, dumped(await self._change(change, platform)))
                case ["DELETE", platform] if platform:
                    return Reply(200, dumped(await self._remove(change, platform)))
        except Problem:
            raise
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("platform not answered", extra={"reason": type(error).__name__})
            detail = "Postgres cannot be asked now"
            raise Problem(503, "unavailable", detail, retry_after_seconds=5) from None
        raise nothing_here()

    async def close(self) -> None:
        """Close the connection."""
        if self._database is not None:
            await self._database.close()

    async def _listed(self, change: Changing) -> dict[str, Any]:
        found = await self._analytics.connections(change.tenant, None)
        known = {platform: list(fields) for platform, fields in sorted(CONNECTIONS.items())}
        return {"platforms": found, "fields": known}

    async def _one(self, tenant: str, platform: str) -> dict[str, Any]:
        found = await self._analytics.connections(tenant, platform)
        if not found:
            raise said.unknown("connection")
        db = await self._open()
        async with db.connection() as conn:
            stored = await store.find(conn, self._vault, tenant, platform)
        return {**found[0], "given": [] if stored is None else _given(platform, stored)}

    async def _add(self, change: Changing) -> dict[str, Any]:
        told = said.fields(change.body, ("platform", "fields", "enabled"))
        platform = said.text(told, "platform")
        if platform not in CONNECTIONS:
            raise said.refused("platform", f"must be one of {', '.join(sorted(CONNECTIONS))}")
        given = _fields(platform, told.get("fields"), forgets=False)
        db = await self._open()
        async with store.held(db, self._vault, change.tenant, platform) as (conn, now):
            if now.account_id or now.credentials:
                raise Problem(409, "exists", f"{platform} is connected; PATCH it")
            made = _merged(platform, now, given, told.get("enabled"))
            await self._put(conn, change, platform, made, "platform_add", sorted(given))
        return await self._one(change.tenant, platform)

    async def _change(self, change: Changing, platform: str) -> dict[str, Any]:
        told = said.fields(change.body, ("fields", "enabled"))
        given = _fields(platform, told.get("fields", {}), forgets=True)
        db = await self._open()
        async with db.transaction() as conn:
            now = await store.hold(conn, self._vault, change.tenant, platform)
            if now is None:
                raise said.unknown("connection")
            made = _merged(platform, now, given, told.get("enabled"))
            await self._put(conn, change, platform, made, "platform_change", sorted(given))
        return await self._one(change.tenant, platform)

    async def _remove(self, change: Changing, platform: str) -> dict[str, Any]:
        """Nothing of it stays. What was granted by a sign-in is given back first."""
        db, whose = await self._open(), _whose(change, platform)
        revoked = False
        with suppress(NotConnected):
            revoked = await Connecting(db, self._vault, clock=self._clock).disconnect(whose)
        async with db.transaction() as conn:
            if await conn.fetchval(QUERIES["remove_connection"], change.tenant, platform) is None:
                raise said.unknown("connection")
            await audit.note(conn, whose, "platform_remove", revoked=revoked)
        return {"platform": platform, "removed": True, "revoked": revoked}

    async def _put(
        self, conn: Connection, change: Changing, platform: str, made: Stored, action: str,
        names: list[str],
    ) -> None:  # fmt: skip
        await store.put(conn, self._vault, change.tenant, platform, made)
        told = {"fields": names, "account_id": made.account_id, "enabled": made.enabled}
        await audit.note(conn, _whose(change, platform), action, **told)

    async def _open(self) -> Database:
        async with self._opening:
            if self._database is None:
                self._database = await Database.connect(
                    self._settings.database_url.get_secret_value(),
                    role=None if self._settings.role is None else _ROLE,
                    max_size=2,
                    application_name="attributary gateway platforms",
                )
            return self._database


def _whose(change: Changing, platform: str) -> Whose:
    return Whose(change.tenant, change.by, platform)


def _given(platform: str, stored: Stored) -> list[str]:
    """Which of the platform's fields are there."""
    own = {**stored.credentials, ACCOUNT_ID: stored.account_id}
    return [name for name, field in CONNECTIONS[platform].items() if own.get(field.part)]


def _fields(platform: str, told: Any, *, forgets: bool) -> dict[str, str | None]:
    """The values by their parts' names, in the form that is stored; None is one to forget."""
    known = CONNECTIONS[platform]
    if not isinstance(told, dict) or (not told and not forgets):
        raise said.refused("fields", f"must be an object of {', '.join(known)}")
    found: dict[str, str | None] = {}
    for name, value in told.items():
        if name not in known:
            detail = f"unknown; there are: {', '.join(known)}"
            raise said.refused(f"fields.{name[:60]}", detail)
        if value is None and forgets and known[name].part != ACCOUNT_ID:
            found[name] = None
            continue
        try:
            found[name] = known[name].read(_text(name, value))
        except ValueError as error:
            raise said.refused(f"fields.{name}", str(error)) from None
    return found


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value or len(value) > _LONGEST:
        detail = f"must be a text of {_LONGEST} characters at most"
        raise said.refused(f"fields.{name}", detail)
    return value


def _merged(platform: str, now: Stored, given: Mapping[str, str | None], enabled: object) -> Stored:
    """The connection with what was given. One that gets its first account is on from then on, as
    when an operator sets it, unless that was said otherwise."""
    account, credentials = now.account_id, dict(now.credentials)
    for name, value in given.items():
        part = CONNECTIONS[platform][name].part
        if part == ACCOUNT_ID:
            account = value or ""
        elif value is None:
            credentials.pop(part, None)
        else:
            credentials[part] = value
    sends = platform in CONNECTORS
    if enabled is None:
        enabled = now.enabled or (sends and not now.account_id and account != "")
    if not isinstance(enabled, bool):
        raise said.refused("enabled", "must be true or false")
    if enabled and not sends:
        raise said.refused("enabled", f"{platform} is only read; nothing is ever sent there")
    if enabled and not account:
        raise said.refused("enabled", "there is no account yet")
    return Stored(account, enabled, credentials)
