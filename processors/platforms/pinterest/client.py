"""Sends to Pinterest, which tells what became of each event."""

from collections.abc import Sequence
from typing import ClassVar, Self

from processors.engine.clock import Clock
from processors.platforms.answering import by_event, unsent
from processors.platforms.base import DAY_MS, HOUR_MS, Account, Answer, Connection, Result
from processors.platforms.http import Http
from processors.platforms.oauth import Tokens
from processors.platforms.pinterest import answers, convert
from processors.platforms.pinterest.settings import CONNECTION, PinterestSettings
from schemas.delivery import Delivery, DeliveryKind, Platform


class Pinterest:
    """The Conversions API of an ad account. For how long it takes an event of the web is not
    published; seven days are the careful answer."""

    platform: ClassVar[Platform] = "pinterest"
    connection: ClassVar[Connection] = CONNECTION
    batch_limit: ClassVar[int] = 1000
    accepted_for_ms: ClassVar[int] = 7 * DAY_MS
    retracts: ClassVar[frozenset[DeliveryKind]] = frozenset()

    def __init__(self, settings: PinterestSettings, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._http = Http(timeout_seconds=settings.timeout_seconds)
        self._tokens = Tokens(self._http, url=settings.token_url, clock=clock, basic=True)

    @classmethod
    def load(cls, clock: Clock) -> Self:
        """With the settings of the environment."""
        return cls(PinterestSettings.load(), clock=clock)

    def group(self, delivery: Delivery) -> str:
        """All of an account's events may share a request; when testing, where only the first 20
        are processed, each goes alone."""
        return delivery.event_id if self._settings.test else delivery.platform

    def dedupe_window_ms(self, delivery: Delivery) -> int | None:
        """Same name and event id within 48 hours: the first is kept. That is so of web events
        only; ours are all sent as such. Partners (Segment, Tealium) say that what comes later
        than an hour is *reported* as offline; that it then counts twice, nobody says."""
        return 48 * HOUR_MS if delivery.kind == "event" else None

    def refusal(self, delivery: Delivery) -> str | None:
        """Why Pinterest would never take it, or None."""
        return convert.refusal(delivery)

    async def send(self, account: Account, deliveries: Sequence[Delivery]) -> Answer:
        """One request; each event has a fate of its own."""
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
            self._http, request, n, answers.classify, pause=answers.pause_seconds
        )
        if any(result.verdict == "reauth" for result in answer.results):
            self._tokens.forget(account)
        return answer

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()
