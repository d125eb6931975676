"""The golden examples of `schemas/examples`: for each contract a file a case, as on the wire."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from processors.engine import codec
from processors.engine.processor import Message
from processors.engine.spec import CATALOGUE
from schemas.envelope import Frozen
from schemas.topics import TOPICS

FOLDER: Final = Path(__file__).parents[2] / "schemas" / "examples"
ANY_DEAD_LETTERS: Final = "dead_letters"
DELIVERIES: Final = "deliveries.v1"
CONTRACTS: Final = tuple(dict.fromkeys(topic.contract for topic in TOPICS.values()))
"""The folders of the topics."""


@dataclass(frozen=True, slots=True)
class Example:
    """One golden record."""

    folder: str
    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.folder}/{self.name}"

    @property
    def topic(self) -> str:
        """Where such a record stands: a dead letter says its topic, a delivery its platform."""
        if self.folder == DELIVERIES:
            return f"deliveries.{self.plain['platform']}.v1"
        if self.folder == ANY_DEAD_LETTERS:
            return TOPICS[self.plain["topic"]].dead_letters
        return self.folder

    @property
    def plain(self) -> Any:
        """The parsed JSON."""
        return json.loads(self.text)

    @property
    def record(self) -> Frozen:
        """The record; raises when the model refuses it."""
        return CATALOGUE[self.topic].model.model_validate_json(self.text)

    @property
    def key(self) -> bytes:
        """The key that the catalogue gives it."""
        return codec.key(self.topic, self.record)

    def message(self, *, partition: int = 0, offset: int = 0) -> Message:
        """As a consumer would get it."""
        at = self.plain.get("received_at", 1_767_600_000_000)
        return Message(self.topic, partition, offset, at, self.key, self.text.encode())


def examples(*folders: str) -> list[Example]:
    """Every example of these folders, of all of them when none is named, in the order of names."""
    wanted = folders or tuple(sorted(path.name for path in FOLDER.iterdir()))
    return [
        Example(folder, path.stem, path.read_text())
        for folder in wanted
        for path in sorted((FOLDER / folder).glob("*.json"))
    ]
