"""`user add`, `list`, `set`, `password`, `disable`, `enable`, `logout`: people's logins for
/api/v1. There is none until somebody adds one, and no password but those that were made here."""

import json
import re
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sql
from processors.commands.operator import Refused, database, must_exist
from processors.engine import passwords
from processors.engine.postgres import Connection

QUERIES = sql.load("operator")
ROLES: Final = ("viewer", "analyst", "admin")

_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_LONGEST_EMAIL: Final = 254


@dataclass(frozen=True, slots=True)
class User:
    """A login."""

    email: str
    role: str
    tenants: tuple[str, ...]
    created_at: datetime
    disabled_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "email": self.email,
            "role": self.role,
            "tenants": list(self.tenants),
            "created_at": self.created_at.isoformat(),
            "disabled": self.disabled_at is not None,
        }


async def add(email: str, *, role: str, tenants: Sequence[str], password: str = "") -> str:
    """Make a login; returns its password, which is made up when none is given.

    Raises:
        Refused: naming what cannot be used.
    """
    email, password = _email(email), _password(password)
    _check(role, tenants)
    stored = passwords.hashed(password)
    async with database() as db, db.transaction() as conn:
        if await conn.fetchval(QUERIES["add_user"], email, stored, role) is None:
            raise Refused(f"{email} has a login: user set, or user password")
        await _give(conn, email, tenants)
        await _note(conn, email, "user add")
    return password


async def change(email: str, *, role: str | None = None, tenants: Sequence[str] = ()) -> None:
    """Give a login another role or other tenants; its tokens end."""
    async with _known(email) as (conn, found):
        if role is not None:
            _check(role, ["-"])
            await conn.execute(QUERIES["set_role"], found, role)
        if tenants:
            await _note(conn, found, "user set")
            await conn.execute(QUERIES["take_tenants"], found)
            await _give(conn, found, tenants)
            await conn.execute(QUERIES["void_tokens"], found)
        await _note(conn, found, "user set")


async def set_password(email: str, password: str = "") -> str:
    """Another password, which is returned; its tokens end."""
    password = _password(password)
    stored = passwords.hashed(password)
    async with _known(email) as (conn, found):
        await conn.execute(QUERIES["set_password"], found, stored)
        await _note(conn, found, "user password")
    return password


async def set_disabled(email: str, *, disabled: bool) -> None:
    """Switch a login off or on; its tokens end."""
    async with _known(email) as (conn, found):
        await conn.execute(QUERIES["set_disabled"], found, disabled)
        await _note(conn, found, "user disable" if disabled else "user enable")


async def void_tokens(email: str) -> None:
    """End every token of a login; the password stays."""
    async with _known(email) as (conn, found):
        await conn.execute(QUERIES["void_tokens"], found)
        await _note(conn, found, "user logout")


async def listed() -> list[User]:
    """Every login."""
    async with database() as db, db.connection() as conn:
        return [
            User(r["email"], r["role"], tuple(r["tenants"]), r["created_at"], r["disabled_at"])
            for r in await conn.fetch(QUERIES["users"])
        ]


def render(users: Sequence[User]) -> str:
    """A line a login."""
    lines = [
        f"{user.email}  {user.role}  {', '.join(user.tenants) or 'no tenant'}"
        + ("  disabled" if user.disabled_at else "")
        for user in users
    ]
    return "\n".join(lines) or "no logins: user add EMAIL --tenant ID"


@asynccontextmanager
async def _known(email: str) -> AsyncIterator[tuple[Connection, str]]:
    """A transaction about a login that there is."""
    name = _email(email)
    async with database() as db, db.transaction() as conn:
        if await conn.fetchval(QUERIES["user"], name) is None:
            raise Refused(f"there is no login {name}: user add {name} --tenant ID")
        yield conn, name


async def _give(conn: Connection, email: str, tenants: Sequence[str]) -> None:
    for tenant in tenants:
        await must_exist(conn, tenant)
    await conn.execute(QUERIES["give_tenants"], email, sorted(set(tenants)))


async def _note(conn: Connection, email: str, action: str) -> None:
    """Into the audit log of each of its tenants."""
    for row in await conn.fetch(QUERIES["tenants_of_user"], email):
        detail = json.dumps({"email": email})
        await conn.execute(QUERIES["audit"], row["tenant_id"], action, detail)


def _check(role: str, tenants: Sequence[str]) -> None:
    if role not in ROLES:
        raise Refused(f"role: {role!r} is none of {', '.join(ROLES)}")
    if not tenants:
        raise Refused("tenant: a login sees one tenant at least")


def _email(text: str) -> str:
    found = text.strip().lower()
    if len(found) > _LONGEST_EMAIL or not _EMAIL.fullmatch(found):
        raise Refused(f"{text!r} is no email")
    return found


def _password(text: str) -> str:
    """The password, or one that is made up."""
    if not text:
        return secrets.token_urlsafe(18)
    if not passwords.SHORTEST <= len(text) <= passwords.LONGEST:
        raise Refused(f"password: needs {passwords.SHORTEST} to {passwords.LONGEST} characters")
    return text
