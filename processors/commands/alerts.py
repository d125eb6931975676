"""`alert add`, `list`, `remove`, `rotate`, `test`: what is watched for a tenant, and who is told
of it."""

import json
import math
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from secrets import token_hex
from typing import Any, Final, get_args

import sql
from processors.commands.operator import Refused, database, must_exist
from processors.domain.channels import PLATFORMS
from processors.domain.quality.alerting import METRICS, Comparison, Metric, judged
from processors.engine.clock import wall_clock
from processors.engine.postgres import Connection
from processors.engine.vault import CannotDecrypt, Vault
from processors.platforms.outward import Forbidden, OutwardSettings, checked
from processors.schedule.alerts import mail, secrets, store, webhook
from processors.schedule.alerts.settings import AlertSettings, SmtpSettings
from processors.schedule.alerts.telling import Found, Outcome, document
from schemas.delivery import Platform

QUERIES: Final = sql.load("alerts")
OPERATOR: Final = sql.load("operator")
COOLDOWN_MINUTES: Final = 60
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_EMAIL: Final = re.compile(r"[^\s@<>,;:\"\\]+@[^\s@<>,;:\"\\]+\.[^\s@<>,;:\"\\]+")
_LONGEST_WINDOW: Final = 31 * 1_440


@dataclass(frozen=True, slots=True)
class Asked:
    """An alert as it is asked for; what is None is the metric's own."""

    metric: str
    name: str = ""
    platform: str = ""
    comparison: Comparison | None = None
    threshold: float | None = None
    window_minutes: int | None = None
    least_cases: int | None = None
    cooldown_minutes: int = COOLDOWN_MINUTES
    emails: tuple[str, ...] = ()
    webhook: str | None = None


def compared(
    asked: Asked, above: float | None, below: float | None, outside: float | None
) -> Asked:
    """With the threshold that is given, if one is.

    Raises:
        Refused: for more than one.
    """
    named: dict[Comparison, float | None] = {"above": above, "below": below, "outside": outside}
    given = [(name, value) for name, value in named.items() if value is not None]
    if len(given) > 1:
        raise Refused("give one of --above, --below and --outside")
    return replace(asked, comparison=given[0][0], threshold=given[0][1]) if given else asked


async def add(tenant: str, asked: Asked) -> dict[str, Any]:
    """Make an alert; returns it, with the secret that signs its webhook, which is shown once.

    Raises:
        Refused: for what cannot be watched or told, or a name that there is.
    """
    metric = _metric(asked)
    _check_targets(asked)
    name = asked.name or "-".join(filter(None, (asked.metric.replace("_", "-"), asked.platform)))
    if not _NAME.fullmatch(name):
        raise Refused(f"{name} is no name: a-z, 0-9, '-', '_' and '.', at most 64")
    window = metric.window_minutes if asked.window_minutes is None else asked.window_minutes
    least = metric.least_cases if asked.least_cases is None else asked.least_cases
    threshold = metric.threshold if asked.threshold is None else asked.threshold
    secret = None if asked.webhook is None else secrets.fresh()
    sealed = None if secret is None else Vault.from_environment().encrypt(secret)
    async with database() as db, db.transaction() as conn:
        await must_exist(conn, tenant)
        made = await conn.fetchval(
            QUERIES["add_alert"], tenant, name, asked.metric, asked.platform,
            asked.comparison or metric.comparison, Decimal(repr(threshold)), least, window,
            asked.cooldown_minutes, list(asked.emails), asked.webhook, sealed,
        )  # fmt: skip
        if made is None:
            raise Refused(f"{tenant} has an alert {name}: give another --name, or remove it")
        await _note(conn, tenant, "alert add", name, metric=asked.metric)
        (row,) = await conn.fetch(QUERIES["alert"], tenant, name)
    told = _shown(row)
    return told if secret is None else {**told, "webhook_secret": secret}


