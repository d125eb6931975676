"""Items that wait in memory, in the order in which they came, with a limit to how many."""

from collections import deque
from collections.abc import Sequence

from processors.client.answers import Answers, Rejection
from processors.client.items import Item


class Queue:
    """Not for several threads at once: who uses it has a lock."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._items: deque[Item] = deque()
        self._refused: deque[Rejection] = deque(maxlen=limit)

    def __len__(self) -> int:
        return len(self._items)

    @property
    def full(self) -> bool:
        """Whether nothing more may come in."""
        return len(self._items) >= self._limit

    def put(self, item: Item) -> None:
        """Take an item in."""
        self._items.append(item)

    def head(self) -> Sequence[Item]:
        """The oldest items, as many as are of one door; they stay until they are `done`."""
        found: list[Item] = []
        for item in self._items:
            if item.path != self._items[0].path:
                break
            found.append(item)
        return found

    def done(self, n: int) -> None:
        """The oldest have been answered."""
        for _ in range(n):
            self._items.popleft()

    def keep(self, answers: Answers) -> None:
        """Refusals that nobody has seen yet; of too many the newest."""
        self._refused.extend(answers.rejections)

    def refused(self) -> Sequence[Rejection]:
        """The kept refusals, once."""
        found = tuple(self._refused)
        self._refused.clear()
        return found
