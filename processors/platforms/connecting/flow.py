"""The whole of a connection's life: begin, complete, choose an account, disconnect."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from processors.engine.clock import Clock
from processors.engine.postgres import Database
from processors.engine.vault import Vault
from processors.platforms.base import OAUTH_PART, Account, Result
from processors.platforms.connecting import audit, store
from processors.platforms.connecting import state as states
from processors.platforms.connecting.refusal import NotConnected
from processors.platforms.connecting.renewal import Renewal
from processors.platforms.connecting.state import Whose
from processors.platforms.connecting.store import QUERIES, Stored
from processors.platforms.connecting.vendor import Found, Vendor
from processors.platforms.grant import EXPIRES, App
from processors.platforms.grants import GRANTS
from processors.platforms.http import Http
from processors.platforms.oauth import BOUGHT, BOUGHT_UNTIL, Tokens
from processors.platforms.registry import CONNECTIONS, CONNECTORS

CONNECTED: Final = "connected_at"
"""Part of credentials that an authorization brought: when, epoch milliseconds."""
_GRANTED: Final = frozenset(
    {
        CONNECTED,
        "access_token",
        OAUTH_PART,
        EXPIRES,
        BOUGHT,
        BOUGHT_UNTIL,
        "client_id",
        "client_secret",
    }
)
"""What an authorization brings, and its end takes away."""


@dataclass(frozen=True, slots=True)
class Connected:
    """What came of a sign-in. `accounts` is None when they could not be listed now; without an
    `account_id` one must be chosen before anything is sent."""

    platform: str
    account_id: str
    accounts: tuple[Found, ...] | None


class Connecting:
    """Connects tenants' accounts."""

    def __init__(self, db: Database, vault: Vault, *, clock: Clock) -> None:
        self._db = db
        self._vault = vault
        self._clock = clock

    async def begin(self, whose: Whose, *, redirect_url: str) -> str:
        """The vendor's page.

        Raises:
            NotConnected: unknown or not_configured.
        """
        async with self._vendor(whose.platform) as vendor:
            verifier = states.verifier()
            state, nonce = states.make(self._vault, whose, now=self._clock())
            page = vendor.page(
                state=state, challenge=states.challenge(verifier), redirect_url=redirect_url
            )
        args = (nonce, whose.tenant, whose.platform, self._vault.encrypt(verifier), redirect_url)
        async with self._db.connection() as conn:
            await conn.execute(QUERIES["forget_attempts"], self._clock())
            await conn.execute(QUERIES["begin_attempt"], *args, self._clock() + states.LASTS_MS)
        return page

    async def complete(self, whose: Whose, *, state: str, code: str, error: str = "") -> Connected:
        """Exchange the code and store what was granted; the only account there is is chosen.

        Raises:
            NotConnected: whatever its kinds say.
        """
        nonce = states.read(self._vault, state, whose, now=self._clock())
        async with self._db.connection() as conn:
            row = await conn.fetchrow(QUERIES["take_attempt"], nonce, whose.tenant, whose.platform)
        if row is None:
            raise NotConnected("bad_state", "the state has been used; begin again")
        if error or not code:
            raise NotConnected("refused", "the platform was not let in")
        async with self._vendor(whose.platform) as vendor:
            granted = await vendor.exchange(
                code=code,
                verifier=self._vault.decrypt(row["verifier_encrypted"]),
                redirect_url=row["redirect_url"],
            )
        granted[CONNECTED] = str(self._clock())
        async with store.held(self._db, self._vault, whose.tenant, whose.platform) as (conn, now):
            rest = {k: v for k, v in now.credentials.items() if k not in _GRANTED}
            stored = _enabled(whose.platform, replace(now, credentials={**rest, **granted}))
            await store.put(conn, self._vault, whose.tenant, whose.platform, stored)
            await audit.note(conn, whose, "connect")
        listed: list[Found] | None = None
        with suppress(NotConnected):
            listed = await self.accounts(whose)
        account_id = stored.account_id
        if not account_id and listed is not None and len(listed) == 1:
            account_id = listed[0].account_id
            await self.select(whose, account_id)
        return Connected(whose.platform, account_id, None if listed is None else tuple(listed))

    async def accounts(self, whose: Whose) -> list[Found]:
        """What may be chosen.

        Raises:
            NotConnected: unknown without a connection, refused or unavailable.
        """
        account = await self._account(whose)
        async with self._vendor(whose.platform) as vendor:
            return await vendor.accounts(await self._token(account, whose.platform))

    async def select(self, whose: Whose, account_id: str) -> None:
        """Send to this account from now on.

        Raises:
            NotConnected: unknown for one that is not listed, refused or unavailable.
        """
        listed = await self.accounts(whose)
        found = next((one for one in listed if one.account_id == account_id), None)
        if found is None:
            raise NotConnected("unknown", "that account is not one of those that may be used")
        fields = {field.part: field for field in CONNECTIONS.get(whose.platform, {}).values()}
        ids = {
            part: fields[part].read(value) if part in fields else value
            for part, value in found.parts.items()
        }
        own = ids.pop("account_id", found.account_id)
        async with store.held(self._db, self._vault, whose.tenant, whose.platform) as (conn, now):
            chosen = Stored(own, now.enabled, {**now.credentials, **ids})
            stored = _enabled(whose.platform, chosen)
            await store.put(conn, self._vault, whose.tenant, whose.platform, stored)
            await audit.note(conn, whose, "select_account", account_id=own)

    async def switch(self, whose: Whose, *, on: bool) -> None:
        """Off: nothing new is routed there and what waits stays waiting, until it is on again or
        the platform's time for it has passed. What was granted is kept.

        Raises:
            NotConnected: unknown without an account there, or where nothing is sent.
        """
        known = whose.platform in CONNECTORS
        async with self._db.transaction() as conn:
            if not known or not await store.switch(conn, whose.tenant, whose.platform, on=on):
                raise NotConnected("unknown", f"{whose.platform[:40]} is not connected")
            await audit.note(conn, whose, "switch", enabled=on)

    async def disconnect(self, whose: Whose) -> bool:
        """Forget what was granted, send nothing more, and ask the vendor to forget us; whether it
        has taken note.

        Raises:
            NotConnected: unknown without a connection.
        """
        account = await self._account(whose)
        token, revoked = "", False
        with suppress(NotConnected):
            token = await self._token(account, whose.platform)
        async with self._vendor(whose.platform) as vendor:
            revoked = await vendor.revoke(account.credentials, token)
        async with store.held(self._db, self._vault, whose.tenant, whose.platform) as (conn, now):
            rest = {k: v for k, v in now.credentials.items() if k not in _GRANTED}
            gone = Stored(now.account_id, False, rest)
            await store.put(conn, self._vault, whose.tenant, whose.platform, gone)
            await audit.note(conn, whose, "disconnect", revoked=revoked)
        return revoked

    async def _account(self, whose: Whose) -> Account:
        async with self._db.connection() as conn:
            stored = await store.find(conn, self._vault, whose.tenant, whose.platform)
        if stored is None or not is_granted(stored.credentials):
            raise NotConnected("unknown", f"{whose.platform} is not connected")
        renewal = Renewal(self._db, self._vault, whose.platform)
        return Account(whose.tenant, stored.account_id, stored.credentials, renewal)

    async def _token(self, account: Account, platform: str) -> str:
        app = App.of(platform)
        http = Http(timeout_seconds=app.timeout_seconds, max_connections=2)
        try:
            token = await tokens_of(platform, http, clock=self._clock).of(account)
        finally:
            await http.close()
        if isinstance(token, Result):
            raise NotConnected(
                "refused" if token.verdict == "reauth" else "unavailable",
                token.error or token.verdict,
            )
        return token

    def _vendor(self, platform: str) -> "_Open":
        return _Open(platform, self._clock)


