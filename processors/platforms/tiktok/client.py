"""Sends to TikTok and says what its answers mean.

The status is 200 for most errors: the `code` in the body tells. A request is taken or refused as a
whole, and its message, which may echo what was sent, is never kept.
"""

from collections.abc import Sequence
from typing import ClassVar, Final, Self

import orjson

from processors.engine.clock import Clock
from processors.platforms.base import DAY_MS, HOUR_MS, Account, Answer, Result, Verdict
from processors.platforms.http import Http, Silence, digest, retry_after_seconds
from processors.platforms.tiktok import convert
from processors.platforms.tiktok.settings import TikTokSettings
from schemas.delivery import Delivery, Platform

PARTIAL: Final = 20001
THROTTLED: Final = 40100
REAUTH: Final = frozenset({40001, 40101, 40102, 40104, 40105})
RETRY_FROM: Final = 50000


class TikTok:
    """The Events API of web pixels."""

    platform: ClassVar[Platform] = "tiktok"
    batch_limit: ClassVar[int] = 1000
    accepted_for_ms: ClassVar[int] = 7 * DAY_MS

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
        reply = await self._http.post(request)
        n = len(deliveries)
        if isinstance(reply, Silence):
            verdict: Verdict = "unknown" if reply.may_have_arrived else "retry"
            results = (Result(verdict, reply.error),) * n
            return Answer(results, None, reply.latency_ms, digest(request))
        result = classify(reply.status, reply.body)
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


def classify(status: int, body: bytes) -> Result:
    """What an answer means for the events of the request."""
    if status == 504:
        # Something in front of the API gave up waiting; the events may have got through.
        return Result("unknown", "HTTP 504")
    code = _code(body)
    if code is None:
        verdict: Verdict = "throttled" if status == 429 else "retry"
        return Result(verdict, f"HTTP {status} without a code")
    error = f"HTTP {status} code {code}"
    if code == 0 and status < 300:
        return Result("sent")
    if code == PARTIAL:
        return Result("unknown", error)
    if code == THROTTLED or status == 429:
        return Result("throttled", error)
    if code in REAUTH or status in (401, 403):
        return Result("reauth", error)
    if code >= RETRY_FROM or code == 0 or status >= 500:
        return Result("retry", error)
    return Result("rejected", error)


def _code(body: bytes) -> int | None:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    code = answer.get("code") if isinstance(answer, dict) else None
    return code if type(code) is int else None