async def listed(tenant: str) -> list[dict[str, Any]]:
    """The tenant's alerts, each with what stands of it."""
    async with database() as db, db.connection() as conn:
        await must_exist(conn, tenant)
        rows = await conn.fetch(QUERIES["alert"], tenant, None)
        stands = await conn.fetch(QUERIES["open_incidents_of"], tenant)
    return [
        {
            **_shown(row),
            "stands": [
                {
                    "platform": one["platform"] or None,
                    "value": float(one["latest_value"]),
                    "since": one["started_at"].isoformat(timespec="seconds"),
                }
                for one in stands
                if one["config_id"] == row["config_id"]
            ],
        }
        for row in rows
    ]


async def remove(tenant: str, name: str) -> None:
    """Take an alert away: what stands of it ends, and nobody is told any more.

    Raises:
        Refused: when there is none of that name.
    """
    async with database() as db, db.transaction() as conn:
        await must_exist(conn, tenant)
        if await conn.fetchval(QUERIES["remove_alert"], tenant, name) is None:
            raise _unknown(tenant, name)
        await conn.execute(QUERIES["end_removed"], tenant, name)
        await conn.execute(QUERIES["cancel_removed"], tenant, name)
        await _note(conn, tenant, "alert remove", name)


async def rotate(tenant: str, name: str, *, grace: timedelta) -> dict[str, Any]:
    """Give an alert another secret, which is shown once; the one before signs beside it for the
    time of grace, so that its receiver can change over in peace.

    Raises:
        Refused: when there is none of that name, it has no webhook, its secret is under a key that
            is not configured, or somebody else replaces it at the same time.
    """
    vault, made = Vault.from_environment(), secrets.fresh()
    until = wall_clock() + round(grace.total_seconds() * 1_000)
    async with database() as db, db.transaction() as conn:
        await must_exist(conn, tenant)
        rows = await conn.fetch(QUERIES["alert"], tenant, name)
        if not rows:
            raise _unknown(tenant, name)
        sealed = rows[0]["webhook_secret_encrypted"]
        if sealed is None:
            raise Refused(f"{name} has no webhook")
        try:
            text = secrets.replaced(vault.decrypt(sealed), made, until=until)
        except CannotDecrypt:
            raise Refused(f"the secret of {name} is under a key that is not configured") from None
        args = (tenant, name, sealed, vault.encrypt(text))
        if await conn.fetchval(QUERIES["reseal_alert"], *args) is None:
            raise Refused(f"the secret of {name} is being replaced: try again")
        await _note(conn, tenant, "alert rotate", name)
    return {"alert": name, "webhook_secret": made, "both_sign_until": _shown_at(until)}


async def test(tenant: str, name: str) -> dict[str, Any]:
    """Read it now, and tell everybody whom it tells, as a test; nothing is kept.

    Raises:
        Refused: when there is none of that name.
    """
    now = wall_clock()
    async with database() as db, db.connection() as conn:
        await must_exist(conn, tenant)
        rows = await conn.fetch(QUERIES["alert"], tenant, name)
        if not rows:
            raise _unknown(tenant, name)
        readings = await store.readings(conn, tenant, now=now)
    alert, sealed = store.alert(rows[0]), rows[0]["webhook_secret_encrypted"]
    read = {place[2]: reading for place, reading in readings.items() if place[:2] == (tenant, name)}
    found = Found(
        tenant, name, "test", alert.metric, "", alert.rule.comparison, alert.rule.threshold,
        alert.rule.threshold, 0, now,
    )  # fmt: skip
    if read:
        platform, reading = next(iter(sorted(read.items())))
        found = replace(found, platform=platform, value=reading.value, cases=reading.cases)
    return {
        "alert": name,
        "readings": [
            {
                "platform": platform or None,
                "value": one.value,
                "cases": one.cases,
                "breached": judged(alert.rule, one),
            }
            for platform, one in sorted(read.items())
        ],
        "told": [
            {"channel": channel, "target": target, "state": said.state, "error": said.error}
            for channel, target in alert.targets
            for said in [await _told(found, channel, target, sealed, now)]
        ],
    }


async def _told(found: Found, channel: Any, target: str, sealed: str | None, now: int) -> Outcome:
    told = document(found, "test", channel, target)
    told["id"] = token_hex(16)
    if channel == "email":
        return await mail.send(SmtpSettings.load(), target, told)
    try:
        text = Vault.from_environment().decrypt(sealed or "")
    except CannotDecrypt:
        return Outcome("pending", "the secret is under a key that is not configured")
    http = webhook.http(AlertSettings.load())
    try:
        signing = secrets.signing(text, now=now)
        return await webhook.send(http, target, told, secrets=signing, now=now)
    finally:
        await http.close()


