"""Where accepted records go, as the doors see it."""

from collections.abc import Awaitable, Sequence
from typing import Protocol

from processors.gateway.door import Accepted


class Outlet(Protocol):
    """Where accepted records go (`sink.Sink`)."""

    @property
    def spooled(self) -> int:
        """Records that wait in the spool."""

    def put(self, rows: Sequence[Accepted]) -> Awaitable[None]:
        """Done when every row is safe."""

    def can_take(self) -> bool:
        """Whether a record would be taken now."""

    def state(self) -> dict[str, int | bool]:
        """For `/readyz`."""
