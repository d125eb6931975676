"""Sends to Meta, which takes or refuses a request as a whole and does not say which event it
means."""

from collections.abc import Sequence
from typing import ClassVar, Self

from processors.engine.clock import Clock
from processors.platforms.answering import one_fate
from processors.platforms.base import DAY_MS, HOUR_MS, Account, Answer, Connection
from processors.platforms.http import Http
from processors.platforms.meta import answers, convert
from processors.platforms.meta.settings import CONNECTION, MetaSettings
from schemas.delivery import Delivery, DeliveryKind, Platform


class Meta:
    """The Conversions API of one Graph version."""

    platform: ClassVar[Platform] = "meta"
    connection: ClassVar[Connection] = CONNECTION
    batch_limit: ClassVar[int] = 1000
    accepted_for_ms: ClassVar[int] = 7 * DAY_MS
    retracts: ClassVar[frozenset[DeliveryKind]] = frozenset()

    def __init__(self, settings: MetaSettings, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._http = Http(timeout_seconds=settings.timeout_seconds)

    @classmethod
    def load(cls, clock: Clock) -> Self:
        """With the settings of the environment."""
        return cls(MetaSettings.load(), clock=clock)

    def group(self, delivery: Delivery) -> str:
        """All of an account's events may share a request."""
        return delivery.platform

    def dedupe_window_ms(self, delivery: Delivery) -> int | None:
        """Same name and event id within 48 hours: the first is kept."""
        return 48 * HOUR_MS if delivery.kind == "event" else None

    def refusal(self, delivery: Delivery) -> str | None:
        """Why Meta would never take it, or None."""
        return convert.refusal(delivery)

    async def send(self, account: Account, deliveries: Sequence[Delivery]) -> Answer:
        """One request; its events share their fate."""
        request = convert.request(
            deliveries, account, settings=self._settings, now_ms=self._clock()
        )
        return await one_fate(
            self._http,
            request,
            len(deliveries),
            lambda reply: answers.classify(reply, events=len(deliveries)),
            pause=answers.pause_seconds,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()
