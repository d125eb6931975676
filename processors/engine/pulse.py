"""What a running engine knows of itself, for health, readiness and lag: plain fields that the
engine writes and the health server reads."""

from dataclasses import dataclass, field
from time import monotonic

Place = tuple[str, int]


@dataclass(slots=True)
class Pulse:
    """The state of one process. `assigned` is None until the group has given an answer; `of` is
    how many partitions the group's topics have, 0 until that is known; `behind` is how many
    records were still to come when the latest batch was polled (batches engine)."""

    assigned: frozenset[Place] | None = None
    of: int = 0
    waiting: dict[str, str] = field(default_factory=dict)
    batch_since: float | None = None
    batches: int = 0
    behind: int = 0
    stopping: bool = False

    @property
    def share(self) -> float:
        """Which part of the group's partitions are its own, above 0 to 1; 1 until that is known."""
        mine = len(self.assigned or ())
        return mine / self.of if 0 < mine < self.of else 1.0

    def batch_seconds(self) -> float:
        """How long the batch in hand has run."""
        return 0.0 if self.batch_since is None else monotonic() - self.batch_since

    def reasons(self) -> list[str]:
        """Why the process is not ready; empty when it is."""
        found = [f"{what}: {why}" for what, why in sorted(self.waiting.items())]
        if self.assigned is None:
            found.append("no partitions assigned yet")
        if self.stopping:
            found.append("stopping")
        return found
