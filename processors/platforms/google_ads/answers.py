"""What Google's answers mean, of both APIs.

Messages and triggers may echo what was sent, so that codes alone are kept. The Data Manager API
takes or refuses a request as a whole and names the events it means, as far as it does; the Google
Ads API says 200 and tells of each row.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from processors.platforms.answering import json_object
from processors.platforms.base import DAY_MS, Result, Verdict
from processors.platforms.google_ads.meanings import UNFOUND, meaning
from processors.platforms.http import MAX_PAUSE_SECONDS, Reply, retry_after_seconds
from schemas.delivery import Delivery

FOUND_WITHIN_MS: Final = 2 * DAY_MS
"""How long after an adjustment its conversion may still be on its way. Google itself keeps one for
a day since 2024-09-09 (ads developer blog, "Improvements to conversion adjustment uploads")."""

_GRAVEST: Final[tuple[Verdict, ...]] = ("rejected", "reauth", "throttled", "retry", "sent")
_PASSING: Final[tuple[Verdict, ...]] = ("throttled", "retry", "reauth")
_STATUS: Final = frozenset({"INVALID_ARGUMENT", "FAILED_PRECONDITION"})
"""Statuses that only say that their details say more."""
_EVENT: Final = re.compile(r"\bevents\[(\d+)\]")
_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{2,99}")
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)s")

Code = tuple[str, str]
"""The enum, where it is told, and the code."""


def of_ingestion(reply: Reply, n: int) -> Result | Sequence[Result]:
    """What the Data Manager API's answer to a request of `n` events means. Taken is not matched:
    what Google finds wrong later, `later` asks for."""
    answer = json_object(reply.body)
    if answer is None:
        return _page(reply)
    if reply.status < 300:
        return Result("sent")
    error = _error(answer)
    named = _named(error, n) if reply.status == 400 and n > 1 else {}
    if not named:
        return _whole(reply.status, error)
    others = Result("retry", f"HTTP {reply.status}, another event of the request was refused")
    return [_judged(reply.status, named[place]) if place in named else others for place in range(n)]


def of_uploads(
    reply: Reply, deliveries: Sequence[Delivery], *, now_ms: int, checked_only: bool
) -> Result | Sequence[Result]:
    """What the Google Ads API's answer to a request with these rows means. When all was
    `checked_only` there are no results to be told."""
    answer = json_object(reply.body)
    if answer is None:
        return _page(reply)
    if reply.status >= 300:
        return _whole(reply.status, _error(answer))
    results = answer.get("results")
    told = results if isinstance(results, list) else []
    codes = _of_rows(answer)
    if codes is None:
        return Result("unknown", f"HTTP {reply.status} with a failure of no row")
    found = []
    for place, delivery in enumerate(deliveries):
        if place in codes:
            found.append(_of_row(reply.status, codes[place], delivery, now_ms=now_ms))
        elif checked_only or (place < len(told) and told[place]):
            found.append(Result("sent"))
        else:
            found.append(Result("unknown", f"HTTP {reply.status} without a result"))
    return found


def of_question(reply: Reply) -> Result | None:
    """Why the Google Ads API's answer to a question is none; None when it is one."""
    answer = json_object(reply.body)
    if answer is None:
        return _page(reply)
    return None if reply.status == 200 else _whole(reply.status, _error(answer))


def refused(found: Result | Sequence[Result], n: int) -> Result | Sequence[Result]:
    """The same of `n` rows, where what waits for a human is refused instead."""
    if isinstance(found, Result):
        return found if found.verdict != "reauth" else (Result("rejected", found.error),) * n
    return [Result("rejected", one.error) if one.verdict == "reauth" else one for one in found]


def pause_seconds(reply: Reply) -> float:
    """How long the account asks to be left alone: by the header, by `RetryInfo`, by the details of
    a quota error."""
    asked = [retry_after_seconds(reply.headers)]
    for detail in _details(_error(json_object(reply.body) or {})):
        delays = [detail.get("retryDelay")]
        for error in _dicts(detail.get("errors")):
            more = error.get("details")
            quota = more.get("quotaErrorDetails") if isinstance(more, dict) else None
            delays.append(quota.get("retryDelay") if isinstance(quota, dict) else None)
        asked += [float(found[1]) for delay in delays if (found := _DURATION.fullmatch(str(delay)))]
    return min(max(asked), MAX_PAUSE_SECONDS)


