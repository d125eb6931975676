"""How many rows a round reads of a tenant. As many as fill its requests, where events share one;
but a platform that wants a request for each person finds next to nothing to share, and then rows
that stay behind were read, locked and asked for consent in vain."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from processors.fanout.handle import Batch, Turn, Waiting

NARROW_ROUNDS: Final = 16
"""So many rounds after a wide look that found nothing to share, the next wide one follows."""


class Appetite:
    """Of one platform."""

    def __init__(self, batch_limit: int, *, at_least: int) -> None:
        self._wide = max(batch_limit, at_least)
        self._narrow_left = 0

    def rows(self, turns: Sequence[Turn]) -> int:
        """The most to read of each tenant whose turn it is."""
        if not self._narrow_left:
            return self._wide
        return max((turn.requests for turn in turns), default=1)

    def learn(self, read: Sequence[Waiting], wanted: Sequence[Batch]) -> None:
        """Take what a round read, and the requests that it made of it."""
        if self._narrow_left:
            self._narrow_left -= 1
        elif not wanted or max(len(batch.rows) for batch in wanted) > 1:
            return
        elif max(Counter(row.delivery.tenant_id for row in read).values()) > 1:
            self._narrow_left = NARROW_ROUNDS
