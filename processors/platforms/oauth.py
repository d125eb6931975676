"""Access tokens that are bought with a refresh token (RFC 6749, section 6) and last about an hour.

Kept in memory only, until shortly before they end. A connector asks for one before each request and
forgets it when the platform refuses it, so that the next request buys another. Some platforms also
give out tokens that last: an account that has one and no refresh token uses it as it is.

A platform may replace the refresh token when it is used, and void the old one. The new one is then
stored by the account's keeper before the access token is used, together with that: other processes
find both instead of buying with a token that is void, or one after the other for ever.
"""

import asyncio
import base64
import hashlib
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote_plus, urlencode

from processors.engine.clock import Clock
from processors.engine.postgres import is_transient
from processors.platforms.answering import json_object
from processors.platforms.base import OAUTH_PART, Account, Held, Request, Result
from processors.platforms.http import Http, Reply, Silence

EARLY_MS: Final = 60_000
USUAL_SECONDS: Final = 3_600
BOUGHT: Final = "bought_token"
BOUGHT_UNTIL: Final = "bought_until"
"""Parts of the credentials: an access token that all processes use, and its end in epoch
milliseconds."""
_FORM: Final = {"content-type": "application/x-www-form-urlencoded"}
_HOPELESS: Final = frozenset(
    {
        "invalid_grant", "invalid_client", "unauthorized_client", "invalid_scope", "access_denied",
        "invalid_grant_type",
    }
)  # fmt: skip
"""The last is what Klaviyo says of a refresh token that has expired or was revoked."""


class Tokens:
    """The access tokens of one platform's accounts, whose credentials are `refresh_token`,
    `client_id` and `client_secret`, or else an `access_token` that lasts. With `basic` the client
    tells who it is in the Authorization header (RFC 6749, section 2.3.1), not in the form."""

    def __init__(
        self, http: Http, *, url: str, clock: Clock, scope: str = "", basic: bool = False
    ) -> None:
        self._http = http
        self._url = url
        self._clock = clock
        self._scope = scope
        self._basic = basic
        self._known: dict[str, tuple[str, int]] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._refused: dict[str, str] = {}
        self._unsaved: dict[str, tuple[str, str]] = {}
        """By account: the refresh token that is stored, and the one that has replaced it."""

    async def of(self, account: Account) -> str | Result:
        """A token that still lasts; the `Result` of all events when none can be had. No event has
        left then, so that none is ever `unknown`."""
        lasting = account.secret("access_token")
        if lasting and not account.secret(OAUTH_PART):
            return lasting
        name = _name(account)
        async with self._locks.setdefault(name, asyncio.Lock()):
            token, ends_ms = self._known.get(name, ("", 0))
            if self._clock() < ends_ms - EARLY_MS:
                return token
            if account.keeper is None:
                return await self._buy(account, name, None)
            try:
                async with account.keeper.held(account) as held:
                    return await self._shared(held, name)
            except Exception as error:
                if not is_transient(error):
                    raise
                return Result("retry", f"token: {type(error).__name__}")

    def forget(self, account: Account) -> None:
        """The platform refused the token."""
        name = _name(account)
        token, _ = self._known.pop(name, ("", 0))
        if token:
            self._refused[name] = token

    async def _shared(self, held: Held, name: str) -> str | Result:
        """What another process has bought, or another."""
        account, unsaved = held.account, self._unsaved.get(name)
        token, ends = account.secret(BOUGHT), int(account.secret(BOUGHT_UNTIL) or 0)
        if unsaved is not None and account.secret(OAUTH_PART) == unsaved[0]:
            account = replace(account, credentials={**account.credentials, OAUTH_PART: unsaved[1]})
        elif self._clock() < ends - EARLY_MS and token not in self._refused.values():
            self._know(account, name, token, ends)
            return token
        return await self._buy(account, name, held)

    async def _buy(self, account: Account, name: str, held: Held | None) -> str | Result:
        bought = _bought(await self._http.post(self._request(account)))
        if isinstance(bought, Result):
            return bought
        token, ends, refresh = bought.token, self._clock() + bought.seconds * 1000, bought.refresh
        used = account.secret(OAUTH_PART)
        if refresh and refresh != used:
            stored = used if held is None else held.account.secret(OAUTH_PART)
            self._unsaved[name] = (stored, refresh)
            renewed = {OAUTH_PART: refresh, BOUGHT: token, BOUGHT_UNTIL: str(ends)}
            account = replace(account, credentials={**account.credentials, **renewed})
            if held is not None:
                await held.keep(renewed)
        self._know(account, name, token, ends)
        return token

    def _know(self, account: Account, name: str, token: str, ends_ms: int) -> None:
        """Under the name that was asked for, and that which the account has from now on."""
        now = self._clock()
        self._known = {known: sold for known, sold in self._known.items() if sold[1] > now}
        self._known[name] = self._known[_name(account)] = (token, ends_ms)

    def _request(self, account: Account) -> Request:
        form = {"grant_type": "refresh_token", "refresh_token": account.secret(OAUTH_PART)}
        headers = dict(_FORM)
        client = {name: account.secret(name) for name in ("client_id", "client_secret")}
        if self._basic:
            told = ":".join(quote_plus(part) for part in client.values())
            headers["authorization"] = f"Basic {base64.b64encode(told.encode()).decode()}"
        else:
            form |= client
        if self._scope:
            form["scope"] = self._scope
        return Request(self._url, urlencode(form).encode(), headers=headers)


@dataclass(frozen=True, slots=True)
class _Bought:
    """An access token, how long it lasts, and the refresh token that may replace the one used."""

    token: str
    seconds: int
    refresh: str


def _bought(reply: Reply | Silence) -> _Bought | Result:
    if isinstance(reply, Silence):
        return Result("retry", f"token: {reply.error}")
    answer = json_object(reply.body) or {}
    token, seconds = answer.get("access_token"), answer.get("expires_in", USUAL_SECONDS)
    if reply.status == 200 and isinstance(token, str) and token:
        lasts = int(seconds) if str(seconds).isdigit() else USUAL_SECONDS
        refresh = answer.get(OAUTH_PART)
        return _Bought(token, lasts, refresh if isinstance(refresh, str) else "")
    error = answer.get("error")
    if error in _HOPELESS:
        return Result("reauth", f"token: {error}")
    if reply.status == 429:
        return Result("throttled", "token: HTTP 429")
    return Result(
        "reauth" if reply.status in (401, 403) else "retry", f"token: HTTP {reply.status}"
    )


def _name(account: Account) -> str:
    """Not the secrets themselves; other credentials are another name."""
    parts = (account.tenant_id, account.secret("client_id"), account.secret(OAUTH_PART))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