class _Open:
    """A vendor and its connections, for a block."""

    def __init__(self, platform: str, clock: Clock) -> None:
        if platform not in GRANTS:
            raise NotConnected("unknown", f"nobody signs in at {platform[:40]} for us")
        self._platform = platform
        app = App.of(platform)
        self._http = Http(timeout_seconds=app.timeout_seconds, max_connections=2)
        self._vendor = Vendor(platform, GRANTS[platform], app, http=self._http, clock=clock)

    async def __aenter__(self) -> Vendor:
        return self._vendor

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()


def is_granted(credentials: Mapping[str, str]) -> bool:
    """Whether there is anything among these that a disconnection would take away."""
    return not _GRANTED.isdisjoint(credentials)


def tokens_of(platform: str, http: Http, *, clock: Clock) -> Tokens:
    """Where the platform's access tokens are bought."""
    grant = GRANTS[platform]
    url = App.of(platform).token_url or grant.exchange_url
    scope = grant.scope if grant.renews_scope else ""
    return Tokens(http, url=url, clock=clock, scope=scope, basic=grant.basic)


def _enabled(platform: str, stored: Stored) -> Stored:
    """Switched on as soon as there is an account, if anything can be sent to the platform."""
    return replace(stored, enabled=platform in CONNECTORS and stored.account_id != "")
