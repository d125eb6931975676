"""What a server container's answers mean: whether one of its clients claimed the request.

A client answers with nothing, JSON or a pixel; a page comes from what stands before the container.
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
    match status:
        case 400:
            # The container is there, and none of its clients wanted the request.
            return Result("rejected", f"{error}: no client of the container claimed it")
        case 401 | 403 | 404:
            # Whoever runs the container has closed it, moved it, or not yet published it.
            return Result("reauth", error)
        case 429:
            return Result("throttled", error)
        case 504:
            return Result("unknown", error)
    return Result("rejected" if 400 < status < 500 else "retry", error)
