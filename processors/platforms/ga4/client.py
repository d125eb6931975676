"""Sends to GA4 and says what its answers mean.

A 2xx is all that GA4 ever says: malformed events and wrong secrets get it too. So `convert`
refuses what GA4 would drop, and a purchase alone, which GA4 counts once by its transaction id,
may be sent again when no answer came.
"""

from collections.abc import Sequence
from typing import ClassVar, Self

import orjson

from processors.engine.clock import Clock
from processors.platforms.base import HOUR_MS, Account, Answer, Result, Verdict
from processors.platforms.ga4 import convert
from processors.platforms.ga4.settings import Ga4Settings
from processors.platforms.http import Http, Silence, digest, retry_after_seconds
from schemas.delivery import Delivery, Platform


class Ga4:
    """The Measurement Protocol of web streams."""

    platform: ClassVar[Platform] = "ga4"
    batch_limit: ClassVar[int] = 25
    accepted_for_ms: ClassVar[int] = 72 * HOUR_MS

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
        n = len(deliveries)
        reply = await self._http.post(request)
        if isinstance(reply, Silence):
            verdict: Verdict = "unknown" if reply.may_have_arrived else "retry"
            results = (Result(verdict, reply.error),) * n
            return Answer(results, None, reply.latency_ms, digest(request))
        result = classify(reply.status)
        return Answer(
            results=(result,) * n,
            http_status=reply.status,
            latency_ms=reply.latency_ms,
            request_digest=digest(request),
            response_digest=reply.digest,
            opaque=result.verdict == "rejected" and n > 1,
            pause_seconds=retry_after_seconds(reply.headers),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def classify(status: int) -> Result:
    """What a status means for the events of the request."""
    if 200 <= status < 300:
        return Result("sent")
    error = f"HTTP {status}"
    if status == 429:
        return Result("throttled", error)
    if status == 504:
        # Something in front of the API gave up waiting; the events may have got through.
        return Result("unknown", error)
    if status >= 500 or status < 400:
        return Result("retry", error)
    return Result("rejected", error)
