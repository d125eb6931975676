"""Troubles on demand: what the next requests get instead of the usual answer.

A step takes `count` requests of its `account` (of any, when it names none):
`delay_ms` answers late; `status` answers with it, untouched by the rules, with `headers` and
`body`; `drop` cuts the connection, `before` the events count or `after` they did.
"""

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(slots=True)
class Step:
    """One trouble."""

    count: int = 1
    account: str | None = None
    status: int | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    delay_ms: int = 0
    drop: Literal["before", "after"] | None = None


class Script:
    """Steps in order, and events that are refused for good."""

    def __init__(self) -> None:
        self._steps: list[Step] = []
        self.refused_ids: set[str] = set()

    def load(self, told: dict[str, Any]) -> None:
        """Append `steps`, add `refuse_ids`; `reset` forgets what was there.

        Raises:
            TypeError: for a step with an unknown field.
        """
        if told.get("reset"):
            self._steps.clear()
            self.refused_ids.clear()
        self._steps += [Step(**step) for step in told.get("steps", [])]
        self.refused_ids |= set(told.get("refuse_ids", []))

    def next(self, account: str) -> Step | None:
        """The trouble that this request gets."""
        for step in self._steps:
            if step.account in (None, account):
                step.count -= 1
                if step.count <= 0:
                    self._steps.remove(step)
                return step
        return None

    @property
    def left(self) -> int:
        """Requests that will still get a trouble."""
        return sum(step.count for step in self._steps)
