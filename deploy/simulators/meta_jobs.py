"""Meta's asynchronous jobs of Insights: a question that is posted has a `report_run_id`, whose
status is asked for, and whose rows are there when it is `Job Completed`, not at 100 percent before.

How they go comes by `/_sim/rows`: `polls` is how often a job is not completed yet, and with `fails`
it fails.
"""

from dataclasses import dataclass
from typing import Any, Final

from deploy.simulators.refused import Refused

PATH: Final = "/{version}/{run}"
_KNOWN: Final = frozenset(
    {"id", "account_id", "async_status", "async_percent_completion", "time_ref", "time_completed"}
)


@dataclass(slots=True)
class _Job:
    account: str
    asked: dict[str, str]
    polls: int
    is_done: bool = False


class Jobs:
    """All that were asked for."""

    def __init__(self) -> None:
        self._jobs: dict[str, _Job] = {}
        self._polls = 0
        self._fails = False

    @property
    def count(self) -> int:
        """How many."""
        return len(self._jobs)

    def told(self, given: dict[str, Any]) -> None:
        """How the next jobs go."""
        self._polls = int(given.get("polls", self._polls))
        self._fails = bool(given.get("fails", self._fails))

    def start(self, account: str, asked: dict[str, str]) -> dict[str, str]:
        """Another."""
        run = f"{600_000 + len(self._jobs)}"
        self._jobs[run] = _Job(account, asked, self._polls)
        return {"report_run_id": run}

    def account(self, run: str) -> str:
        """Whose it is.

        Raises:
            Refused: for one that nobody asked for.
        """
        if run not in self._jobs:
            raise Refused("Object does not exist or no permission", subcode=33)
        return self._jobs[run].account

    def status(self, run: str, fields: str) -> dict[str, Any]:
        """How far it is.

        Raises:
            Refused: for a field that is none.
        """
        job = self._jobs[run]
        if set(filter(None, fields.split(","))) - _KNOWN:
            raise Refused("Tried accessing nonexisting field")
        job.polls -= 1
        job.is_done = job.polls < 0 and not self._fails
        status = "Job Completed" if job.is_done else "Job Failed" if self._fails else "Job Running"
        # Its own percentage is ahead of it.
        return {"id": run, "async_status": status, "async_percent_completion": 100}

    def found(self, run: str) -> dict[str, str]:
        """The question that it answers.

        Raises:
            Refused: while it is not completed.
        """
        if not self._jobs[run].is_done:
            raise Refused("Loading Async Ads Report Failed", code=2601, subcode=1815107)
        return self._jobs[run].asked
