"""`tenant settings`: what holds for a tenant, since when, and what was changed before.

Three sources: the effective values as every processor reads them, the standing commands of the log,
and the audit log of the operators' calls, which has what was set over since.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sql
from processors.commands.operator import Refused, database

QUERIES: Final = sql.load("operator")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_COLUMNS: Final = {"view_window": "view_window_days"}
"""Settings whose effective value has another name."""


@dataclass(frozen=True, slots=True)
class Setting:
    """An effective value; `set_at` is None for a default, `applied` tells a value that cannot be
    used (or has not arrived) from one that holds."""

    key: str
    value: Any
    set_to: str | None = None
    set_at: datetime | None = None
    command_id: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A value that somebody set."""

    at: datetime
    actor: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A tenant's settings."""

    tenant_id: str
    version: str
    settings: tuple[Setting, ...]
    history: tuple[Change, ...]


async def standing(tenant: str) -> Standing:
    """The tenant's settings and their history, oldest change first.

    Raises:
        Refused: for a tenant that is not there.
    """
    async with database() as db, db.connection() as conn:
        text = await conn.fetchval(QUERIES["effective_settings"], tenant)
        if text is None:
            raise Refused(f"there is no tenant {tenant}: tenant add {tenant}")
        told = await conn.fetch(QUERIES["set_settings"], tenant)
        changes = await conn.fetch(QUERIES["changes_of_settings"], tenant)
    effective: dict[str, Any] = json.loads(text)
    version = effective.pop("settings_version")
    rows = {_COLUMNS.get(row["key"], row["key"]): row for row in told}
    return Standing(
        tenant_id=tenant,
        version=version,
        settings=tuple(
            Setting(
                key=key,
                value=value,
                set_to=rows[key]["value"],
                set_at=_EPOCH + timedelta(milliseconds=rows[key]["issued_at"]),
                command_id=rows[key]["command_id"],
            )
            if key in rows
            else Setting(key=key, value=value)
            for key, value in sorted(effective.items())
        ),
        history=tuple(Change(r["at"], r["actor"], r["key"], r["value"]) for r in changes),
    )


def render(found: Standing, *, history: bool) -> str:
    """Lines of text."""
    lines = [f"{found.tenant_id}: version {found.version}"]
    for setting in found.settings:
        since = f"since {_moment(setting.set_at)}" if setting.set_at else "default"
        lines.append(f"  {setting.key:24} {_short(setting.value):42} {since}")
    if history:
        lines += ["changes:"]
        lines += [
            f"  {_moment(change.at)} {change.actor:16} {change.key} = {_short(change.value)}"
            for change in found.history
        ]
    return "\n".join(lines)


def as_json(found: Standing, *, history: bool) -> dict[str, Any]:
    """The same for a program."""
    document: dict[str, Any] = {
        "tenant_id": found.tenant_id,
        "settings_version": found.version,
        "settings": {
            setting.key: {
                "value": setting.value,
                "set_to": setting.set_to,
                "set_at": _moment(setting.set_at) if setting.set_at else None,
                "command_id": setting.command_id,
            }
            for setting in found.settings
        },
    }
    if history:
        document["history"] = [
            {"at": _moment(c.at), "actor": c.actor, "key": c.key, "value": c.value}
            for c in found.history
        ]
    return document


def _moment(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else ""


def _short(value: Any) -> str:
    text = ",".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
