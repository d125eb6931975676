"""Sends to TikTok, which takes or refuses a request as a whole."""

from collections.abc import Sequence
from typing import ClassVar, Self

from processors.engine.clock import Clock
from processors.platforms.answering import one_fate
from processors.platforms.base import DAY_MS, HOUR_MS, Account, Answer, Connection
from processors.platforms.http import Http
from processors.platforms.tiktok import answers, convert
from processors.platforms.tiktok.settings import CONNECTION, TikTokSettings
from schemas.delivery import Delivery, DeliveryKind, Platform


class TikTok:
    """The Events API of web pixels."""

    platform: ClassVar[Platform] = "tiktok"
    connection: ClassVar[Connection] = CONNECTION
    batch_limit: ClassVar[int] = 1000
    accepted_for_ms: ClassVar[int] = 7 * DAY_MS
    retracts: ClassVar[frozenset[DeliveryKind]] = frozenset()

    def __init__(self, settings: TikTokSettings, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._http = Http(timeout_seconds=settings.timeout_seconds)

    @classmethod
    def load(cls, clock: Clock) -> Self:
        """With the settings of the environment."""
        return cls(TikTokSettings.load(), clock=clock)

    def group(self, delivery: Delivery) -> str:
        """All of an account's events may share a request."""
        return delivery.platform

    def dedupe_window_ms(self, delivery: Delivery) -> int | None:
        """Same name and event id within 48 hours: the first is kept."""
        return 48 * HOUR_MS if delivery.kind == "event" else None

    def refusal(self, delivery: Delivery) -> str | None:
        """Why TikTok would never take it, or None."""
        return convert.refusal(delivery)

    async def send(self, account: Account, deliveries: Sequence[Delivery]) -> Answer:
        """One request; its events share their fate."""
        request = convert.request(
            deliveries, account, settings=self._settings, now_ms=self._clock()
        )
        return await one_fate(self._http, request, len(deliveries), answers.classify)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()
