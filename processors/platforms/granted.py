"""Reading what a tenant has let us read, with access tokens that are bought and end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from processors.engine.clock import Clock
from processors.platforms.base import OAUTH_PART, Account, Result
from processors.platforms.http import Http, Reply
from processors.platforms.oauth import Tokens
from processors.platforms.reading import Judge, Reader, ReadingSettings, Trouble, Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """Where a vendor sells access tokens, and the scope that it wants to be told."""

    url: str
    scope: str = ""


class GrantedReader:
    """A `Reader` that shows a token of the account. `judge` is the vendor's, and `ended` says
    whether an answer refuses the token alone: then another is bought, once a question."""

    def __init__(
        self,
        reading: ReadingSettings,
        seller: Seller,
        *,
        clock: Clock,
        judge: Judge,
        ended: Callable[[Reply], bool],
    ) -> None:
        self._reader = Reader(reading)
        self._http = Http(timeout_seconds=reading.timeout_seconds, max_connections=4)
        self._tokens = Tokens(self._http, url=seller.url, clock=clock, scope=seller.scope)
        self._judge = judge
        self._ended = ended

    async def ask(
        self, account: Account, url: str, question: Mapping[str, Any], *, headers: Mapping[str, str]
    ) -> dict[str, Any]:
        """Post a question; returns the object that answers it.

        Raises:
            Unreadable: for a grant, a token or a question that is refused, for a vendor that keeps
                failing or asks for a long pause, for an answer that is no object.
        """
        over: list[Trouble] = []

        def judged(reply: Reply) -> Trouble | None:
            trouble = self._judge(reply)
            if trouble is not None and not over and self._ended(reply):
                trouble = Trouble(trouble.why)
                over.append(trouble)
            return trouble

        while True:
            bought = {**headers, "authorization": f"Bearer {await self._token(account)}"}
            spent = len(over)
            try:
                _, found = await self._reader.page(
                    url, headers=bought, params={}, judge=judged, body=orjson.dumps(question)
                )
            except Unreadable:
                if len(over) == spent:
                    raise
                self._tokens.forget(account)
            else:
                if not isinstance(found, dict):
                    raise Unreadable("the answer is no object")
                return found

    async def file(self, url: str, read: Callable[[bytes], Any]) -> Any:
        """What `read` makes of a file at an address that needs no token of ours.

        Raises:
            Unreadable: when it cannot be had, or read.
        """
        _, found = await self._reader.page(url, headers={}, params={}, read=read)
        return found

    async def close(self) -> None:
        """Close the connections."""
        await self._reader.close()
        await self._http.close()

    async def _token(self, account: Account) -> str:
        if not account.secret(OAUTH_PART) and not account.secret("access_token"):
            raise Unreadable("needs a sign-in, or a refresh token with its client")
        token = await self._tokens.of(account)
        if isinstance(token, Result):
            refused = ": the grant is refused" if token.verdict == "reauth" else ""
            raise Unreadable(f"{token.error}{refused}")
        return token
