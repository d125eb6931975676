"""`/api/v1/connections`: a tenant's accounts at platforms are connected by signing in there.

The vendor sends the browser back to a page of whoever uses this API, which brings `code` and
`state` here with its own key or login: so a sign-in is completed by nobody but who began it, and a
link that somebody sends connects nothing of its reader. Credentials are read and written through a
role of their own, on a connection that is opened when first asked for.
"""

import asyncio
import logging
from typing import Any, Final

import orjson

from processors.engine.clock import Clock
from processors.engine.postgres import Database, is_transient
from processors.engine.vault import Vault
from processors.gateway.keys import Key
from processors.gateway.query import first
from processors.gateway.refusal import Problem
from processors.gateway.settings import GatewaySettings
from processors.platforms.connecting.flow import Connected, Connecting
from processors.platforms.connecting.refusal import Kind, NotConnected
from processors.platforms.connecting.state import Whose
from processors.platforms.connecting.store import QUERIES
from processors.platforms.connecting.vendor import Found

log = logging.getLogger(__name__)

_ROLE: Final = "attributary_connector"
_STATUS: Final[dict[Kind, int]] = {
    "unknown": 404,
    "not_configured": 503,
    "bad_state": 400,
    "forbidden": 403,
    "refused": 422,
    "unavailable": 502,
}


class Connections:
    """Answers what is asked of connections."""

    def __init__(self, settings: GatewaySettings, *, clock: Clock) -> None:
        self._settings = settings
        self._vault = Vault(settings.vault_key.get_secret_value())
        self._clock = clock
        self._database: Database | None = None
        self._opening = asyncio.Lock()

    async def answer(self, key: Key, method: str, rest: str, query: bytes, body: bytes) -> bytes:
        """What comes of a request for the path and `rest` after it.

        Raises:
            Problem: 403 for a viewer, and whatever connecting is refused for.
        """
        _permit(key, reads=rest == "")
        _, platform, what = (rest + "//").split("/", 2)
        whose = Whose(key.tenant, _user(key), platform)
        try:
            db = await self._open()
            connecting = Connecting(db, self._vault, clock=self._clock)
            match method, what.strip("/"):
                case ["GET", ""] if not platform:
                    return orjson.dumps(await self._listed(db, key.tenant))
                case ["GET", "authorize"]:
                    url = await connecting.begin(whose, redirect_url=self._back(platform))
                    return orjson.dumps({"authorize_url": url})
                case ["GET", "callback"]:
                    done = await connecting.complete(
                        whose,
                        state=first(query, b"state"),
                        code=first(query, b"code") or first(query, b"auth_code"),
                        error=first(query, b"error"),
                    )
                    return orjson.dumps(_connected(done))
                case ["GET", "accounts"]:
                    found = await connecting.accounts(whose)
                    return orjson.dumps({"accounts": [_account(one) for one in found]})
                case ["POST", "account"]:
                    await connecting.select(whose, _chosen(body))
                    return orjson.dumps({"platform": platform, "account_id": _chosen(body)})
                case ["POST", "enabled"]:
                    await connecting.switch(whose, on=_switched(body))
                    return orjson.dumps({"platform": platform, "enabled": _switched(body)})
                case ["DELETE", ""] if platform:
                    revoked = await connecting.disconnect(whose)
                    return orjson.dumps({"platform": platform, "revoked": revoked})
        except NotConnected as error:
            raise Problem(_STATUS[error.kind], f"connect_{error.kind}", error.detail) from None
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("not connected", extra={"reason": type(error).__name__})
            detail = "Postgres cannot be asked now"
            raise Problem(503, "unavailable", detail, retry_after_seconds=5) from None
        raise Problem(404, "not_found", "there is nothing here; see /openapi.json")

    async def close(self) -> None:
        """Close the connection."""
        if self._database is not None:
            await self._database.close()

    def _back(self, platform: str) -> str:
        url = self._settings.connect_redirect_url
        if not url:
            detail = "set ATTRIBUTARY_GATEWAY_CONNECT_REDIRECT_URL"
            raise NotConnected("not_configured", detail)
        return url.replace("{platform}", platform)

    async def _listed(self, db: Database, tenant: str) -> dict[str, Any]:
        async with db.connection() as conn:
            rows = await conn.fetch(QUERIES["connections_of"], tenant)
            checks = await conn.fetch(QUERIES["checks_of"], tenant)
        health = {
            row["platform"]: {
                "state": row["state"],
                "reason": row["reason"],
                "checked_at": row["checked_at"],
                "since": row["since"],
            }
            for row in checks
        }
        return {
            "connections": [
                {**dict(row.items()), "health": health.get(row["platform"])} for row in rows
            ]
        }

    async def _open(self) -> Database:
        async with self._opening:
            if self._database is None:
                self._database = await Database.connect(
                    self._settings.database_url.get_secret_value(),
                    role=None if self._settings.role is None else _ROLE,
                    max_size=2,
                    application_name="attributary gateway connections",
                )
            return self._database


def _permit(key: Key, *, reads: bool) -> None:
    """A viewer's GET changes nothing, and `callback` does."""
    login = None if key.rules is None else key.rules.login
    if login is not None and login.role == "viewer" and not reads:
        raise Problem(403, "forbidden", "this needs the role analyst; the login is viewer")


def _user(key: Key) -> str:
    """A login, or any server key of the tenant, which all may do the same."""
    login = None if key.rules is None else key.rules.login
    return "server key" if login is None else login.email


def _connected(done: Connected) -> dict[str, Any]:
    accounts = None if done.accounts is None else [_account(one) for one in done.accounts]
    return {"platform": done.platform, "account_id": done.account_id, "accounts": accounts}


def _account(found: Found) -> dict[str, Any]:
    return {"account_id": found.account_id, "name": found.name, "of": found.parts}


def _chosen(body: bytes) -> str:
    value = _said(body, "account_id")
    if not isinstance(value, str) or not value:
        raise Problem(422, "bad_field", "account_id: is required")
    return value


def _switched(body: bytes) -> bool:
    value = _said(body, "enabled")
    if not isinstance(value, bool):
        raise Problem(422, "bad_field", "enabled: must be true or false")
    return value


def _said(body: bytes, name: str) -> object:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Problem(400, "bad_json", "the body is not JSON") from None
    return said.get(name) if isinstance(said, dict) else None
