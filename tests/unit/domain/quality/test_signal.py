"""How sound a signal is: the worst of what is known of it, and the stricter of two judgements."""

from typing import Any

import pytest

from processors.domain.quality import signal

FRESH: dict[str, Any] = {"accepted_pct": 100.0, "freshness_hours": 0.0, "anomalies": 0}


@pytest.mark.parametrize(
    ("score", "changes", "health"),
    [
        (85.0, {}, 85),
        (85.0, {"accepted_pct": 62.5}, 62.5),
        (85.0, {"freshness_hours": 6.0}, 50),
        (85.0, {"anomalies": 2}, 65),
        (5.0, {"anomalies": 1}, 0),
        (None, {"accepted_pct": None, "freshness_hours": 24.0}, 0),
        (None, {"accepted_pct": None, "freshness_hours": 1.0}, 80),
    ],
)
def test_health_is_the_worst_of_three_less_the_anomalies(
    score: float | None, changes: dict[str, Any], health: float
) -> None:
    assert signal.health(score, **{**FRESH, **changes}) == health


@pytest.mark.parametrize(
    ("health", "state"),
    [
        (70, "HEALTHY"),
        (69.99, "DEGRADED"),
        (40, "DEGRADED"),
        (39.99, "UNHEALTHY"),
        (0, "UNHEALTHY"),
    ],
)
def test_a_state_starts_at_its_limit(health: float, state: str) -> None:
    assert signal.state(health) == state


@pytest.mark.parametrize(
    ("score", "health", "status"),
    [
        (80.0, 100, "ok"), (79.9, 100, "risk"), (60.0, 100, "risk"), (59.9, 100, "degraded"),
        (39.9, 100, "critical"), (95.0, 69, "risk"), (95.0, 59, "degraded"), (95.0, 39, "critical"),
        (45.0, 30, "critical"), (None, 85, "ok"), (None, 75, "risk"), (None, 39, "critical"),
    ],
)  # fmt: skip
def test_the_stricter_of_match_quality_and_health_is_the_status(
    score: float | None, health: float, status: str
) -> None:
    assert signal.status(score, health) == status
