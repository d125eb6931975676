"""Sends what became of chats to Meta, which takes or refuses a request as a whole.

Nobody says that Meta knows an event of a chat again by its id, and some say that it does not: so a
request without an answer is not sent again, but left to a human.
"""

from collections.abc import Sequence
from typing import ClassVar, Self

from processors.engine.clock import Clock
from processors.platforms.answering import one_fate, unsent
from processors.platforms.base import DAY_MS, Account, Answer, Connection, Result
from processors.platforms.http import Http
from processors.platforms.whatsapp import answers, convert
from processors.platforms.whatsapp.settings import CONNECTION, WhatsAppSettings
from schemas.delivery import Delivery, DeliveryKind, Platform


class WhatsApp:
    """The Conversions API for Business Messaging, of the channel WhatsApp."""

    platform: ClassVar[Platform] = "whatsapp"
    connection: ClassVar[Connection] = CONNECTION
    batch_limit: ClassVar[int] = 1000
    accepted_for_ms: ClassVar[int] = 7 * DAY_MS
    retracts: ClassVar[frozenset[DeliveryKind]] = frozenset()

    def __init__(self, settings: WhatsAppSettings, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._http = Http(timeout_seconds=settings.timeout_seconds)

    @classmethod
    def load(cls, clock: Clock) -> Self:
        """With the settings of the environment."""
        return cls(WhatsAppSettings.load(), clock=clock)

    def group(self, delivery: Delivery) -> str:
        """All of an account's events may share a request."""
        return delivery.platform

    def dedupe_window_ms(self, delivery: Delivery) -> int | None:  # noqa: ARG002
        """Nothing of a chat is known again."""
        return None

    def refusal(self, delivery: Delivery) -> str | None:
        """Why Meta would never take it, or None."""
        return convert.refusal(delivery)

    async def send(self, account: Account, deliveries: Sequence[Delivery]) -> Answer:
        """One request; its events share their fate."""
        n = len(deliveries)
        request = convert.request(
            deliveries, account, settings=self._settings, now_ms=self._clock()
        )
        if not account.secret("waba_id"):
            return unsent(request, n, Result("reauth", "whatsapp_waba_id is not set"))
        return await one_fate(
            self._http,
            request,
            n,
            lambda reply: answers.classify(reply, events=n),
            pause=answers.pause_seconds,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()
