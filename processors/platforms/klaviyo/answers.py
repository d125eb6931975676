"""What Klaviyo's answers mean.

202 alone is acceptance; there is no result a row. A refusal names its fields by JSON pointers, in a
bulk job with the row's number: those rows are at fault, and the others were not taken either, but
will be without them. `detail` may echo what was sent and is never kept; `code` is a word of
Klaviyo's.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from processors.platforms.answering import is_page, json_object
from processors.platforms.base import Result, Verdict
from processors.platforms.http import MAX_PAUSE_SECONDS, Reply, retry_after_seconds

_ROW: Final = re.compile(r"/data/attributes/events-bulk-create/data/(\d+)(?:/|$)")
_PHONE: Final = "/phone_number"
_WORD: Final = re.compile(r"[a-z_]{1,40}")
_ACCEPTED: Final = 202
_INVALID: Final = 400


def classify(reply: Reply, *, events: int) -> Result | Sequence[Result]:
    """What an answer means: one result for all, or one for each where rows are named."""
    status = reply.status
    if 200 <= status < 300:
        return _taken(reply)
    errors = _errors(reply)
    words = {str(error.get("code")) for error in errors}
    known = ",".join(sorted(word for word in words if _WORD.fullmatch(word)))
    text = f"HTTP {status}" + (f" {known}" if known else "")
    found = Result(_verdict(status), text)
    rows = _rows(errors) if status == _INVALID and events > 1 else set()
    if not rows or not rows <= set(range(events)):
        return found
    others = Result("retry", f"refused with its batch: {text}")
    # A number that is not believed in is left out when it is the only fault of a request: later.
    hopeless = _rows([one for one in errors if not _pointer(one).endswith(_PHONE)]) or rows
    return [found if n in hopeless else others for n in range(events)]


def refused_phones(reply: Reply, *, events: int) -> frozenset[int]:
    """Places whose phone number alone is why the request was refused; none when there was
    another reason, too."""
    errors = _errors(reply) if reply.status == _INVALID else []
    if not errors or not all(_pointer(error).endswith(_PHONE) for error in errors):
        return frozenset()
    if events == 1:
        return frozenset({0})
    rows = _rows(errors)
    return frozenset(rows) if rows <= set(range(events)) else frozenset()


def pause_seconds(reply: Reply) -> float:
    """What a 429 asks for; after any other answer, the rest of the minute's window once no
    request is left in it."""
    headers = reply.headers
    if reply.status == 429:
        return retry_after_seconds(headers)
    remaining, reset = headers.get("ratelimit-remaining", ""), headers.get("ratelimit-reset", "")
    if remaining.strip() != "0" or not reset.strip().isdigit():
        return retry_after_seconds(headers)
    return min(float(reset), MAX_PAUSE_SECONDS)


def _taken(reply: Reply) -> Result:
    """What a 2xx means; a page comes from something in front of the API."""
    if is_page(reply):
        return Result("retry", f"HTTP {reply.status} with a page")
    if reply.status != _ACCEPTED:
        return Result("unknown", f"HTTP {reply.status} instead of {_ACCEPTED}")
    return Result("sent")


def _verdict(status: int) -> Verdict:
    if status in (401, 403):
        return "reauth"
    if status == 429:
        return "throttled"
    if status == 504:
        # Something in front of the API gave up waiting; the events may have got through.
        return "unknown"
    return "retry" if status >= 500 or status < 400 or status == 408 else "rejected"


def _rows(errors: Iterable[dict[str, Any]]) -> set[int]:
    """The rows that are named; none when an error names no row."""
    found = [_ROW.match(_pointer(error)) for error in errors]
    return {int(row.group(1)) for row in found if row} if all(found) else set()


def _pointer(error: dict[str, Any]) -> str:
    source = error.get("source")
    return str(source.get("pointer", "")) if isinstance(source, dict) else ""


def _errors(reply: Reply) -> list[dict[str, Any]]:
    found = (json_object(reply.body) or {}).get("errors")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
