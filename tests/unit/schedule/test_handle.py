"""When a job is due."""

import pytest

from processors.schedule.handle import Due, Outcome, Patience, Run, due, slot

HOUR = 3_600_000
NOW = 1_780_000_123_456
SLOT = slot(NOW, 3_600)
PATIENCE = Patience(attempts=3, retry_ms=60_000)


def ask(latest: Run | None, *, now: int = NOW) -> Due | None:
    return due(latest, now=now, every_seconds=3_600, patience=PATIENCE)


def run(outcome: Outcome, *, scheduled_for: int = SLOT, attempt: int = 1) -> Run:
    return Run(scheduled_for, attempt, outcome, None if outcome == "running" else NOW)


def test_slots_are_the_same_for_everybody_and_daily_is_midnight() -> None:
    assert slot(86_400_000 * 5 + 7, 86_400) == 86_400_000 * 5
    assert slot(NOW, 3_600) == slot(SLOT, 3_600) == slot(SLOT + HOUR - 1, 3_600)


def test_a_job_with_a_time_of_day_has_its_slot_then_and_not_at_midnight() -> None:
    day, three = 86_400_000, 3 * HOUR
    assert slot(day * 5 + three, 86_400, 3 * 3_600) == day * 5 + three
    assert slot(day * 5 + three - 1, 86_400, 3 * 3_600) == day * 4 + three
    latest = run("ok", scheduled_for=day * 4 + three)
    for now, wanted in ((day * 5, None), (day * 5 + three, Due(day * 5 + three, 1))):
        found = due(latest, now=now, every_seconds=86_400, patience=PATIENCE, at=3 * 3_600)
        assert found == wanted


def test_a_job_that_is_new_is_noted_and_first_runs_in_the_next_slot() -> None:
    assert ask(None) == Due(SLOT, 1, registers=True)
    assert ask(run("registered")) is None
    assert ask(run("registered"), now=SLOT + HOUR) == Due(SLOT + HOUR, 1)


@pytest.mark.parametrize("outcome", ["registered", "ok", "failed", "abandoned"])
def test_slots_that_were_missed_are_one_run(outcome: Outcome) -> None:
    assert ask(run(outcome, scheduled_for=SLOT - 50 * HOUR, attempt=3)) == Due(SLOT, 1)


def test_what_runs_or_is_done_is_not_due() -> None:
    assert ask(run("ok")) is None
    assert ask(run("running")) is None
    assert ask(run("running", scheduled_for=SLOT - HOUR)) is None


def test_a_failed_slot_is_tried_again_later_and_not_for_ever() -> None:
    assert ask(run("failed")) is None
    assert ask(run("failed"), now=NOW + 60_000) == Due(SLOT, 2)
    assert ask(run("failed", attempt=3), now=NOW + 60_000) is None


def test_a_slot_whose_process_died_is_run_again_at_once() -> None:
    assert ask(run("abandoned")) == Due(SLOT, 2)
