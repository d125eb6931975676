"""How sound a platform's signal was on a day.

The score is the worst of three: the event match quality, the share of the deliveries that were
accepted, and the value of their freshness; less 10 for every anomaly of the day. It is the worst
and not the mean, because a platform that hears nothing is not healthy for hearing it well.
"""

from typing import Final, Literal

from processors.domain.quality import emq

State = Literal["HEALTHY", "DEGRADED", "UNHEALTHY"]
Status = Literal["ok", "risk", "degraded", "critical"]

PER_ANOMALY: Final = 10.0
_STATES: Final[tuple[tuple[float, State], ...]] = ((70, "HEALTHY"), (40, "DEGRADED"))
_BY_BAND: Final[dict[emq.Band, Status]] = {
    "reliable": "ok",
    "directional": "risk",
    "unsafe": "degraded",
    "critical": "critical",
}


def health(
    score: float | None, *, accepted_pct: float | None, freshness_hours: float, anomalies: int
) -> float:
    """0 to 100, to two decimals; `score` and `accepted_pct` are null on a day without events."""
    known = [emq.of_hours("Data Freshness", freshness_hours)]
    known += [value for value in (score, accepted_pct) if value is not None]
    return round(max(0.0, min(known) - PER_ANOMALY * anomalies), 2)


def state(found: float) -> State:
    """The state that a health score means."""
    return next((name for least, name in _STATES if found >= least), "UNHEALTHY")


def status(score: float | None, found: float) -> Status:
    """The stricter of what the event match quality and the health score say, both by the bands of
    the former: DEGRADED is at risk at least, UNHEALTHY critical."""
    return _BY_BAND[emq.band(found if score is None else min(score, found))]
