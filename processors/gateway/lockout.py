"""Names that were tried too often with a wrong password wait, each time twice as long.

Held in the process, for each gateway by itself. A name that nobody has waits like any other.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

FREE_TRIES: Final = 5
_FIRST_SECONDS: Final = 30.0
_LONGEST_SECONDS: Final = 900.0
_FORGOTTEN_AFTER_SECONDS: Final = 3_600.0
_HELD: Final = 10_000


@dataclass(slots=True)
class _Tries:
    failed: int = 0
    last: float = 0.0
    until: float = 0.0


class Lockout:
    """Counts failures by name; times in seconds of any steady clock."""

    def __init__(self) -> None:
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def wait(self, name: str, now: float) -> float:
        """Seconds that the name still waits."""
        tries = self._tries.get(name)
        return 0.0 if tries is None else max(0.0, tries.until - now)

    def failed(self, name: str, now: float) -> None:
        """Another wrong password."""
        tries = self._tries.pop(name, None)
        if tries is None or now - tries.last > _FORGOTTEN_AFTER_SECONDS:
            tries = _Tries()
        tries.failed += 1
        tries.last = now
        if tries.failed >= FREE_TRIES:
            doubled = _FIRST_SECONDS * 2.0 ** min(tries.failed - FREE_TRIES, 16)
            tries.until = now + min(doubled, _LONGEST_SECONDS)
        self._tries[name] = tries
        if len(self._tries) > _HELD:
            self._tries.popitem(last=False)

    def passed(self, name: str) -> None:
        """The right password: all is forgotten."""
        self._tries.pop(name, None)
