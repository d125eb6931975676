"""The rows of alerts: rules, what stands, what is read, and whom to tell."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sql
from processors.domain.quality.alerting import Reading, Rule, Standing
from processors.engine.postgres import Connection, Database, Row
from processors.schedule.alerts.telling import Channel, Found, Outcome

QUERIES: Final = sql.load("alerts")
READINGS: Final = (
    "read_conservation", "read_deliveries", "read_health", "read_matches", "read_orders",
    "read_pipeline", "read_pixels", "read_platform_matches", "read_spend",
)  # fmt: skip

RESEALED: Final = ("sealed_alerts", "reseal_alert")
"""The queries that put secrets under another key."""

Key = tuple[str, str]
"""Tenant and alert."""
Place = tuple[str, str, str]
"""Tenant, alert and platform."""


@dataclass(frozen=True, slots=True)
class Alert:
    """What is watched, and who is told."""

    metric: str
    rule: Rule
    targets: tuple[tuple[Channel, str], ...]


@dataclass(frozen=True, slots=True)
class Due:
    """A notification that is claimed for a try; `sealed` is the encrypted secret of its alert."""

    tenant: str
    notification: str
    channel: Channel
    target: str
    told: dict[str, Any]
    created_at: int
    sealed: str | None


async def alerts(conn: Connection, tenant: str | None) -> dict[Key, Alert]:
    """Every alert, or the tenant's."""
    rows = await conn.fetch(QUERIES["alerts"], tenant)
    return {(row["tenant_id"], row["config_id"]): alert(row) for row in rows}


def alert(row: Row) -> Alert:
    """Of a row of the table."""
    rule = Rule(
        row["comparison"],
        float(row["threshold"]),
        row["least_cases"],
        row["window_minutes"],
        row["cooldown_minutes"],
    )
    emails: list[tuple[Channel, str]] = [("email", address) for address in row["emails"]]
    url = row["webhook_url"]
    hooks: list[tuple[Channel, str]] = [] if url is None else [("webhook", url)]
    return Alert(row["metric"], rule, (*emails, *hooks))


async def standing(conn: Connection, tenant: str | None) -> dict[Place, tuple[Standing, Found]]:
    """The latest incident of each alert at each platform."""
    rows = await conn.fetch(QUERIES["standing"], tenant)
    return {
        (row["tenant_id"], row["config_id"], row["platform"]): (
            Standing(row["ended_at"], row["seen_at"]),
            Found(
                row["tenant_id"], row["config_id"], row["incident_id"], row["metric"],
                row["platform"], row["comparison"], row["threshold"], row["latest_value"],
                row["cases"], row["started_at"],
            ),
        )
        for row in rows
    }  # fmt: skip


async def readings(conn: Connection, tenant: str | None, *, now: int) -> dict[Place, Reading]:
    """What is read for every alert, at each platform that it is about."""
    found: dict[Place, Reading] = {}
    for name in READINGS:
        for row in await conn.fetch(QUERIES[name], now, tenant):
            place = (row["tenant_id"], row["config_id"], row["platform"])
            found[place] = Reading(row["value"], row["cases"])
    return found


async def start(conn: Connection, found: Sequence[Found], *, now: int) -> set[str]:
    """Start incidents; returns those that nobody else has started meanwhile."""
    columns = _columns(
        [
            (
                one.tenant, one.incident, one.alert, one.platform, one.metric, one.comparison,
                one.threshold, one.value, one.cases,
            )
            for one in found
        ]
    )  # fmt: skip
    rows = await conn.fetch(QUERIES["start_incidents"], *columns, now) if found else []
    return {row["incident_id"] for row in rows}


async def end(conn: Connection, found: Sequence[Found], *, now: int) -> set[str]:
    """End incidents; returns those that stood until now."""
    columns = _columns(
        [(one.tenant, one.incident, one.ended_by, one.value, one.cases) for one in found]
    )
    rows = await conn.fetch(QUERIES["end_incidents"], *columns, now) if found else []
    return {row["incident_id"] for row in rows}


async def see(conn: Connection, found: Sequence[Found], *, now: int) -> None:
    """Note what was read of incidents that stand."""
    columns = _columns([(one.tenant, one.incident, one.value, one.cases) for one in found])
    if found:
        await conn.execute(QUERIES["see_incidents"], *columns, now)


async def put(
    conn: Connection, told: Sequence[tuple[Channel, str, dict[str, Any]]], now: int
) -> None:
    """Put down whom to tell what: channel, target, document."""
    columns = _columns(
        [
            (
                body["tenant_id"], body["id"], body["incident_id"], body["alert"], body["change"],
                channel, target, json.dumps(body),
            )
            for channel, target, body in told
        ]
    )  # fmt: skip
    if told:
        await conn.execute(QUERIES["put_notifications"], *columns, now)


async def claim(
    db: Database, tenant: str | None, *, now: int, retry_seconds: int, most: int
) -> list[Due]:
    """Notifications to be tried now; each is ours until it would be tried again."""
    async with db.connection() as conn:
        args = (now, tenant, retry_seconds, most)
        rows = await conn.fetch(QUERIES["claim_notifications"], *args)
    return [
        Due(
            row["tenant_id"], row["notification_id"], row["channel"], row["target"],
            json.loads(row["body"]), row["created_at"], row["sealed"],
        )
        for row in rows
    ]  # fmt: skip


async def settle(db: Database, due: Due, outcome: Outcome, *, now: int) -> None:
    """Note how a try went."""
    args = (due.tenant, due.notification, outcome.state, outcome.error, now)
    async with db.connection() as conn:
        await conn.execute(QUERIES["settle_notification"], *args)


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
