"""What Microsoft Advertising's answers mean.

Who failed is listed, by place, in `PartialErrors`; the others are taken. A fault is of the whole
request. Errors go by their symbols; their messages may echo what was sent and are never kept.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from processors.platforms.answering import json_object
from processors.platforms.base import Result, Verdict
from processors.platforms.http import Reply, retry_after_seconds

EXPIRED: Final = "AuthenticationTokenExpired"
PAUSE_SECONDS: Final = 60.0
_BY_SYMBOL: Final[Mapping[str, Verdict]] = {
    "AuthenticationTokenExpired": "retry",
    "CallRateExceeded": "throttled",
    "ConcurrentRequestOverLimit": "throttled",
    # A clock that is ahead of theirs, and a goal that is younger than two hours: both pass.
    "FutureConversionTimeCannotBeSet": "retry",
    "OfflineConversionFutureAdjustmentTimeCannotBeSet": "retry",
    "OfflineConversionGoalTooRecent": "retry",
    "InternalError": "retry",
    "InvalidCredentials": "reauth",
    "UserIsNotAuthorized": "reauth",
}
"""Every other symbol speaks of the event or of the request, which no repetition changes."""
_FAULTS: Final = ("Errors", "OperationErrors", "BatchErrors")
_DETAILS: Final = ("AdApiFaultDetail", "ApiFaultDetail", "EditorialApiFaultDetail")
_SYMBOL: Final = re.compile(r"[A-Za-z]{1,80}")
_UNNAMED: Final = Result("unknown", "an error of the answer names no event")


def classify(reply: Reply, *, n: int) -> Result | list[Result]:
    """What an answer means for the `n` events of a request."""
    answer = json_object(reply.body)
    symbols = sorted(_faults(answer or {}))
    if reply.status < 300 and not symbols:
        if answer is None:
            return Result("unknown", f"HTTP {reply.status} without JSON")
        return _partial(answer, n)
    error = " ".join([f"HTTP {reply.status}", *symbols])
    for symbol in symbols:
        if symbol in _BY_SYMBOL:
            return Result(_BY_SYMBOL[symbol], error)
    return Result(_by_status(reply.status, said=bool(symbols)), error)


def pause_seconds(reply: Reply) -> float:
    """How long the account asks to be left alone; after too many calls in a minute, a minute."""
    asked = retry_after_seconds(reply.headers)
    rated = {"CallRateExceeded", "ConcurrentRequestOverLimit"}
    return asked or (PAUSE_SECONDS if rated & set(_faults(json_object(reply.body) or {})) else 0.0)


def _partial(answer: Mapping[str, Any], n: int) -> list[Result]:
    """Of several errors of one event, one that does not pass is told."""
    found: dict[int, Result] = {}
    unnamed = False
    for error in _dicts(answer.get("PartialErrors")):
        place = error.get("Index")
        if type(place) is not int or not 0 <= place < n:
            unnamed = True
            continue
        symbol = _symbol(error)
        if place not in found or found[place].verdict != "rejected":
            found[place] = Result(_BY_SYMBOL.get(symbol, "rejected"), f"partial error {symbol}")
    rest = _UNNAMED if unnamed else Result("sent")
    return [found.get(place, rest) for place in range(n)]


def _by_status(status: int, *, said: bool) -> Verdict:
    """`said`: a fault explains the status, and its symbol is none that passes."""
    if status == 429:
        return "throttled"
    if status in (401, 403):
        return "reauth"
    if status == 504:
        # Something in front of the API gave up waiting; the events may have got through.
        return "unknown"
    if said or (400 <= status < 500 and status != 408):
        return "rejected"
    return "retry"


def _faults(answer: Mapping[str, Any]) -> Iterator[str]:
    """The symbols of a fault, which may stand in an object of its type's name."""
    details = [answer, *_dicts([answer.get(name) for name in _DETAILS])]
    for detail in details:
        for name in _FAULTS:
            yield from map(_symbol, _dicts(detail.get(name)))


def _symbol(error: Mapping[str, Any]) -> str:
    symbol = error.get("ErrorCode")
    return symbol if isinstance(symbol, str) and _SYMBOL.fullmatch(symbol) else "without a symbol"


def _dicts(found: Any) -> list[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
