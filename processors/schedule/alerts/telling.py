"""What is told of a change, and what became of a try to tell it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from processors.domain.ids import content_id
from processors.domain.quality.alerting import METRICS, Change

Channel = Literal["email", "webhook"]
State = Literal["pending", "sent", "given_up"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`pending`: to be tried again; `error` has no secret and no address."""

    state: State
    error: str | None = None


SENT = Outcome("sent")


@dataclass(frozen=True, slots=True)
class Found:
    """An incident as it is at its change; times in epoch milliseconds."""

    tenant: str
    alert: str
    incident: str
    metric: str
    platform: str
    comparison: str
    threshold: float
    value: float
    cases: int
    started_at: int
    ended_at: int | None = None
    ended_by: str | None = None


def document(
    found: Found, change: Change | Literal["test"], channel: Channel, target: str
) -> dict[str, Any]:
    """What a receiver gets, the same at each try; `id` is of this change for this receiver."""
    to_whom = {"incident": found.incident, "change": change, "channel": channel, "target": target}
    return {
        "id": content_id({"tenant": found.tenant, **to_whom}),
        "change": change,
        "tenant_id": found.tenant,
        "alert": found.alert,
        "incident_id": found.incident,
        "metric": found.metric,
        "unit": METRICS[found.metric].unit,
        "platform": found.platform or None,
        "comparison": found.comparison,
        "threshold": found.threshold,
        "value": found.value,
        "cases": found.cases,
        "started_at": _time(found.started_at),
        "ended_at": None if found.ended_at is None else _time(found.ended_at),
        "ended_by": found.ended_by,
    }


def subject(told: dict[str, Any]) -> str:
    """One line: who, what, and whether it began or is over.

    >>> subject({"tenant_id": "demo", "metric": "retry_rate", "platform": "meta", "value": 0.25,
    ...          "comparison": "above", "threshold": 0.05, "change": "started"})
    'demo: retry_rate of meta is 0.25, above 0.05'
    """
    of = f" of {told['platform']}" if told["platform"] else ""
    value = f"{told['value']:.6g}"
    if told["change"] == "ended":
        how = {"gone": "has no readings any more"}.get(
            str(told["ended_by"]), f"is well again: {value}"
        )
        return f"{told['tenant_id']}: {told['metric']}{of} {how}"
    beyond = f"{told['comparison']} {told['threshold']:.6g}"
    test = "[test] " if told["change"] == "test" else ""
    return f"{test}{told['tenant_id']}: {told['metric']}{of} is {value}, {beyond}"


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds")
