"""What the Data Manager API says later of a request that it took, by `requestStatus:retrieve` (v1,
`google/ads/datamanager/v1/request_status_per_destination.proto` and `processing_errors.proto`).

It counts events by the reason for which it refused them and never says which they are. The first
time to ask is half an hour after the request (developers.google.com, Data Manager API,
"Diagnostics"), and checked requests have no status.
"""

import re
from typing import Any, Final

from processors.platforms.answering import json_object
from processors.platforms.base import Heard
from processors.platforms.google_ads.answers import codes_of, pause_seconds
from processors.platforms.google_ads.meanings import LATE_DONE, LATE_PASSING, LATE_SETUP
from processors.platforms.http import Reply

_ID: Final = re.compile(r"[\w.:-]{1,200}", re.ASCII)
_REASON: Final = re.compile(r"PROCESSING_ERROR_(?:REASON_)?([A-Z][A-Z0-9_]{1,99})")
_ENDED: Final = frozenset({"SUCCESS", "FAILED", "FAILURE", "PARTIAL_SUCCESS"})
"""The guide says FAILURE where the contract says FAILED."""


def receipt(reply: Reply) -> str | None:
    """The id of a request that was taken; None when there is none to ask for."""
    told = (json_object(reply.body) or {}).get("requestId") if reply.status < 300 else None
    return told if isinstance(told, str) and _ID.fullmatch(told) else None


def heard(reply: Reply, n: int) -> Heard:
    """What the status of a request of `n` events means for them."""
    answer = json_object(reply.body)
    if answer is None or reply.status >= 300:
        codes = codes_of(answer)[:4] if answer else ["without JSON"]
        return Heard("pending", " ".join([f"HTTP {reply.status}", *codes]), pause_seconds(reply))
    found = _dicts(answer.get("requestStatusPerDestination"))
    statuses = [str(one.get("requestStatus")) for one in found]
    if not statuses or not _ENDED.issuperset(statuses):
        return Heard("pending")
    counts: dict[str, int] = {}
    for one in found:
        for reason, count in _counts(one.get("errorInfo")):
            counts[reason] = counts.get(reason, 0) + count
    if set(statuses) == {"SUCCESS"}:
        return Heard("sent")
    taken_before = sum(count for reason, count in counts.items() if reason in LATE_DONE)
    left = {reason: count for reason, count in counts.items() if reason not in LATE_DONE}
    if counts and not left:
        return Heard("sent")
    none_taken = "SUCCESS" not in statuses and "PARTIAL_SUCCESS" not in statuses
    is_all = n == 1 or (none_taken and not taken_before) or sum(left.values()) >= n
    return _ruled(left, is_all=is_all, n=n)


def _ruled(reasons: dict[str, int], *, is_all: bool, n: int) -> Heard:
    """By the reasons for which all events or some were refused. Where none is told, the refusal is
    about the events."""
    text = " ".join(["late", *list(reasons)[:4]]) if reasons else "late, without a reason"
    passing, setup = reasons.keys() & LATE_PASSING, reasons.keys() & LATE_SETUP
    if reasons and len(passing | setup) == len(reasons):
        if not is_all:
            return Heard("unknown", text)
        return Heard("reauth" if setup else "retry", text)
    if n > 1 and (not is_all or passing or setup):
        return Heard("mixed", text)
    return Heard("rejected", text)


def _counts(told: object) -> list[tuple[str, int]]:
    """(reason without its prefix, how many events); a reason that cannot be read is UNSPECIFIED."""
    info = told if isinstance(told, dict) else {}
    found = []
    for one in _dicts(info.get("errorCounts")):
        reason = _REASON.fullmatch(str(one.get("reason")))
        count = str(one.get("recordCount"))
        found.append((reason[1] if reason else "UNSPECIFIED", int(count) if count.isdigit() else 1))
    return found


def _dicts(told: object) -> list[dict[str, Any]]:
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
