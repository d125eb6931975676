"""What the gateway said of each item, and the ways in which it can say no to all of them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from processors.client.items import Item


@dataclass(frozen=True, slots=True)
class Receipt:
    """An item that was taken. `offset` is None while it is spooled beside the log, where it is as
    safe; `index` is its place in the batch. Server events have a score of 0 to 100. `filtered` is
    the rule of the key by which the item will have no effect."""

    index: int
    event_id: str
    topic: str
    partition: int | None = None
    offset: int | None = None
    data_quality_score: float | None = None
    filtered: str | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """An item that will never be taken as it is: which field, and what is wrong with it."""

    index: int
    event_id: str
    field: str
    error: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What became of a batch, by place in it. `platforms` is how many enabled destinations a
    server event will be routed to, `failing` names those of them where it will wait, since they
    take nothing now; other doors do not say."""

    receipts: Sequence[Receipt] = ()
    rejections: Sequence[Rejection] = ()
    platforms: int | None = None
    failing: Sequence[str] = ()


class ClientError(Exception):
    """Anything that kept items from being taken."""


class ItemRejected(ClientError):
    """The one item of a call was refused; `rejection` tells the field."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(f"{rejection.field}: {rejection.error}")
        self.rejection = rejection


@dataclass(eq=False)
class Unfinished(ClientError):
    """A batch that was not taken as a whole: `answers` is what became of its first `done` items,
    `reason` why the rest was not. Send the same items again: what has come stays one."""

    reason: str
    answers: Answers = field(default_factory=Answers)
    done: int = 0

    def __str__(self) -> str:
        return self.reason


class Unavailable(Unfinished):
    """The gateway could not take it in the time that it was given."""


class RequestRefused(Unfinished):
    """The gateway will not take such requests: a wrong key, a wrong signature, a wrong address."""


def only(answers: Answers) -> Receipt:
    """The receipt of a call's one item.

    Raises:
        ItemRejected: when there is none.
    """
    if answers.rejections:
        raise ItemRejected(answers.rejections[0])
    return answers.receipts[0]


def read(body: bytes, items: Sequence[Item], first: int) -> Answers | None:
    """The answers of a request whose first item is at this place; None when it has another form, or
    does not answer for every item."""
    said = document(body)
    receipts, rejected = said.get("receipts"), said.get("rejected")
    if not isinstance(receipts, list) or not isinstance(rejected, list):
        return None
    if len(receipts) + len(rejected) != len(items):
        return None
    try:
        rules = {row["index"]: row["rule"] for row in said.get("filtered", ())}
        return Answers(
            tuple(_receipt(row, first, rules.get(row["index"])) for row in receipts),
            tuple(_rejection(row, items, first) for row in rejected),
            said.get("platforms_sent"),
            tuple(said.get("failed_platforms", ())),
        )
    except (KeyError, TypeError, IndexError):
        return None


def document(body: bytes) -> Mapping[str, Any]:
    """The JSON object of these bytes, or an empty one."""
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def joined(parts: Iterable[Answers]) -> Answers:
    """All of them as one."""
    found = list(parts)
    told = [part.platforms for part in found if part.platforms is not None]
    return Answers(
        tuple(receipt for part in found for receipt in part.receipts),
        tuple(rejection for part in found for rejection in part.rejections),
        max(told, default=None),
        tuple(sorted({platform for part in found for platform in part.failing})),
    )


def _receipt(row: Mapping[str, Any], first: int, rule: str | None) -> Receipt:
    return Receipt(
        first + row["index"],
        row["event_id"],
        row["topic"],
        row["partition"],
        row["offset"],
        row.get("data_quality_score"),
        rule,
    )


def _rejection(row: Mapping[str, Any], items: Sequence[Item], first: int) -> Rejection:
    event_id = items[row["index"]].event_id
    return Rejection(first + row["index"], event_id, row["field"], row["error"])
