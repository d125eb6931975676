"""Things numbered in the order in which they first appear."""

from collections.abc import Iterable
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Thing = TypeVar("Thing")


class Numbered(dict[Thing, int]):
    """The number of each thing; one that is new gets the next."""

    def __missing__(self, thing: Thing) -> int:
        number = self[thing] = len(self)
        return number

    def of(self, things: Iterable[Thing]) -> npt.NDArray[np.int64]:
        """The numbers of many."""
        return np.fromiter(map(self.__getitem__, things), dtype=np.int64)
