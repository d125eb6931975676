"""The contract between a platform's connector and whatever sends through it.

A connector never raises for what a platform or the network does: every event of a call ends with
a `Verdict`. What a platform can never take is refused by `refusal` before anything is sent, so
that one impossible event does not cost its neighbours a request.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal, Protocol, Self, runtime_checkable

from processors.engine.clock import Clock
from schemas.delivery import Delivery, DeliveryKind, Platform

Verdict = Literal["sent", "retry", "throttled", "rejected", "reauth", "unknown", "unwanted"]
"""`sent`: accepted. `retry`: not accepted, may be later. `throttled`: the same, and the account
asks for a pause. `rejected`: never will be. `reauth`: not before a human changes the credentials.
`unknown`: no answer came to a request that may have arrived. `unwanted`: not sent, since the tenant
never asked for such events there."""

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
ACCOUNT_ID: Final = "account_id"
OAUTH_PART: Final = "refresh_token"


class Unsendable(Exception):
    """A delivery that the platform can never take; the text says why, without personal details."""


@dataclass(frozen=True, slots=True)
class ConnectionField:
    """One thing that a tenant says of an account: its id (`part` is `ACCOUNT_ID`) or a credential,
    which a connector finds by the name `part` in `Account.secret`. `read` returns the form that is
    stored, and raises ValueError for a text that cannot be such a thing."""

    part: str
    read: Callable[[str], str] = str


Connection = Mapping[str, ConnectionField]
"""By the name of the setting, as in `tenant set T meta_pixel_id=1`; it begins with the platform."""


class Held(Protocol):
    """An account whose credentials nobody else renews meanwhile."""

    account: "Account"

    async def keep(self, parts: Mapping[str, str]) -> None:
        """Store these among its credentials."""


class Keeper(Protocol):
    """Where credentials are renewed that several processes share."""

    def held(self, account: "Account") -> AbstractAsyncContextManager[Held]:
        """The account as it is stored now, for the length of a block."""


class Reports(Protocol):
    """Where the reports are noted that an account was promised (`reports.report`)."""

    async def promised(self, question: str) -> str | None:
        """The vendor's id of what was asked for lately."""

    async def note(self, question: str, report: str) -> None:
        """It was promised now."""

    async def forget(self, question: str) -> None:
        """It was read, or will never be."""


@dataclass(frozen=True, slots=True)
class Account:
    """A tenant's account at a platform; its credentials stay out of every representation. Without a
    `keeper`, a refresh token that a vendor replaces is known to this process alone, and without
    `reports`, so is a report that it has promised."""

    tenant_id: str
    account_id: str
    credentials: Mapping[str, str] = field(repr=False)
    keeper: Keeper | None = field(default=None, repr=False, compare=False)
    reports: Reports | None = field(default=None, repr=False, compare=False)

    def secret(self, name: str) -> str:
        """A credential, or the empty string when the tenant never gave it."""
        return self.credentials.get(name, "")


@dataclass(frozen=True, slots=True)
class Request:
    """What goes over the wire. Secrets travel in `headers` and `params`, never in the body."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one event; `error` carries no secrets and no details of people."""

    verdict: Verdict
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one request: a result for each event, in order.

    `receipt` is the platform's own id of a request that it judges later (`Judging`).
    `opaque` tells that the platform refused the request as a whole: without saying which event it
    means, when all are rejected; else because of those that are. `pause_seconds` is how long the
    account asks to be left alone."""

    results: tuple[Result, ...]
    http_status: int | None
    latency_ms: int
    request_digest: str
    response_digest: str | None = None
    opaque: bool = False
    pause_seconds: float = 0.0
    receipt: str | None = None


LaterVerdict = Literal["pending", "sent", "rejected", "retry", "reauth", "unknown", "mixed"]
"""Of a whole request that was taken. `pending`: nothing yet. `sent`: its events are taken for good.
`rejected`, `retry`, `reauth`: none is, as with a `Verdict`. `unknown`: some are, and the others may
be later, so that all must be told again. `mixed`: some never will be, without saying which."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a platform says later of a request; `error` carries no secrets and no details of people,
    and `pause_seconds` is how long the account asks to be left alone."""

    verdict: LaterVerdict
    error: str | None = None
    pause_seconds: float = 0.0


def deadline_ms(connector: "Connector", delivery: Delivery) -> int:
    """Until when the platform accepts the delivery, epoch milliseconds."""
    return delivery.occurred_at + connector.accepted_for_ms


class Connector(Protocol):
    """One platform. `connection` is what a tenant has to say of an account, `batch_limit` the most
    events that a request may carry, and an event is accepted until `accepted_for_ms` after it
    occurred. `retracts` names the kinds of delivery beside events that it takes: refunds and a
    cancel by what they take back, or `adjust` by what is left (then refunds are told so)."""

    platform: ClassVar[Platform]
    connection: ClassVar[Connection]
    batch_limit: ClassVar[int]
    accepted_for_ms: ClassVar[int]
    retracts: ClassVar[frozenset[DeliveryKind]]

    @classmethod
    def load(cls, clock: Clock) -> Self:
        """With the settings of the environment."""

    def group(self, delivery: Delivery) -> str:
        """Deliveries of one account may share a request when their groups are equal."""

    def dedupe_window_ms(self, delivery: Delivery) -> int | None:
        """How long after a first request the platform itself absorbs a second one; None: never."""

    def refusal(self, delivery: Delivery) -> str | None:
        """Why the platform can never take it, or None."""

    async def send(self, account: Account, deliveries: Sequence[Delivery]) -> Answer:
        """One request with these deliveries (of one group, all without a refusal)."""

    async def close(self) -> None:
        """Close the connections."""


@runtime_checkable
class Judging(Protocol):
    """A connector whose platform says later what became of a request that it took."""

    async def verdict_later(self, account: Account, receipt: str, n: int) -> Heard:
        """What became of the request with this receipt, of `n` events. Whatever stands in the way
        of asking is `pending`: it says nothing of them."""


Keys = Mapping[tuple[str, str, str], bytes]
"""(tenant, subject, key id) to a person's key."""


@runtime_checkable
class Opening(Protocol):
    """A connector that opens sealed details: it is given the keys of the people whom it may be
    about to tell of, just before. Who has none was erased and is not told of, or has a key that is
    not here yet, which is waited for."""

    def give(self, keys: Keys) -> None:
        """Keys that are still there."""
