"""What this process emitted and had acked, so that it need not say it again.

Memory only, bounded, and forgotten at a start: losing it costs a repetition, never a credit. A
revision is remembered only after the brokers acked the credits that carry it or a later one.
"""

from collections import OrderedDict

Key = tuple[str, str]


class RecentRevisions:
    """The greatest acked revision of the conversions that were answered last."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._revisions: OrderedDict[Key, int] = OrderedDict()

    def is_done(self, key: Key, rev: int) -> bool:
        """Whether this revision, or a later one, was answered."""
        return self._revisions.get(key, -1) >= rev

    def remember(self, key: Key, rev: int) -> None:
        """The credits of this revision are acked."""
        self._revisions[key] = max(rev, self._revisions.get(key, -1))
        self._revisions.move_to_end(key)
        while len(self._revisions) > self._limit:
            self._revisions.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        self._revisions.clear()
