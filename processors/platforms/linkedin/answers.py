"""What LinkedIn's answers mean.

A batch is answered by the status of each element, a single event by 201 and no body. One event
that is wrong has the whole batch refused, by 400 or 422, and the message names those that are: they
are rejected, and the rest, which did not count, is sent again. The message may echo what was sent,
and is never kept. A page with 2xx is of something in front of the API, which let
nothing through.

Shapes and numbers are those of Microsoft Learn's pages on LinkedIn's Conversions API as of August
2026; that 426 means a retired version, and the code EXPIRED_ACCESS_TOKEN, are from LinkedIn's other
versioned APIs and not documented for this one.
"""

import re
from typing import Any, Final

from processors.platforms.answering import is_page, json_object
from processors.platforms.base import Result, Verdict
from processors.platforms.http import Reply

_INDEX: Final = re.compile(r"\bIndex: (\d{1,5}), ERROR")
_INDICES: Final = re.compile(r"\bindices \[([\d, ]+)\]")
_CODE: Final = re.compile(r"[A-Z][A-Z_]{0,63}")
EXPIRED: Final = "EXPIRED_ACCESS_TOKEN"
NO_VERSION: Final = "NONEXISTENT_VERSION"
_REFUSED: Final = Result("retry", "refused with others of its batch")


def classify(reply: Reply, *, n: int, refreshed: bool) -> Result | list[Result]:
    """What an answer means for the `n` events of a request; `refreshed`: the access token was
    bought, so that another can be."""
    answer = json_object(reply.body) or {}
    if reply.status == 201 and not reply.body:
        return Result("sent")
    if reply.status < 300 and is_page(reply):
        return Result("retry", f"HTTP {reply.status} with a page")
    if reply.status < 300:
        return _elements(reply.status, answer)
    code = _code(answer)
    error = f"HTTP {reply.status}" + (f" {code}" if code else "")
    if reply.status == 401 and code == EXPIRED and refreshed:
        return Result("retry", error)
    if reply.status == 426 or code == NO_VERSION:
        # Only a newer `LinkedIn-Version` helps, which is a human's to set.
        return Result("reauth", error)
    found = Result(_verdict(reply.status), error)
    named = _named(answer.get("message"), n) if found.verdict == "rejected" else set()
    if not named:
        return found
    return [found if index in named else _REFUSED for index in range(n)]


def _elements(status: int, answer: dict[str, Any]) -> Result | list[Result]:
    elements = answer.get("elements")
    if not isinstance(elements, list):
        # Nothing tells that any of them was taken.
        return Result("unknown", f"HTTP {status} without elements")
    return [_element(element) for element in elements]


def _element(element: Any) -> Result:
    status = element.get("status") if isinstance(element, dict) else None
    if type(status) is not int:
        return Result("unknown", "an element without a status")
    if 200 <= status < 300:
        return Result("sent")
    return Result(_verdict(status), f"element {status}")


def _verdict(status: int) -> Verdict:
    if status == 429:
        return "throttled"
    if status in (401, 403):
        return "reauth"
    if status == 504:
        # Something in front of the API gave up waiting; the events may have got through.
        return "unknown"
    if status == 408 or status >= 500 or status < 400:
        return "retry"
    return "rejected"


def _named(message: Any, n: int) -> set[int]:
    """The places that the message blames; none unless all of them are in the batch."""
    text = message if isinstance(message, str) else ""
    places = {int(found) for found in _INDEX.findall(text)}
    for listed in _INDICES.findall(text):
        places |= {int(found) for found in re.findall(r"\d{1,5}", listed)}
    return places if all(place < n for place in places) else set()


def _code(answer: dict[str, Any]) -> str:
    code = answer.get("code")
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""
