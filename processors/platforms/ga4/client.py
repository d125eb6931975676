"""Sends to GA4.

A 2xx is all that GA4 ever says: malformed events and wrong secrets get it too. So `convert`
refuses what GA4 would drop, and a purchase alone, which GA4 counts once by its transaction id,
may be sent again when no answer came.
"""

from collections.abc import Sequence
from typing import ClassVar, Self

import orjson

from processors.engine.clock import Clock
from processors.platforms.answering import one_fate
from processors.platforms.base import HOUR_MS, Account, Answer, Connection
from processors.platforms.ga4 import answers, convert
from processors.platforms.ga4.settings import CONNECTION, Ga4Settings
from processors.platforms.http import Http
from schemas.delivery import Delivery, DeliveryKind, Platform


class Ga4:
    """The Measurement Protocol of web streams."""

    platform: ClassVar[Platform] = "ga4"
    connection: ClassVar[Connection] = CONNECTION
    batch_limit: ClassVar[int] = 25
    accepted_for_ms: ClassVar[int] = 72 * HOUR_MS
    retracts: ClassVar[frozenset[DeliveryKind]] = frozenset({"refund", "cancel"})

    def __init__(self, settings: Ga4Settings, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._http = Http(timeout_seconds=settings.timeout_seconds)

    @classmethod
    def load(cls, clock: Clock) -> Self:
        """With the settings of the environment."""
        return cls(Ga4Settings.load(), clock=clock)

    def group(self, delivery: Delivery) -> str:
        """A request describes one client, so what it says of the client must be equal."""
        return orjson.dumps(convert.envelope(delivery), option=orjson.OPT_SORT_KEYS).decode()

    def dedupe_window_ms(self, delivery: Delivery) -> int | None:
        """A transaction id of one client counts once; nothing else is deduped."""
        if delivery.kind == "event" and delivery.event_name == "Purchase":
            return 72 * HOUR_MS
        return None

    def refusal(self, delivery: Delivery) -> str | None:
        """Why GA4 would drop it without a word, or None."""
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
