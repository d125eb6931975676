"""What a handler knows beside the item: whose key it was, when it came, from where."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from processors.engine.kafka import Raw
from processors.gateway.policy import DEFAULT, Policy
from processors.gateway.visit import Guard, Visit


class Sealer(Protocol):
    """Encrypts the clear values of a person so that only a connector can open them."""

    def seal(self, tenant: str, clear: Mapping[str, str], nodes: Sequence[str] = ()) -> str:
        """The sealed text, or a mark that stands for it until the keys of these ids are known."""

    def take(self) -> "tuple[Waiting, ...]":
        """What was sealed since, and waits for keys."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is to be sealed, and the mark in its place."""

    mark: str
    tenant: str
    subjects: tuple[str, ...]
    clear: Mapping[str, str] = field(repr=False)


@dataclass(slots=True)
class Door:
    """One request. `index` is the item at hand, `sequence` tells apart the requests of one
    millisecond; sender, account and topic are those of a signed webhook, `filtered` says that
    nothing will come of it, `batch` names the upload whose rows the items are, `shop` is the shop
    whose order ids a storefront means that does not say; `denied` are events that the key may send
    in vain, and `without_effect` the items that were; in a `dry_run` nothing is produced; a
    `replay` is what an operator puts back, and `first` the place of its first item in the batch in
    which it came at first; `failing` are those of the `platforms` that take nothing now; `visit` is
    what a browser's request says beside its body."""

    tenant: str
    server: bool
    received_at: int
    sealer: Sealer
    sequence: int = 0
    index: int = 0
    currency: str = "USD"
    max_bytes: int = 1_048_576
    platforms: Sequence[str] = ()
    failing: Sequence[str] = ()
    sender: str = ""
    account: str = ""
    topic: str = ""
    filtered: bool = False
    shop: str = "api"
    denied: Container[str] = ()
    dry_run: bool = False
    replay: bool = False
    first: int = 0
    without_effect: list[int] | None = None
    batch: Mapping[str, Any] | None = None
    ip: str | None = None
    user_agent: str | None = None
    policy: Policy = DEFAULT
    guard: Guard | None = None
    visit: Visit | None = None


@dataclass(slots=True)
class Accepted:
    """An item as it will stand on its topic; the sink fills in where."""

    index: int
    event_id: str
    raw: Raw
    score: float = 0.0
    partition: int | None = None
    offset: int | None = None
    waiting: tuple[Waiting, ...] = ()


@dataclass(slots=True)
class Rejection:
    """An item that was refused."""

    index: int
    field: str
    error: str

    def shown(self) -> dict[str, Any]:
        """As the answer has it."""
        return {"index": self.index, "field": self.field, "error": self.error}


@dataclass(slots=True)
class Outcome:
    """What became of the items of one request."""

    accepted: list[Accepted]
    rejected: list[Rejection]
