"""`deploy/prometheus/rules/jobs.yaml`: a job that has not ended well for longer than it may.

That is twice its default cadence, and the time that its attempts take. What no leader has run yet
since the processes started has no time to be late by; then `AttributaryLeaderMissing` or
`AttributaryJobFails` speaks.
"""

from typing import Any, Final

from processors.schedule.jobs import JOBS
from processors.schedule.settings import ScheduleSettings

ALERT: Final = "AttributaryJobLate"


def job_rules() -> list[dict[str, Any]]:
    """The file's groups: a rule for each cadence."""
    settings = ScheduleSettings.model_construct()
    tries = settings.attempts * settings.retry_seconds
    cadences: dict[int, list[str]] = {}
    for job in JOBS.values():
        cadences.setdefault(job.every_seconds(settings), []).append(job.name)
    rules = [
        _rule(every, sorted(names), late_seconds=round(2 * every + tries))
        for every, names in sorted(cadences.items())
    ]
    return [{"name": "jobs", "rules": rules}]


def _rule(every_seconds: int, names: list[str], *, late_seconds: int) -> dict[str, Any]:
    chosen = f'attributary_job_success_time_seconds{{exported_job=~"{"|".join(names)}"}}'
    return {
        "alert": ALERT,
        "expr": f"time() - max by (exported_job) ({chosen}) > {late_seconds}",
        "for": "5m",
        "labels": {"severity": "ticket", "cadence_seconds": str(every_seconds)},
        "annotations": {
            "summary": (
                "{{ $labels.exported_job }} last ended well {{ $value | humanizeDuration }} ago."
            ),
            "runbook_url": f"deploy/runbook.md#{ALERT.lower()}",
        },
    }
