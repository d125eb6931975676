"""Access tokens that are bought with a refresh token (RFC 6749, section 6) and last about an hour.

Kept in memory only, until shortly before they end. A connector asks for one before each request and
forgets it when the platform refuses it, so that the next request buys another. Some platforms also
give out tokens that last: an account that has one and no refresh token uses it as it is.
"""

import asyncio
import base64
import hashlib
from typing import Final
from urllib.parse import quote_plus, urlencode

from processors.engine.clock import Clock
from processors.platforms.answering import json_object
from processors.platforms.base import OAUTH_PART, Account, Request, Result
from processors.platforms.http import Http, Reply, Silence

EARLY_MS: Final = 60_000
USUAL_SECONDS: Final = 3_600
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
            reply = await self._http.post(self._request(account))
            bought = _bought(reply)
            if isinstance(bought, Result):
                return bought
            token, seconds = bought
            self._known[name] = (token, self._clock() + seconds * 1000)
            return token

    def forget(self, account: Account) -> None:
        """The platform refused the token."""
        self._known.pop(_name(account), None)

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


def _bought(reply: Reply | Silence) -> tuple[str, int] | Result:
    """The token and its seconds."""
    if isinstance(reply, Silence):
        return Result("retry", f"token: {reply.error}")
    answer = json_object(reply.body) or {}
    token, seconds = answer.get("access_token"), answer.get("expires_in", USUAL_SECONDS)
    if reply.status == 200 and isinstance(token, str) and token:
        return token, int(seconds) if str(seconds).isdigit() else USUAL_SECONDS
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
