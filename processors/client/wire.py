"""Requests and answers as HTTP, for the blocking client and the other alike."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import httpx

from processors.client.conversation import Limits, Post, Reply
from processors.client.items import Item, Stamper
from processors.client.signing import HEADER, signature

Clock = Callable[[], int]
DEFAULT_LIMITS: Final = Limits()
DEFAULT_TIMEOUT_SECONDS: Final = 15.0


def now_ms() -> int:
    """Now, in epoch milliseconds."""
    return time.time_ns() // 1_000_000


class Wire:
    """What both clients know: the key, its secret, the clock. None of it is ever shown."""

    def __init__(self, key: str, *, signing_secret: str | None, clock: Clock) -> None:
        self._key = key
        self._secret = signing_secret
        self._clock = clock
        self._stamper = Stamper(clock)

    def headers(self, post: Post) -> dict[str, str]:
        """Of one try: a signature holds for some minutes only."""
        headers = {"authorization": f"Bearer {self._key}", "content-type": "application/json"}
        if self._secret is not None:
            headers[HEADER] = signature(post.body, secret=self._secret, now_ms=self._clock())
        return headers

    def item(self, path: str, said: Mapping[str, Any]) -> Item:
        """As `Stamper.item`."""
        return self._stamper.item(path, said)

    def items(self, path: str, said: Iterable[Mapping[str, Any]]) -> Sequence[Item]:
        """The items of a batch."""
        return [self._stamper.item(path, one) for one in said]


def reply(response: httpx.Response) -> Reply:
    """The answer, whole."""
    return Reply(response.status_code, response.headers, response.content)
