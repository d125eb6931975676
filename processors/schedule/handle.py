"""When a job is due: pure, from its latest run and the time. Slots are multiples of the cadence
since the epoch, or lie so many seconds after one: every replica means the same one by "now"."""

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["registered", "running", "ok", "failed", "abandoned"]


@dataclass(frozen=True, slots=True)
class Run:
    """The latest run of a job by the clock; times in epoch milliseconds."""

    scheduled_for: int
    attempt: int
    outcome: Outcome
    finished_at: int | None


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be done now. `registers` only notes that the job is known: its first run is the
    next slot's, not one for every slot since the epoch."""

    scheduled_for: int
    attempt: int
    registers: bool = False


@dataclass(frozen=True, slots=True)
class Patience:
    """How often, and after how many milliseconds, a slot is tried again."""

    attempts: int
    retry_ms: int


def slot(now: int, every_seconds: int, at: int = 0) -> int:
    """The latest time at which the job was to run: `at` seconds after a multiple of the cadence."""
    every, after = every_seconds * 1_000, at * 1_000
    return (now - after) // every * every + after


def due(
    latest: Run | None, *, now: int, every_seconds: int, patience: Patience, at: int = 0
) -> Due | None:
    """What is due; slots that were missed are one run, for the latest of them."""
    current = slot(now, every_seconds, at)
    if latest is None:
        return Due(current, 1, registers=True)
    if latest.outcome == "running":
        return None
    if current > latest.scheduled_for:
        return Due(current, 1)
    if latest.outcome in ("failed", "abandoned") and latest.attempt < patience.attempts:
        wait = patience.retry_ms if latest.outcome == "failed" else 0
        if now >= (latest.finished_at or 0) + wait:
            return Due(latest.scheduled_for, latest.attempt + 1)
    return None
