"""Alerts: one word when it starts, one when it ends, none in between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.domain.quality.alerting import (
    METRICS,
    MINUTE_MS,
    Change,
    Reading,
    Rule,
    Standing,
    decide,
    is_breached,
)

RULE = Rule("below", 0.95, least_cases=20, window_minutes=60, cooldown_minutes=30)
SILENT = 24 * 60 * MINUTE_MS
GOOD, BAD, FEW = Reading(0.99, 100), Reading(0.5, 100), Reading(0.5, 19)
NOW = 1_790_000_000_000
OPEN = Standing(None, NOW)


def ask(
    standing: Standing | None, reading: Reading | None, *, now: int = NOW, rule: Rule = RULE
) -> Change | None:
    return decide(rule, standing, reading, now=now, silent_ms=SILENT)


def test_it_starts_once_and_ends_once() -> None:
    assert ask(None, GOOD) is None
    assert ask(None, BAD) == "started"
    assert ask(OPEN, BAD) is None
    assert ask(OPEN, GOOD) == "ended"


def test_too_few_cases_change_nothing_either_way() -> None:
    assert ask(None, FEW) is None
    assert ask(OPEN, FEW) is None
    assert ask(OPEN, None) is None


def test_within_the_cooldown_it_waits_and_then_starts_again() -> None:
    ended = Standing(NOW, NOW)
    assert ask(ended, BAD, now=NOW + 30 * MINUTE_MS - 1) is None
    assert ask(ended, BAD, now=NOW + 30 * MINUTE_MS) == "started"


def test_an_alert_whose_subject_is_gone_ends_by_itself() -> None:
    assert ask(OPEN, None, now=NOW + SILENT) is None
    assert ask(OPEN, None, now=NOW + SILENT + 1) == "ended"
    slow = Rule("below", 0.95, least_cases=1, window_minutes=2 * 24 * 60, cooldown_minutes=0)
    assert ask(OPEN, None, now=NOW + SILENT + 1, rule=slow) is None


@pytest.mark.parametrize(
    ("comparison", "beyond", "within"),
    [("above", (0.96,), (0.95, 0.0)), ("below", (0.94,), (0.95, 1.0)),
     ("outside", (0.96, -0.96), (0.95, -0.95, 0.0))],
)  # fmt: skip
def test_on_the_threshold_is_not_beyond_it(
    comparison: str, beyond: tuple[float, ...], within: tuple[float, ...]
) -> None:
    rule = Rule(comparison, 0.95, 0, 60, 0)  # type: ignore[arg-type]
    assert all(is_breached(rule, value) for value in beyond)
    assert not any(is_breached(rule, value) for value in within)


@given(st.lists(st.tuples(st.sampled_from([GOOD, BAD, FEW, None]), st.integers(1, 3_000))))
def test_whatever_is_read_starts_and_ends_take_turns(
    readings: list[tuple[Reading | None, int]],
) -> None:
    standing: Standing | None = None
    now, told, ended = NOW, [], 0
    for reading, minutes in readings:
        now += minutes * MINUTE_MS
        change = ask(standing, reading, now=now)
        if change == "started":
            assert now - ended >= RULE.cooldown_minutes * MINUTE_MS
            standing = Standing(None, now)
        elif change == "ended":
            standing, ended = Standing(now, now), now
        elif standing is not None and standing.is_open and reading in (GOOD, BAD):
            standing = Standing(None, now)
        told += [change] if change else []
    assert told == [("started", "ended")[n % 2] for n in range(len(told))]


def test_every_metric_has_a_default_that_can_be_crossed() -> None:
    for name, metric in METRICS.items():
        rule = Rule(metric.comparison, metric.threshold, 0, metric.window_minutes, 0)
        assert {
            is_breached(rule, -1e9),
            is_breached(rule, 1e9),
            is_breached(rule, metric.threshold),
        } == {True, False}, name
