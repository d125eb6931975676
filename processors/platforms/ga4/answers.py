"""What GA4's answers mean: a 2xx is all that it ever says, to malformed events, too.

It has no body (Measurement Protocol reference, "Response codes"), so that a page is none of GA4's.
"""

from processors.platforms.answering import is_page
from processors.platforms.base import Result
from processors.platforms.http import Reply


def classify(reply: Reply) -> Result:
    """What a status means for the events of the request."""
    status = reply.status
    if 200 <= status < 300:
        return Result("retry", f"HTTP {status} with a page") if is_page(reply) else Result("sent")
    error = f"HTTP {status}"
    if status == 429:
        return Result("throttled", error)
    if status == 504:
        # Something in front of the API gave up waiting; the events may have got through.
        return Result("unknown", error)
    if status >= 500 or status < 400:
        return Result("retry", error)
    return Result("rejected", error)
