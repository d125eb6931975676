"""What becomes of a delivery: pure rules, on integers of milliseconds.

The one that matters most: a request without an answer may have been accepted. Such a delivery is
*in doubt*, and is sent again only while the platform itself would absorb the repetition. Its
deadline moves to the end of that time, so that no later failure can stretch it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from processors.domain import ids
from processors.domain.consent import DENIED, FLAGS, GRANTED, WHATSAPP, Decision, effective
from processors.fanout.settings import FanoutSettings
from processors.platforms.base import Result
from processors.platforms.resilience import QUICK_SECONDS, backoff_seconds
from schemas.delivery import Delivery
from schemas.envelope import Consent
from schemas.joining import joining_nodes

State = Literal["queued", "parked", "sent", "rejected", "unknown", "filtered"]
FINAL: Final = frozenset({"sent", "rejected", "unknown", "filtered"})
NO_CONSENT: Final = "consent_denied"
SUPPRESSED: Final = "suppressed"
NOT_RETRACTABLE: Final = "not_retractable"
ERASED: Final = "erased"
DOUBTED: Final = ", after a request without an answer"
NO_KEY: Final = "the key of its details is not here yet"
_EARLY_MS: Final = (1_000, 30_000)
"""How soon, and how late, an absent key is looked for again."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of the queue. `attempts` counts the requests made before the next one; only rows whose
    `apart` is equal may share one; `traceparent` is that of the record that brought it, if it is
    traced."""

    delivery: Delivery
    attempts: int
    first_attempt_ms: int | None
    deadline_ms: int
    apart: str = ""
    traceparent: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What names it within its platform."""
        return self.delivery.tenant_id, self.delivery.event_id, self.delivery.kind


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a row becomes."""

    row: Waiting
    state: State
    next_attempt_ms: int
    deadline_ms: int
    http_status: int | None = None
    error: str | None = None


def records(delivery: Delivery) -> list[tuple[str, str]]:
    """(tenant, record) of what it tells of: the event that it came from, and the order."""
    tenant, found = delivery.tenant_id, []
    if delivery.source_event_id is not None:
        found.append((tenant, ids.touchpoint_id(tenant, delivery.source_event_id)))
    if delivery.order_id is not None:
        source = delivery.source or "api"
        found.append((tenant, ids.conversion_id(tenant, source, delivery.order_id)))
    return found


Window = Callable[[Delivery], int | None]


def settle(
    row: Waiting,
    result: Result,
    *,
    now_ms: int,
    settings: FanoutSettings,
    window: Window,
    http_status: int | None = None,
    pause_seconds: float = 0.0,
) -> Settlement:
    """What a row becomes after a request; `row.attempts` includes it."""
    state: State
    deadline_ms, rest = row.deadline_ms, _rest(row, settings)
    match result.verdict:
        case "sent" | "rejected":
            state, rest = result.verdict, 0.0
        case "unwanted":
            state, rest = "filtered", 0.0
        case "retry":
            state = _waiting(row)
        case "throttled":
            state, rest = _waiting(row), max(rest, pause_seconds)
        case "reauth":
            state, rest = "parked", settings.reauth_seconds
        case "unknown":
            safe_until = doubt_ends_ms(row, settings=settings, window=window)
            deadline_ms = min(deadline_ms, safe_until)
            state = _waiting(row) if now_ms < deadline_ms else "unknown"
    return Settlement(
        row=row,
        state=state,
        next_attempt_ms=now_ms + round(rest * 1000),
        deadline_ms=deadline_ms,
        http_status=http_status,
        error=result.error,
    )


def doubt_ends_ms(row: Waiting, *, settings: FanoutSettings, window: Window) -> int:
    """Until when the platform would absorb a repetition of the first request; 0: never."""
    absorbed_ms = window(row.delivery)
    if absorbed_ms is None or row.first_attempt_ms is None:
        return 0
    return row.first_attempt_ms + absorbed_ms - round(settings.doubt_margin_seconds * 1000)


def _waiting(row: Waiting) -> State:
    return "queued" if row.attempts <= len(QUICK_SECONDS) else "parked"


def _rest(row: Waiting, settings: FanoutSettings) -> float:
    return backoff_seconds(
        row.attempts,
        first_seconds=settings.park_first_seconds,
        max_seconds=settings.park_max_seconds,
    )


def unsent(row: Waiting, *, now_ms: int, state: State, error: str | None) -> Settlement:
    """What a row becomes without a request."""
    return Settlement(row, state, now_ms, row.deadline_ms, error=error)


def doubted(settled: Settlement) -> Settlement:
    """What ends without a request after one that had no answer: it may count there already."""
    return replace(settled, state="unknown", error=f"{settled.error}{DOUBTED}")


def early(row: Waiting, *, now_ms: int) -> Settlement:
    """A row that came before the key of its details, which a gateway brings when it can: looked at
    again after a tenth of its age."""
    soonest, latest = _EARLY_MS
    rest = min(max((now_ms - row.delivery.occurred_at) // 10, soonest), latest)
    return Settlement(row, "queued", now_ms + rest, row.deadline_ms, error=NO_KEY)


def follows(delivery: Delivery) -> str | None:
    """The id of the purchase that a retraction follows; None for an event."""
    if delivery.kind == "event" or not delivery.order_id:
        return None
    return ids.purchase_event_id(
        tenant=delivery.tenant_id,
        source=delivery.source or "api",
        order_id=delivery.order_id,
        platform=delivery.platform,
    )


def nodes(delivery: Delivery) -> list[str]:
    """The ids of the graph by which a delivery's person is found."""
    own = joining_nodes(delivery)
    return [*own, delivery.person_id] if delivery.person_id else own


