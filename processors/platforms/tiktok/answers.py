"""What TikTok's answers mean.

The status is 200 for most errors: the `code` in the body tells. A request is taken or refused as a
whole, and its message, which may echo what was sent, is never kept.
"""

from typing import Final

from processors.platforms.answering import json_object
from processors.platforms.base import Result, Verdict
from processors.platforms.http import Reply

PARTIAL: Final = 20001
THROTTLED: Final = 40100
REAUTH: Final = frozenset({40001, 40101, 40102, 40104, 40105})
RETRY_FROM: Final = 50000


def classify(reply: Reply) -> Result:
    """What an answer means for the events of the request."""
    status = reply.status
    if status == 504:
        # Something in front of the API gave up waiting; the events may have got through.
        return Result("unknown", "HTTP 504")
    code = (json_object(reply.body) or {}).get("code")
    if type(code) is not int:
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
