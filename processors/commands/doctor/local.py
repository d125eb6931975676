"""The processes on this machine: what is down or dies again and again, and the end of its log."""

import shutil
from datetime import datetime
from pathlib import Path
from typing import Final

from processors.commands.doctor.finding import Finding, Patient, Service

PART: Final = "processes"
FREE_BYTES: Final = 1 << 30
FREE_SHARE: Final = 0.03
_FINE: Final = ("ready", "done")
_SHOWN: Final = 160


async def look(patient: Patient) -> list[Finding]:
    """Each service that is not as it should be."""
    services = patient.services
    if not services:
        return []
    if not services[0].supervised:
        text = "the supervisor is gone, and all that it ran with it"
        return [Finding("critical", PART, text, "attributary up")]
    found = [finding for service in services if (finding := _judged(service)) is not None]
    disk = shutil.disk_usage(Path(services[0].log).parent)
    if disk.free < max(FREE_BYTES, FREE_SHARE * disk.total):
        text = f"the disk has {disk.free / (1 << 30):.1f} GB left, for spool, Kafka and Postgres"
        found.append(Finding("critical", PART, text, "free some, or: attributary down --wipe"))
    return found or [Finding("ok", PART, f"{len(services)} processes are up")]


def _judged(service: Service) -> Finding | None:
    last = f"; its log ends: {_end(service)}" if service.tail else ""
    do = f"attributary restart {service.name}"
    since = service.started_at and datetime.fromisoformat(service.started_at)
    if service.condition in _FINE:
        if not service.restarts:
            return None
        text = f"{service.name} is up and was started again {service.restarts} times"
        return Finding("note", PART, text, f"less {service.log}", since or None)
    if service.condition == "failed":
        text = f"{service.name} failed with exit code {service.last_exit}{last}"
        return Finding("critical", PART, text, f"mend it, then: {do}", since or None)
    if service.condition == "backoff" or service.restarts > 1:
        text = (
            f"{service.name} dies (exit code {service.last_exit}) after {service.restarts} starts"
        )
        return Finding("critical", PART, text + last, f"mend it, then: {do}", since or None)
    text = f"{service.name} is {service.condition}{last}"
    return Finding("warning", PART, text, f"wait, or {do}", since or None)


def _end(service: Service) -> str:
    """The last line that is no blank, cut."""
    lines = [line.strip() for line in service.tail if line.strip()]
    return lines[-1][:_SHOWN] if lines else ""
