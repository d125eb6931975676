"""What Pinterest's answers mean.

A good answer has a line for each event, in their order, and a 200 may hold failed ones. A 422 says
that not all were processed. Its description leaves open where its `details` have the lines: they
are looked for in both places, and without them the halves are asked for, since an id that was taken
counts once. Messages may echo what was sent, so only codes are kept.
"""

from typing import Any, Final

from processors.platforms.answering import json_object
from processors.platforms.base import Result
from processors.platforms.http import MAX_PAUSE_SECONDS, Reply, retry_after_seconds

THROTTLED: Final = 8
REAUTH: Final = frozenset({2, 29})
AWAY: Final = 4197
_LEFT: Final = "x-ratelimit-remaining"
_RESET: Final = "x-ratelimit-reset"
_LINES: Final = "events"
_COUNT: Final = "num_events_received"


def classify(reply: Reply) -> Result | list[Result]:
    """What an answer means for the events of the request."""
    status = reply.status
    answer = json_object(reply.body) or {}
    code = answer.get("code")
    error = f"HTTP {status} code {code}" if type(code) is int else f"HTTP {status}"
    if status == 429 or code == THROTTLED:
        return Result("throttled", error)
    if status in (401, 403, 404) or code in REAUTH:
        return Result("reauth", error)
    if status == 504:
        # Something in front of the API gave up waiting; the events may have got through.
        return Result("unknown", error)
    lines = _lines(answer)
    if lines is not None and (200 <= status < 300 or status == 422):
        return [_of_line(line, status) for line in lines]
    if 400 <= status < 500 and status != 408 and code != AWAY:
        return Result("rejected", error)
    if 200 <= status < 300 and _COUNT in answer:
        return Result("unknown", f"{error} without a line for each event")
    return Result("retry", error)


def pause_seconds(reply: Reply) -> float:
    """How long the account asks to be left alone, by either header: `x-ratelimit-reset`, in
    seconds, counts where no request is left."""
    asked = retry_after_seconds(reply.headers)
    if reply.status == 429 or reply.headers.get(_LEFT) == "0":
        reset = reply.headers.get(_RESET, "")
        asked = max(asked, float(reset) if reset.isdigit() else 0.0)
    return min(asked, MAX_PAUSE_SECONDS)


def _lines(answer: dict[str, Any]) -> list[Any] | None:
    details = answer.get("details")
    for place in (answer, details if isinstance(details, dict) else {}):
        if isinstance(place.get(_LINES), list):
            return list(place[_LINES])
    return None


def _of_line(line: Any, status: int) -> Result:
    match line.get("status") if isinstance(line, dict) else None:
        case "processed":
            return Result("sent")
        case "failed":
            return Result("rejected", f"HTTP {status} status failed")
    return Result("unknown", f"HTTP {status} without a status of the event")
