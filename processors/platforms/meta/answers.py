"""What Meta's answers mean, to events and to questions alike.

Its messages may echo a token or a person's details, so only codes and the title are kept of them.
"""

from typing import Any, Final

import httpx

from processors.platforms.answering import json_object
from processors.platforms.base import Result, Verdict
from processors.platforms.http import MAX_PAUSE_SECONDS, Reply, retry_after_seconds

TRANSIENT: Final = frozenset({1, 2, 341, 368, 5000})
THROTTLED: Final = frozenset({4, 17, 32, 613, *range(80000, 80015)})
REAUTH: Final = frozenset({10, 102, 190, *range(200, 300)})
WRONG_OBJECT: Final = (100, 33)
TOO_LARGE: Final = frozenset({(100, 1487534), (100, 1504018), (2, 1504038)})
"""Of questions to Insights: too much data in one call, and two of a question that timed out, to
which Meta says itself to ask less or to use an asynchronous job."""
_REDUCE: Final = "reduce the amount of data"
USAGE: Final = "x-business-use-case-usage"


def classify(reply: Reply, *, events: int) -> Result:
    """What an answer to a request with so many events means for them."""
    status, answer = reply.status, json_object(reply.body)
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


def verdict(status: int, error: dict[str, Any]) -> Verdict:
    """The class of a refusal, by code first, since throttling comes under several statuses."""
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


def is_too_large(error: dict[str, Any]) -> bool:
    """Whether Meta wants to be asked for less; code 1 says so in its message alone."""
    code = error.get("code"), error.get("error_subcode")
    return code in TOO_LARGE or _REDUCE in str(error.get("message", "")).lower()


def describe(status: int, error: dict[str, Any]) -> str:
    """The refusal in words that hold no secret."""
    parts = [f"HTTP {status}"]
    if (code := error.get("code")) is not None:
        subcode = error.get("error_subcode")
        parts.append(f"code {code}" + (f"/{subcode}" if subcode is not None else ""))
    if title := error.get("error_user_title"):
        parts.append(str(title)[:120])
    return " ".join(parts)


def pause_seconds(reply: Reply) -> float:
    """How long the account asks to be left alone, by either header."""
    minutes = _regain_minutes(reply.headers)
    return min(max(retry_after_seconds(reply.headers), minutes * 60), MAX_PAUSE_SECONDS)


def _regain_minutes(headers: httpx.Headers) -> float:
    """Meta's own estimate, in minutes, of when calls will be answered again."""
    usage = json_object(headers.get(USAGE, "").encode())
    found = [
        entry.get("estimated_time_to_regain_access", 0)
        for entries in (usage or {}).values()
        if isinstance(entries, list)
        for entry in entries
        if isinstance(entry, dict)
    ]
    return max((float(x) for x in found if isinstance(x, int | float)), default=0.0)


def error_of(answer: dict[str, Any]) -> dict[str, Any]:
    """The error of an answer; empty when it has none of the known form."""
    error = answer.get("error")
    return error if isinstance(error, dict) else {}