def consent_now(delivery: Delivery, decided: Iterable[Decision], *, when_absent: str) -> Consent:
    """What the person allows now. Where silence means denial it is said, since a platform that is
    not told would assume the best."""
    found = effective(delivery.consent, at=delivery.occurred_at, decisions=decided)
    if when_absent == GRANTED:
        return found
    said = {name: getattr(found, name) or DENIED for name in FLAGS} | {WHATSAPP: found.whatsapp}
    return Consent.model_validate(said)


@dataclass(frozen=True, slots=True)
class Turn:
    """What a tenant may send now: so many requests."""

    tenant_id: str
    requests: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one tenant that go in one request."""

    tenant_id: str
    rows: tuple[Waiting, ...]


def batches(
    rows: Sequence[Waiting],
    turns: Sequence[Turn],
    *,
    group: Callable[[Delivery], str],
    batch_limit: int,
    most: int,
) -> list[Batch]:
    """At most `most` requests, each tenant within its turn, the tenants taking turns; rows keep
    their order, which is that of their deadlines."""
    queues = {turn.tenant_id: _grouped(rows, turn, group, batch_limit) for turn in turns}
    chosen: list[Batch] = []
    depth = 0
    while len(chosen) < most:
        layer = [queue[depth] for queue in queues.values() if depth < len(queue)]
        if not layer:
            break
        chosen += layer[: most - len(chosen)]
        depth += 1
    return chosen


def _grouped(
    rows: Sequence[Waiting], turn: Turn, group: Callable[[Delivery], str], batch_limit: int
) -> list[Batch]:
    open_groups: dict[str, list[Waiting]] = {}
    filled: list[list[Waiting]] = []
    for row in rows:
        if row.delivery.tenant_id != turn.tenant_id:
            continue
        name = f"{row.apart} {group(row.delivery)}"
        current = open_groups.get(name)
        if current is None or len(current) == batch_limit:
            if len(filled) == turn.requests:
                continue
            current = open_groups[name] = []
            filled.append(current)
        current.append(row)
    return [Batch(turn.tenant_id, tuple(part)) for part in filled]
