"""What is asked rather than told: logins, lists of what a tenant has sent, connections."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, Final

import orjson

from processors.engine.clock import Clock
from processors.engine.metrics import Metrics
from processors.gateway.admission import Admission
from processors.gateway.analytics import PATH as ANALYTICS
from processors.gateway.body import Receive
from processors.gateway.directory import Directory
from processors.gateway.exchange import Reply
from processors.gateway.logins import LOGIN, ME, Logins
from processors.gateway.outlet import Outlet
from processors.gateway.quality_reports import REPORT, QualityReports, tenant_of
from processors.gateway.refusal import Problem
from processors.gateway.settings import GatewaySettings
from processors.gateway.terms import PLATFORMS
from processors.gateway.uploads import listing

if TYPE_CHECKING:
    from processors.gateway.connections import Connections
    from processors.gateway.doors import Doors

Scope = MutableMapping[str, Any]
Read = Callable[[Receive, int], Awaitable[bytes]]
"""Reads a body up to a limit, and gives up one that stalls."""

CONNECTIONS: Final = "/api/v1/connections"
INFLUENCERS: Final = "/api/v1/influencers"
SAVED_VIEWS: Final = "/api/v1/creatives/views"
DOORS: Final = (ANALYTICS, INFLUENCERS, SAVED_VIEWS, PLATFORMS)

_LOGIN_BYTES: Final = 8_192
_CHANGE_BYTES: Final = 65_536


class Api:
    """The answers of one gateway; each is JSON, or a Problem."""

    def __init__(
        self,
        settings: GatewaySettings,
        *,
        admission: Admission,
        directory: Directory,
        metrics: Metrics,
        clock: Clock,
        read: Read,
        outlet: Outlet,
    ) -> None:
        self._admission = admission
        self._logins = Logins(settings, directory=directory, metrics=metrics, clock=clock)
        self._listing = listing.Listing(settings)
        self._quality = QualityReports(settings)
        self._settings = settings
        self._clock = clock
        self._opened: Connections | None = None
        self._doors: Doors | None = None
        self._outlet = outlet
        self._read = read

    def answer(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive
    ) -> Awaitable[bytes | Reply] | None:
        """What answers the request; None when it asks for none of this."""
        match scope["method"], scope["path"]:
            case ["POST", path] if path == LOGIN:
                return self._login(receive)
            case ["GET", path] if path == ME:
                return self._me(scope, headers)
            case ["GET", path] if path == listing.PATH:
                return self._batches(scope, headers)
            case ["GET", path] if path == REPORT:
                return self._report(scope, headers)
            case ["GET", path] if (tenant := tenant_of(path)) is not None:
                return self._score(scope, headers, tenant)
            case [_, path] if path == CONNECTIONS or path.startswith(f"{CONNECTIONS}/"):
                return self._connections(scope, headers, receive)
            case [_, path] if any(path == at or path.startswith(f"{at}/") for at in DOORS):
                return self._page(scope, headers, receive)
        return None

    async def close(self) -> None:
        """Let go of what is open."""
        await self._listing.close()
        await self._quality.close()
        if self._opened is not None:
            await self._opened.close()
        if self._doors is not None:
            await self._doors.close()

    async def _login(self, receive: Receive) -> bytes:
        return await self._logins.login(await self._read(receive, _LOGIN_BYTES))

    async def _me(self, scope: Scope, headers: dict[bytes, bytes]) -> bytes:
        return self._logins.me(await self._admission.key(scope, headers, server_only=False))

    async def _batches(self, scope: Scope, headers: dict[bytes, bytes]) -> bytes:
        """The uploads of the tenant whose key it is."""
        key = await self._admission.key(scope, headers, server_only=True)
        self._admission.prove(key, headers, b"")
        return orjson.dumps(await self._listing.batches(key.tenant, scope["query_string"]))

    async def _report(self, scope: Scope, headers: dict[bytes, bytes]) -> bytes:
        key = await self._admission.key(scope, headers, server_only=True)
        self._admission.prove(key, headers, b"")
        return orjson.dumps(await self._quality.report(key.tenant))

    async def _score(self, scope: Scope, headers: dict[bytes, bytes], tenant: str) -> bytes:
        """The score of the tenant in the path, which of several tenants of a login is the one."""
        named = {**headers, b"x-attributary-tenant": tenant.encode("latin-1", "replace")}
        key = await self._admission.key(scope, named, server_only=True)
        self._admission.prove(key, headers, b"")
        if key.tenant != tenant:
            raise Problem(403, "forbidden", "that tenant is not this key's")
        return orjson.dumps(await self._quality.score(tenant))

    async def _connections(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive
    ) -> bytes:
        key = await self._admission.key(scope, headers, server_only=True)
        body = b""
        if scope["method"] == "POST":
            body = await self._read(receive, _LOGIN_BYTES)
        self._admission.prove(key, headers, body)
        if self._opened is None:
            # Most gateways connect nothing, and all would wait for the vendors' client to load.
            from processors.gateway.connections import Connections

            self._opened = Connections(self._settings, clock=self._clock)
        rest = scope["path"].removeprefix(CONNECTIONS)
        return await self._opened.answer(key, scope["method"], rest, scope["query_string"], body)

    async def _page(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> Reply:
        key = await self._admission.key(scope, headers, server_only=True)
        self._admission.charge(key, 1)
        body = b""
        if scope["method"] in ("POST", "PATCH"):
            body = await self._read(receive, _CHANGE_BYTES)
        self._admission.prove(key, headers, body)
        if self._doors is None:
            # As above: it knows every platform.
            from processors.gateway.doors import Doors

            self._doors = Doors(self._settings, outlet=self._outlet, clock=self._clock)
        query = scope["query_string"]
        return await self._doors.answer(key, scope["method"], scope["path"], query, body)
