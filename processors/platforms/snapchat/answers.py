"""What Snapchat's answers mean.

A request is taken or refused as a whole, as its OpenAPI description has it (github
Snapchat/business-sdk-v3-java, api/openapi.yaml): a refusal names the first event that it means by
its index. Whether the others were kept is not said; they are sent again, and the same id counts
once. Test events have a line each. Messages may echo what was sent, so only codes are kept.
"""

import re
from typing import Any, Final

from processors.platforms.answering import Culprit, json_object
from processors.platforms.base import Result
from processors.platforms.http import Reply

_CODE: Final = re.compile(r"[A-Za-z]{0,4}\d{1,6}|[A-Z][A-Z_]{2,40}")
_LINES: Final = "event_logs"


def classify(reply: Reply, *, events: int) -> Result | Culprit | list[Result]:
    """What an answer to a request with so many events means for them."""
    status = reply.status
    answer = json_object(reply.body) or {}
    error = f"HTTP {status}{_codes(answer)}"
    match status:
        case 401 | 403 | 404:
            return Result("reauth", error)
        case 429:
            return Result("throttled", error)
        case 504:
            # Something in front of the API gave up waiting; the events may have got through.
            return Result("unknown", error)
    said = answer.get("status")
    if said == "VALID" and 200 <= status < 300:
        return _each(answer[_LINES], events) if answer.get(_LINES) else Result("sent")
    if said == "INVALID" and status < 500:
        index = answer.get("event")
        return Culprit(index, error) if type(index) is int else Result("rejected", error)
    if 400 <= status < 500 and status != 408:
        return Result("rejected", error)
    return Result("retry", error)


def _each(lines: Any, events: int) -> list[Result]:
    """Test events, of which those count that have no errors."""
    told = [Result("sent")] * events
    for line in lines if isinstance(lines, list) else []:
        codes = _codes(line) if isinstance(line, dict) else ""
        if codes and type(line.get("event")) is int and 0 <= line["event"] < events:
            told[line["event"]] = Result("rejected", f"test event{codes}")
    return told


def _codes(answer: dict[str, Any]) -> str:
    errors = answer.get("errors")
    codes = errors.get("codes") if isinstance(errors, dict) else None
    known = [c for c in codes if _CODE.fullmatch(str(c))] if isinstance(codes, list) else []
    return f" code {','.join(map(str, known[:3]))}" if known else ""
