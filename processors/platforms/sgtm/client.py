"""Sends to server containers.

A container answers when one of its clients has claimed the request; what its tags then did, it does
not tell. Whether a second copy is absorbed is the tags' business, and those of all vendors know a
purchase again within 48 hours, so that a purchase alone may be sent again when no answer came.
"""

from collections.abc import Sequence
from typing import ClassVar, Final, Self

import orjson

from processors.domain.events import StandardEvent
from processors.engine.clock import Clock
from processors.platforms.answering import one_fate
from processors.platforms.base import HOUR_MS, Account, Answer, Connection
from processors.platforms.http import Http
from processors.platforms.outward import OutwardSettings
from processors.platforms.sgtm import answers, convert
from processors.platforms.sgtm.settings import CONNECTION, SgtmSettings
from schemas.delivery import Delivery, DeliveryKind, Platform

_MOST_BYTES: Final = 65_536
"""Of an answer, which nobody needs more of."""


class Sgtm:
    """The Measurement Protocol client of a tenant's container."""

    platform: ClassVar[Platform] = "sgtm"
    connection: ClassVar[Connection] = CONNECTION
    batch_limit: ClassVar[int] = 25
    accepted_for_ms: ClassVar[int] = 72 * HOUR_MS
    retracts: ClassVar[frozenset[DeliveryKind]] = frozenset({"refund", "cancel"})

    def __init__(self, settings: SgtmSettings, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        # What the operator set may be anywhere; a tenant's own container is on the internet.
        outward = None if settings.base_url else OutwardSettings.load()
        self._http = Http(
            timeout_seconds=settings.timeout_seconds, outward=outward, most_bytes=_MOST_BYTES
        )

    @classmethod
    def load(cls, clock: Clock) -> Self:
        """With the settings of the environment."""
        return cls(SgtmSettings.load(), clock=clock)

    def group(self, delivery: Delivery) -> str:
        """A request describes one client, so what it says of the client must be equal."""
        return orjson.dumps(convert.envelope(delivery), option=orjson.OPT_SORT_KEYS).decode()

    def dedupe_window_ms(self, delivery: Delivery) -> int | None:
        """The shortest window of the vendors whose tags know a purchase by its id."""
        purchase = delivery.event_name == StandardEvent.PURCHASE
        return 48 * HOUR_MS if delivery.kind == "event" and purchase else None

    def refusal(self, delivery: Delivery) -> str | None:
        """Why no tag could use it, or None."""
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
