"""How the gateway says no: `Refused` for one item, `Problem` for a whole request.

Neither carries a value that was sent, so that no personal detail reaches an answer or a log.
"""


class Refused(Exception):
    """An item that cannot be taken: which field, and what is wrong with it."""

    def __init__(self, field: str, error: str) -> None:
        super().__init__(f"{field}: {error}")
        self.field = field
        self.error = error


class Problem(Exception):
    """A request that cannot be taken. `close` ends the connection, whose body may be unread."""

    def __init__(
        self,
        status: int,
        error: str,
        detail: str,
        *,
        retry_after_seconds: int | None = None,
        close: bool = False,
    ) -> None:
        super().__init__(f"{status} {error}: {detail}")
        self.status = status
        self.error = error
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds
        self.close = close
