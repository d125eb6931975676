"""The consuming groups: members, how far behind, whether that grows, and what they wait for."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import httpx

from processors.commands.doctor.finding import Finding, Patient, Service
from processors.engine.cluster import Cluster
from processors.engine.lag import Behind, behind
from processors.registry import PROCESSORS

PART: Final = "groups"
APART_SECONDS: Final = 2.0
READY_SECONDS: Final = 1.5


async def look(patient: Patient) -> list[Finding]:
    """Two looks at the lag, some seconds apart, tell whether it grows or shrinks."""
    cluster = patient.cluster
    assert cluster is not None
    first = _by_group(await behind(cluster))
    said, idle, _ = await asyncio.gather(
        _said(patient.services), _without_members(cluster), asyncio.sleep(APART_SECONDS)
    )
    second = _by_group(await behind(cluster))
    found = []
    for group, rows in second.items():
        before, now = _lag(first[group]), _lag(rows)
        moved = _committed(rows) - _committed(first[group])
        waits = said.get(group, [])
        at = await _oldest(cluster, rows) if now else None
        if group in idle:
            text = f"{group} has no member, and {now:,} records wait"
            found.append(Finding("critical", PART, text, _start(patient, group), at))
        elif not now:
            found.append(Finding("ok", PART, f"{group} is at the end of its topics"))
        elif moved <= 0 and waits:
            text = f"{group} stands still before {now:,} records and says: {'; '.join(waits)}"
            found.append(Finding("critical", PART, text, "mend what it waits for", at))
        elif moved <= 0:
            text = f"{group} stands still before {now:,} records"
            found.append(Finding("warning", PART, text, _again(patient, group), at))
        elif now > before:
            text = f"{group} falls behind: {now:,} records wait, {now - before:,} more than before"
            found.append(Finding("warning", PART, text, f"attributary run {group} --replica N", at))
        else:
            seconds = now / max(1, moved) * APART_SECONDS
            text = f"{group} catches up: {now:,} records wait, about {seconds:,.0f} s"
            found.append(Finding("note", PART, text, "", at))
    found += [
        Finding("critical", PART, f"{group} has no member", _start(patient, group))
        for group in idle
        if group not in second
    ]
    if not idle:
        found.append(Finding("ok", PART, "every processor has a member in its group"))
    return found


def _by_group(rows: list[Behind]) -> dict[str, list[Behind]]:
    found: dict[str, list[Behind]] = {}
    for row in rows:
        found.setdefault(row.group, []).append(row)
    return found


def _lag(rows: list[Behind]) -> int:
    return sum(row.lag for row in rows)


def _committed(rows: list[Behind]) -> int:
    return sum(row.committed or 0 for row in rows)


def _start(patient: Patient, group: str) -> str:
    return f"attributary {'restart' if _is_local(patient, group) else 'run'} {group}"


def _is_local(patient: Patient, group: str) -> bool:
    return any(_processor(service.name) == group for service in patient.services)


def _again(patient: Patient, group: str) -> str:
    """For a group whose members neither work nor say why: safe, since what they did not commit
    comes again."""
    local = _is_local(patient, group)
    again = f"attributary restart {group}" if local else "restart its processes"
    return f"{again}, if it stays so; its log tells why"


async def _without_members(cluster: Cluster) -> list[str]:
    busy = await cluster.busy(PROCESSORS)
    return [name for name in PROCESSORS if name not in busy]


async def _oldest(cluster: Cluster, rows: list[Behind]) -> datetime | None:
    """When the record came that waits first in the partition that is furthest behind."""
    worst = max(rows, key=lambda row: row.lag)
    at = await cluster.record_at((worst.topic, worst.partition), worst.end - worst.lag)
    return None if at is None else datetime.fromtimestamp(at.timestamp / 1_000, UTC)


async def _said(services: Sequence[Service]) -> dict[str, list[str]]:
    """Group -> why its processes on this machine are not ready, as they say themselves."""
    found: dict[str, list[str]] = {}
    async with httpx.AsyncClient(timeout=READY_SECONDS, trust_env=False) as client:
        answers = await asyncio.gather(*(_ask(client, service) for service in services))
    for service, reasons in zip(services, answers, strict=True):
        if reasons:
            found.setdefault(_processor(service.name), []).extend(reasons)
    return found


async def _ask(client: httpx.AsyncClient, service: Service) -> list[str]:
    if service.ready_url is None or not service.ready_url.startswith("http"):
        return []
    try:
        answer = (await client.get(service.ready_url)).json()
    except (httpx.HTTPError, ValueError):
        return []
    return [str(reason) for reason in answer.get("reasons", [])] if answer else []


def _processor(service: str) -> str:
    """`identity-1` is a replica of `identity`."""
    head, _, number = service.rpartition("-")
    return head if number.isdigit() else service