def codes_of(answer: dict[str, Any]) -> list[str]:
    """Every code of a refusal, once."""
    return list(dict.fromkeys(code for _, code in _codes(_error(answer))))


def _of_row(status: int, codes: Sequence[Code], delivery: Delivery, *, now_ms: int) -> Result:
    found = _judged(status, codes)
    lost = any(code == UNFOUND for _, code in codes)
    if lost and now_ms - delivery.occurred_at >= FOUND_WITHIN_MS:
        return Result("rejected", found.error)
    return found


def _judged(status: int, codes: Sequence[Code]) -> Result:
    """The gravest of these codes."""
    verdicts = [meaning(kind, code) for kind, code in codes]
    verdict = next(one for one in _GRAVEST if one in verdicts)
    return Result(verdict, None if verdict == "sent" else _text(status, codes))


def _whole(status: int, error: dict[str, Any]) -> Result:
    codes = list(_codes(error))
    if status == 504:
        # Google gave up waiting for itself; the events may have got through.
        return Result("unknown", _text(status, codes))
    verdicts = {meaning(kind, code) for kind, code in codes}
    passing = (one for one in _PASSING if one in verdicts)
    verdict = next(passing, None) or _by_status(status)
    return Result(verdict, _text(status, codes))


def _by_status(status: int) -> Verdict:
    match status:
        case 401 | 403 | 404:
            return "reauth"
        case 429:
            return "throttled"
    return "rejected" if 400 <= status < 500 else "retry"


def _page(reply: Reply) -> Result:
    """A page instead of JSON comes from something in front of the API."""
    verdict: Verdict = "unknown" if reply.status == 504 else "retry"
    if reply.status == 429:
        verdict = "throttled"
    return Result(verdict, f"HTTP {reply.status} without JSON")


def _text(status: int, codes: Sequence[Code]) -> str:
    names = dict.fromkeys(code for _, code in codes if code not in _STATUS)
    return " ".join([f"HTTP {status}", *list(names)[:4]])


def _named(error: dict[str, Any], n: int) -> dict[int, list[Code]]:
    """Codes by the place of their event; none at all when any is about something else."""
    found: dict[int, list[Code]] = {}
    for detail in _details(error):
        for violation in _dicts(detail.get("fieldViolations")):
            place = _EVENT.search(str(violation.get("field")))
            if place is None or int(place[1]) >= n:
                return {}
            found.setdefault(int(place[1]), []).append(("", _code(violation.get("reason"))))
    return found


def _of_rows(answer: dict[str, Any]) -> dict[int, list[Code]] | None:
    """Codes by the place of their row; None when there is one that names no row."""
    failure = answer.get("partialFailureError")
    if failure is None:
        return {}
    found: dict[int, list[Code]] = {}
    for detail in _details(failure if isinstance(failure, dict) else {}):
        for error in _dicts(detail.get("errors")):
            place = _place(error)
            if place is None:
                return None
            found.setdefault(place, []).extend(_error_codes(error))
    return found or None


def _place(error: dict[str, Any]) -> int | None:
    location = error.get("location")
    path = _dicts(location.get("fieldPathElements")) if isinstance(location, dict) else []
    place = path[0].get("index") if path else None
    return place if type(place) is int else None


def _codes(error: dict[str, Any]) -> Iterator[Code]:
    """Every code of a refusal, from the status to the details."""
    if (status := _code(error.get("status"))) not in _STATUS:
        yield "", status
    for detail in _details(error):
        if "reason" in detail and (reason := _code(detail["reason"])) not in _STATUS:
            yield "", reason
        for violation in _dicts(detail.get("fieldViolations")):
            yield "", _code(violation.get("reason"))
        for one in _dicts(detail.get("errors")):
            yield from _error_codes(one)


def _error_codes(error: dict[str, Any]) -> list[Code]:
    codes = error.get("errorCode")
    found = codes.items() if isinstance(codes, dict) else ()
    return [(str(kind), _code(code)) for kind, code in found] or [("", "UNKNOWN")]


def _code(told: object) -> str:
    """A code, and nothing that only stands where one should."""
    return told if isinstance(told, str) and _CODE.fullmatch(told) else "UNKNOWN"


def _error(answer: dict[str, Any]) -> dict[str, Any]:
    error = answer.get("error")
    return error if isinstance(error, dict) else {}


def _details(error: dict[str, Any]) -> list[dict[str, Any]]:
    return _dicts(error.get("details"))


def _dicts(told: object) -> list[dict[str, Any]]:
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
