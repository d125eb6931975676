"""Dead letters: the record whole, with the reason; and the limit at which a process stops.

A record that cannot be applied must not stop its partition. But when most cannot, the fault is
ours or an upstream's, and pouring everything into the dead letters would only hide it.
"""

from base64 import b64encode
from collections import deque
from collections.abc import Sequence
from typing import Final

from processors.engine.outcome import Dead, Outcome
from processors.engine.processor import Emit, Item, Message
from processors.engine.settings import EngineSettings
from schemas.dead_letter import DeadLetter
from schemas.topics import TOPICS

DETAIL_CHARACTERS: Final = 500


class TooManyDead(Exception):
    """The limit of dead letters is reached: the process stops before it commits."""


def letter(message: Message, *, group: str, dead: Dead) -> Emit:
    """The dead letter of one record, on the topic that the catalogue names."""
    record = DeadLetter(
        group=group,
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        timestamp=max(message.timestamp, 0),
        reason=dead.reason,
        detail=dead.detail[:DETAIL_CHARACTERS],
        key=_text(message.key),
        value=_text(message.value),
    )
    return Emit(TOPICS[message.topic].dead_letters, record, message.timestamp)


def letters(batch: Sequence[Item], outcomes: Sequence[Outcome], *, group: str) -> list[Emit]:
    """A dead letter for each `Dead` of a batch."""
    return [
        letter(item.message, group=group, dead=outcome)
        for item, outcome in zip(batch, outcomes, strict=True)
        if isinstance(outcome, Dead)
    ]


class Limit:
    """Stops the pouring: too many in a row, or too great a share of the latest records."""

    def __init__(self, settings: EngineSettings) -> None:
        self._consecutive = settings.dead_letter_limit_consecutive
        self._ratio = settings.dead_letter_limit_ratio
        self._window: deque[int] = deque(maxlen=settings.dead_letter_limit_window_records)
        self._run = 0

    def check(self, dead: Sequence[bool]) -> None:
        """Refuse a batch that would reach the limit, without counting it.

        Raises:
            TooManyDead: saying which limit.
        """
        if not any(dead):
            return
        run, worst = self._run, 0
        for is_dead in dead:
            run = run + 1 if is_dead else 0
            worst = max(worst, run)
        if worst >= self._consecutive:
            raise TooManyDead(f"{worst} records in a row could not be applied")
        size = self._window.maxlen or 0
        seen = [*self._window, *dead][-size:]
        if len(seen) >= size and sum(seen) / size >= self._ratio:
            raise TooManyDead(f"{sum(seen)} of the latest {size} records could not be applied")

    def note(self, dead: Sequence[bool]) -> None:
        """Count a batch.

        Raises:
            TooManyDead: as `check`.
        """
        self.check(dead)
        for is_dead in dead:
            self._run = self._run + 1 if is_dead else 0
        self._window.extend(dead)


def _text(data: bytes | None) -> str | None:
    return None if data is None else b64encode(data).decode()
