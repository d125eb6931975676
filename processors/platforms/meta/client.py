"""Sends to Meta and says what its answers mean.

Meta takes or refuses a request as a whole and does not say which event it means.
"""

from collections.abc import Sequence
from typing import ClassVar, Self

from processors.engine.clock import Clock
from processors.platforms.base import (
    DAY_MS,
    HOUR_MS,
    Account,
    Answer,
    Result,
    Verdict,
)
from processors.platforms.http import Http, Silence, digest
from processors.platforms.meta import convert
from processors.platforms.meta.answers import (
    describe,
    error_of,
    json_object,
    pause_seconds,
    verdict,
)
from processors.platforms.meta.settings import MetaSettings
from schemas.delivery import Delivery, Platform


class Meta:
    """The Conversions API of one Graph version."""

    platform: ClassVar[Platform] = "meta"
    batch_limit: ClassVar[int] = 1000
    accepted_for_ms: ClassVar[int] = 7 * DAY_MS

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
        reply = await self._http.post(request)
        n = len(deliveries)
        if isinstance(reply, Silence):
            verdict: Verdict = "unknown" if reply.may_have_arrived else "retry"
            results = (Result(verdict, reply.error),) * n
            return Answer(results, None, reply.latency_ms, digest(request))
        result = classify(reply.status, reply.body, events=n)
        return Answer(
            results=(result,) * n,
            http_status=reply.status,
            latency_ms=reply.latency_ms,
            request_digest=digest(request),
            response_digest=reply.digest,
            opaque=result.verdict == "rejected" and n > 1,
            pause_seconds=pause_seconds(reply),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def classify(status: int, body: bytes, *, events: int) -> Result:
    """What an answer to a request with so many events means for them."""
    answer = json_object(body)
    if answer is None:
        # A page instead of JSON comes from something in front of the API.
        return Result("retry", f"HTTP {status} without JSON")
    if 200 <= status < 300:
        received = answer.get("events_received")
        if received != events:
            return Result("unknown", f"{received} of {events} events received")
        return Result("sent")
    error = error_of(answer)
    return Result(verdict(status, error), describe(status, error))
