"""`alerts/evaluate`: read every alert, start and end incidents, and tell who is to be told."""

from dataclasses import dataclass, field, replace
from typing import Any

from processors.domain.ids import content_id
from processors.domain.quality.alerting import Change, Reading, Standing, decide, judged
from processors.schedule.alerts import store
from processors.schedule.alerts.dispatch import dispatch
from processors.schedule.alerts.settings import AlertSettings, SmtpSettings
from processors.schedule.alerts.store import Alert, Place
from processors.schedule.alerts.telling import Channel, Found, document
from processors.schedule.store import Detail
from processors.schedule.tools import Tools


@dataclass(slots=True)
class Changes:
    """What has to be written, by what became of each incident."""

    started: list[Found] = field(default_factory=list)
    ended: list[Found] = field(default_factory=list)
    seen: list[Found] = field(default_factory=list)


async def evaluate(tools: Tools, tenant: str | None) -> Detail:
    """Every tenant's alerts, or the one's; returns how many changed and were told."""
    settings, now = AlertSettings.load(), tools.clock()
    async with tools.db.connection() as conn:
        alerts = await store.alerts(conn, tenant)
        standing = await store.standing(conn, tenant)
        readings = await store.readings(conn, tenant, now=now)
    silent_ms = settings.silent_seconds * 1_000
    changes = _changes(alerts, standing, readings, now=now, silent_ms=silent_ms)
    async with tools.db.transaction() as conn:
        started = await store.start(conn, changes.started, now=now)
        ended = await store.end(conn, changes.ended, now=now)
        await store.see(conn, changes.seen, now=now)
        told = _told(alerts, [f for f in changes.started if f.incident in started], "started")
        told += _told(alerts, [f for f in changes.ended if f.incident in ended], "ended")
        await store.put(conn, told, now)
    tries = await dispatch(tools, settings, SmtpSettings.load(), tenant)
    return {
        "alerts": len(alerts),
        "readings": len(readings),
        "started": len(started),
        "ended": len(ended),
        "told": tries,
    }


def _changes(
    alerts: dict[tuple[str, str], Alert],
    standing: dict[Place, tuple[Standing, Found]],
    readings: dict[Place, Reading],
    *,
    now: int,
    silent_ms: int,
) -> Changes:
    found = Changes()
    for place in sorted(standing.keys() | readings.keys()):
        alert = alerts.get(place[:2])
        if alert is None:
            continue  # made or removed between two of the queries
        reading = readings.get(place)
        state, before = standing.get(place, (None, None))
        change = decide(alert.rule, state, reading, now=now, silent_ms=silent_ms)
        if change == "started" and reading is not None:
            found.started.append(_started(place, alert, reading, now))
        elif state is not None and before is not None and state.is_open:
            is_read = reading is not None and judged(alert.rule, reading) is not None
            if reading is not None and is_read:
                before = replace(before, value=reading.value, cases=reading.cases)
            if change == "ended":
                by = "recovered" if is_read else "gone"
                found.ended.append(replace(before, ended_at=now, ended_by=by))
            elif is_read:
                found.seen.append(before)
    return found


def _started(place: Place, alert: Alert, reading: Reading, now: int) -> Found:
    tenant, name, platform = place
    incident = content_id({"tenant": tenant, "alert": name, "platform": platform, "at": now})
    rule = alert.rule
    return Found(
        tenant, name, incident, alert.metric, platform, rule.comparison, rule.threshold,
        reading.value, reading.cases, now,
    )  # fmt: skip


def _told(
    alerts: dict[tuple[str, str], Alert], found: list[Found], change: Change
) -> list[tuple[Channel, str, dict[str, Any]]]:
    return [
        (channel, target, document(one, change, channel, target))
        for one in found
        for channel, target in alerts[one.tenant, one.alert].targets
    ]
