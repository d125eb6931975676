"""Sends to Meta and says what its answers mean.

Meta takes or refuses a request as a whole and does not say which event it means. Its messages
may echo a token or a person's details, so only codes and the title are kept of them.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Final, Self

import httpx
import orjson

from processors.engine.clock import Clock
from processors.platforms.base import (
    DAY_MS,
    HOUR_MS,
    Account,
    Answer,
    Result,
    Verdict,
)
from processors.platforms.http import (
    MAX_PAUSE_SECONDS,
    Http,
    Reply,
    Silence,
    digest,
    retry_after_seconds,
)
from processors.platforms.meta import convert
from processors.platforms.meta.settings import MetaSettings
from schemas.delivery import Delivery, Platform

TRANSIENT: Final = frozenset({1, 2, 341, 368, 5000})
THROTTLED: Final = frozenset({4, 17, 32, 613, *range(80000, 80015)})
REAUTH: Final = frozenset({10, 102, 190, *range(200, 300)})
WRONG_OBJECT: Final = (100, 33)
USAGE: Final = "x-business-use-case-usage"


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
            pause_seconds=_pause_seconds(reply),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def classify(status: int, body: bytes, *, events: int) -> Result:
    """What an answer to a request with so many events means for them."""
    answer = _object(body)
    if answer is None:
        # A page instead of JSON comes from something in front of the API.
        return Result("retry", f"HTTP {status} without JSON")
    if 200 <= status < 300:
        received = answer.get("events_received")
        if received != events:
            return Result("unknown", f"{received} of {events} events received")
        return Result("sent")
    error = answer.get("error")
    error = error if isinstance(error, dict) else {}
    return Result(_verdict(status, error), _describe(status, error))


def _verdict(status: int, error: dict[str, Any]) -> Verdict:
    code, subcode = error.get("code"), error.get("error_subcode")
    if code in THROTTLED or status == 429:
        return "throttled"
    if code in REAUTH or (code, subcode) == WRONG_OBJECT:
        return "reauth"
    if code in TRANSIENT or error.get("is_transient") is True:
        return "retry"
    if status == 504:
        # Something in front of the API gave up waiting; the events may have got through.
        return "unknown"
    if status >= 500 or status < 400:
        return "retry"
    if status in (401, 403, 404):
        return "reauth"
    return "rejected"


def _describe(status: int, error: dict[str, Any]) -> str:
    parts = [f"HTTP {status}"]
    if (code := error.get("code")) is not None:
        subcode = error.get("error_subcode")
        parts.append(f"code {code}" + (f"/{subcode}" if subcode is not None else ""))
    if title := error.get("error_user_title"):
        parts.append(str(title)[:120])
    return " ".join(parts)


def _pause_seconds(reply: Reply) -> float:
    minutes = _regain_minutes(reply.headers)
    return min(max(retry_after_seconds(reply.headers), minutes * 60), MAX_PAUSE_SECONDS)


def _regain_minutes(headers: httpx.Headers) -> float:
    """Meta's own estimate, in minutes, of when calls will be answered again."""
    usage = _object(headers.get(USAGE, "").encode())
    found = [
        entry.get("estimated_time_to_regain_access", 0)
        for entries in (usage or {}).values()
        if isinstance(entries, list)
        for entry in entries
        if isinstance(entry, dict)
    ]
    return max((float(x) for x in found if isinstance(x, int | float)), default=0.0)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return answer if isinstance(answer, dict) else None
