"""The scheduler's jobs, and whether alerts reach anybody."""

import json
from datetime import UTC, datetime, timedelta
from typing import Final

import sql
from processors.commands.doctor.finding import Finding, Patient
from processors.engine.postgres import Row
from processors.schedule import store
from processors.schedule.jobs import JOBS
from processors.schedule.settings import ScheduleSettings

QUERIES: Final = sql.load("doctor")
PART: Final = "jobs"
LATE: Final = timedelta(minutes=10)
_LEAST_SHOWN: Final = 3


async def look(patient: Patient) -> list[Finding]:
    """The latest run of each, and what was not told."""
    assert patient.db is not None
    now = datetime.fromtimestamp(patient.now / 1_000, UTC)
    settings = ScheduleSettings.load()
    async with patient.db.connection() as conn:
        runs = await store.shown_runs(conn)
        found = [_untold(row) for row in await conn.fetch(QUERIES["untold_alerts"])]
        standing = await conn.fetch(QUERIES["open_incidents"])
        made = await conn.fetchval(QUERIES["database_made"])
    found += [_incident(row) for row in standing]
    late: list[tuple[str, datetime]] = []
    for name, job in JOBS.items():
        run = runs.get(name)
        if run is None:
            continue
        if run["outcome"] in ("failed", "abandoned"):
            why = json.loads(run["detail"]).get("error", "no reason noted")
            text = f"{name} {run['outcome']}: {why}"
            at = run["finished_at"]
            found.append(Finding("warning", PART, text, f"attributary job {name}", at))
        due = run["scheduled_for"] + timedelta(seconds=job.every_seconds(settings))
        if now > due + LATE:
            late.append((name, due))
    if not runs and now < made + LATE:
        found.append(
            Finding("note", PART, "no job has run yet: Postgres was set up only now", "", made)
        )
    elif not runs:
        text = "no job has ever run"
        found.append(Finding("warning", PART, text, "attributary restart schedule"))
    elif len(late) > _LEAST_SHOWN:
        text = f"{len(late)} jobs are overdue: nobody leads the scheduler"
        since = min(due for _, due in late)
        found.append(Finding("critical", PART, text, "attributary restart schedule", since))
    else:
        found += [
            Finding("warning", PART, f"{name} is overdue", f"attributary job {name}", due)
            for name, due in late
        ]
    if not runs or any(finding.is_wrong for finding in found):
        return found
    return [*found, Finding("ok", PART, f"{len(runs)} jobs are up to date")]


def _untold(row: Row) -> Finding:
    text = f"{row['n']} alerts by {row['channel']} are {row['state']}: {row['error']}"
    mail = "set ATTRIBUTARY_SMTP_HOST and restart schedule"
    do = mail if row["channel"] == "email" else f"attributary alert list {row['tenant_id']}"
    return Finding("warning", "alerts", text, do, row["since"])


def _incident(row: Row) -> Finding:
    text = f"{row['tenant_id']}: {row['metric']} {row['platform']}".rstrip()
    text += f" is {row['comparison']} {row['threshold']} ({row['value']})"
    return Finding(
        "note", "alerts", text, f"attributary alert list {row['tenant_id']}", row["since"]
    )
