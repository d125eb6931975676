"""Pages that are asked for with a token of OAuth 2, which is bought anew, once, when the vendor
says that it has ended before its time."""

from collections.abc import Callable, Mapping
from typing import Any

from processors.engine.clock import Clock
from processors.platforms.base import OAUTH_PART, Account, Result
from processors.platforms.http import Http, Reply
from processors.platforms.oauth import Tokens
from processors.platforms.reading import (
    Judge,
    Reader,
    ReadingSettings,
    Trouble,
    Unreadable,
    by_status,
)


def _is_unauthorized(reply: Reply) -> bool:
    return reply.status == 401


class Bearer:
    """A reader of one platform's accounts; `token_url`, `scope` and `basic` are those of
    `oauth.Tokens`, and `ended` says which answers are about the token."""

    def __init__(
        self,
        reading: ReadingSettings,
        *,
        token_url: str,
        clock: Clock,
        scope: str = "",
        basic: bool = False,
        ended: Callable[[Reply], bool] = _is_unauthorized,
    ) -> None:
        self._reader = Reader(reading)
        self._http = Http(timeout_seconds=reading.timeout_seconds, max_connections=4)
        self._tokens = Tokens(self._http, url=token_url, clock=clock, scope=scope, basic=basic)
        self._ended = ended

    async def page(
        self,
        account: Account,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        judge: Judge = by_status,
        body: bytes | None = None,
    ) -> dict[str, Any] | list[Any]:
        """The JSON of an answer that is a page; a `body` is posted.

        Raises:
            Unreadable: as `Reader.page`, for a token that cannot be had, and for an answer that is
                neither an object nor a list.
        """
        ended, again = False, bool(account.secret(OAUTH_PART))

        def judged(reply: Reply) -> Trouble | None:
            nonlocal ended
            trouble = judge(reply)
            ended = trouble is not None and self._ended(reply)
            # With the same token no further try would help, whatever the vendor says of it.
            return Trouble(trouble.why) if trouble is not None and ended and again else trouble

        while True:
            authorized = {**(headers or {}), "authorization": f"Bearer {await self._of(account)}"}
            try:
                _, found = await self._reader.page(
                    url, headers=authorized, params=params or {}, judge=judged, body=body
                )
            except Unreadable:
                if not (ended and again):
                    raise
                again = False
                self._tokens.forget(account)
                continue
            if not isinstance(found, dict | list):
                raise Unreadable("the answer is neither an object nor a list")
            return found

    async def _of(self, account: Account) -> str:
        if not (account.secret("access_token") or account.secret(OAUTH_PART)):
            raise Unreadable("needs an access token or a refresh token")
        token = await self._tokens.of(account)
        if not isinstance(token, Result):
            return token
        refused = ": the credentials are refused" if token.verdict == "reauth" else ""
        raise Unreadable(f"{token.error}{refused}")

    async def close(self) -> None:
        """Close the connections."""
        await self._reader.close()
        await self._http.close()
