"""Sends to Snapchat, which refuses a request for the sake of one event and names it."""

from collections.abc import Sequence
from typing import ClassVar, Self

from processors.engine.clock import Clock
from processors.platforms.answering import by_event, unsent
from processors.platforms.base import DAY_MS, HOUR_MS, Account, Answer, Connection, Result
from processors.platforms.http import Http
from processors.platforms.oauth import Tokens
from processors.platforms.snapchat import answers, convert
from processors.platforms.snapchat.settings import CONNECTION, SnapchatSettings
from schemas.delivery import Delivery, DeliveryKind, Platform


class Snapchat:
    """The Conversions API of a pixel. Events of the web are reported for seven days."""

    platform: ClassVar[Platform] = "snapchat"
    connection: ClassVar[Connection] = CONNECTION
    batch_limit: ClassVar[int] = 2000
    accepted_for_ms: ClassVar[int] = 7 * DAY_MS
    retracts: ClassVar[frozenset[DeliveryKind]] = frozenset()

    def __init__(self, settings: SnapchatSettings, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._http = Http(timeout_seconds=settings.timeout_seconds)
        self._tokens = Tokens(self._http, url=settings.token_url, clock=clock)

    @classmethod
    def load(cls, clock: Clock) -> Self:
        """With the settings of the environment."""
        return cls(SnapchatSettings.load(), clock=clock)

    def group(self, delivery: Delivery) -> str:
        """All of an account's events may share a request."""
        return delivery.platform

    def dedupe_window_ms(self, delivery: Delivery) -> int | None:
        """Same pixel and event id within 48 hours: the first is kept, the other merged into it.
        Of a purchase the order's id may tell for longer, on which we do not rely."""
        return 48 * HOUR_MS if delivery.kind == "event" else None

    def refusal(self, delivery: Delivery) -> str | None:
        """Why Snapchat would never take it, or None."""
        return convert.refusal(delivery)

    async def send(self, account: Account, deliveries: Sequence[Delivery]) -> Answer:
        """One request."""
        token, n = await self._tokens.of(account), len(deliveries)
        request = convert.request(
            deliveries,
            account,
            token=token if isinstance(token, str) else "",
            settings=self._settings,
            now_ms=self._clock(),
        )
        if isinstance(token, Result):
            return unsent(request, n, token)
        answer = await by_event(
            self._http, request, n, lambda reply: answers.classify(reply, events=n)
        )
        if any(result.verdict == "reauth" for result in answer.results):
            self._tokens.forget(account)
        return answer

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()
