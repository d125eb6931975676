"""A processor as the registry names it: what it reads, what it writes, and which engine runs it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from processors.engine.context import Factory
from processors.engine.hops import Names
from schemas.envelope import Frozen
from schemas.topics import DEAD_LETTERS, TOPICS, Topic

Engine = Literal["batches", "agents"]

CATALOGUE: Final[dict[str, Topic]] = {**TOPICS, **DEAD_LETTERS}


def _nothing(_record: Frozen) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Spec:
    """One row of the registry; the consumer group has the processor's name.

    With `engine_counts` the engine counts outcomes itself, in a transaction of its own after the
    output is acked: for processors that write no rows. `about` says what a record is about, by
    which traces are followed (hops.py).
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    engine: Engine
    factory: Factory
    engine_counts: bool = False
    batch_max_records: int | None = None
    about: Names = _nothing

    def check(self) -> None:
        """Refuse topics that the catalogue does not have.

        Raises:
            ValueError: naming the topic.
        """
        if not self.inputs:
            raise ValueError(f"{self.name} has no input")
        for topic in self.inputs:
            if topic not in TOPICS:
                raise ValueError(f"{self.name} reads {topic}, which the catalogue does not have")
            if TOPICS[topic].dead_letters not in DEAD_LETTERS:
                raise ValueError(f"{self.name} reads {topic}, which has no dead letters")
        for topic in self.outputs:
            if topic not in TOPICS:
                raise ValueError(f"{self.name} writes {topic}, which the catalogue does not have")