def _metric(asked: Asked) -> Metric:
    if asked.metric not in METRICS:
        raise Refused(f"{asked.metric} is no metric; there are {', '.join(METRICS)}")
    metric = METRICS[asked.metric]
    spends = asked.metric == "spend_staleness_hours"
    known = frozenset(PLATFORMS if spends else get_args(Platform))
    if asked.platform and (not metric.by_platform or asked.platform not in known):
        raise Refused(f"{asked.metric} has no platform {asked.platform}")
    if asked.window_minutes is not None and not metric.window_minutes:
        raise Refused(f"{asked.metric} has no window")
    if asked.window_minutes is not None and not 1 <= asked.window_minutes <= _LONGEST_WINDOW:
        raise Refused(f"a window has 1 to {_LONGEST_WINDOW} minutes")
    if asked.threshold is not None and not math.isfinite(asked.threshold):
        raise Refused("the threshold must be a number")
    if min(asked.cooldown_minutes, asked.least_cases or 0) < 0:
        raise Refused("less than nothing cannot be waited for")
    return metric


def _check_targets(asked: Asked) -> None:
    for address in asked.emails:
        if not _EMAIL.fullmatch(address):
            raise Refused(f"{address} is no e-mail address")
    if asked.webhook is not None:
        try:
            checked(asked.webhook, OutwardSettings.load())
        except Forbidden as error:
            raise Refused(f"{asked.webhook} cannot be told: {error}") from None


def _shown_at(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000, UTC).isoformat(timespec="seconds")


def _shown(row: Any) -> dict[str, Any]:
    return {
        "alert": row["config_id"],
        "metric": row["metric"],
        "platform": row["platform"] or None,
        "comparison": row["comparison"],
        "threshold": float(row["threshold"]),
        "unit": METRICS[row["metric"]].unit,
        "least_cases": row["least_cases"],
        "window_minutes": row["window_minutes"],
        "cooldown_minutes": row["cooldown_minutes"],
        "emails": row["emails"],
        "webhook": row["webhook_url"],
    }


def text(row: dict[str, Any]) -> str:
    """An alert as a line."""
    of = f" of {row['platform']}" if row["platform"] else ""
    window = f", {row['window_minutes']} min" if row["window_minutes"] else ""
    targets = ", ".join([*row["emails"], *filter(None, [row["webhook"]])]) or "nobody"
    line = (
        f"{row['alert']}: {row['metric']}{of} {row['comparison']} {row['threshold']:g}"
        f" ({row['unit']}{window}) tells {targets}"
    )
    for one in row.get("stands", ()):
        where = f" at {one['platform']}" if one["platform"] else ""
        line += f"\n  stands{where} since {one['since']}: {one['value']:g}"
    return line


def tested(found: dict[str, Any]) -> str:
    """What a test found, as lines."""
    lines = [
        f"reads {one['value']:g}{' of ' + one['platform'] if one['platform'] else ''}"
        f" ({one['cases']} cases): "
        + {True: "breached", False: "well", None: "too few cases"}[one["breached"]]
        for one in found["readings"]
    ] or ["nothing is read now"]
    for one in found["told"]:
        why = f" ({one['error']})" if one["error"] else ""
        state = "told" if one["state"] == "sent" else "not told"
        lines.append(f"{one['channel']} {one['target']}: {state}{why}")
    return "\n".join(lines)


def failed(found: dict[str, Any]) -> bool:
    """Whether somebody was not told."""
    return any(one["state"] != "sent" for one in found["told"])


def _unknown(tenant: str, name: str) -> Refused:
    return Refused(f"{tenant} has no alert {name}: alert list {tenant}")


async def _note(conn: Connection, tenant: str, action: str, name: str, **told: str) -> None:
    detail = json.dumps({"alert": name, **told})
    await conn.execute(OPERATOR["audit"], tenant, action, detail)
