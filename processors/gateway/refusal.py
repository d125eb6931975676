"""How the gateway says no: `Refused` for one item, `Problem` for a whole request.

Neither carries a value that was sent, so that no personal detail reaches an answer or a log.
"""

from collections.abc import Mapping

import orjson


class Refused(Exception):
    """An item that cannot be taken: which field, and what is wrong with it."""

    def __init__(self, field: str, error: str) -> None:
        super().__init__(f"{field}: {error}")
        self.field = field
        self.error = error

    def renamed(self, names: Mapping[str, str]) -> "Refused":
        """The same, with the field as the sender calls it."""
        head = self.field.partition(".")[0].partition("[")[0]
        return Refused(names.get(head, head) + self.field[len(head) :], self.error)


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

    def answer(self) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        """Status, JSON, and the headers beside those of JSON."""
        extra = []
        if self.retry_after_seconds is not None:
            extra.append((b"retry-after", b"%d" % self.retry_after_seconds))
        if self.status == 401:
            extra.append((b"www-authenticate", b"Bearer"))
        if self.close:
            extra.append((b"connection", b"close"))
        content = orjson.dumps({"error": self.error, "detail": self.detail})
        return self.status, content, extra
