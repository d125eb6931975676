"""`POST /api/v1/auth/login`: an email and a password for a token; `GET /api/v1/auth/me`: whose.

A wrong password, an unknown email and a disabled login get the same answer after the same work.
Passwords are checked in threads, a few at once, so that nobody's events wait for them.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from math import ceil
from typing import Any, Final

import orjson

from processors.engine import login_token, passwords
from processors.engine.clock import Clock
from processors.engine.metrics import Metrics
from processors.engine.vault import Vault
from processors.gateway.directory import Directory
from processors.gateway.keys import Key
from processors.gateway.lockout import Lockout
from processors.gateway.refusal import Problem
from processors.gateway.settings import GatewaySettings

LOGIN: Final = "/api/v1/auth/login"
ME: Final = "/api/v1/auth/me"

_AT_ONCE: Final = 2
_MOST_WAITING: Final = 32
_LONGEST_EMAIL: Final = 254


class Logins:
    """Turns passwords into tokens."""

    def __init__(
        self, settings: GatewaySettings, *, directory: Directory, metrics: Metrics, clock: Clock
    ) -> None:
        self._valid_ms = settings.login_seconds * 1_000
        self._vault = Vault(settings.vault_key.get_secret_value())
        self._directory = directory
        self._metrics = metrics
        self._clock = clock
        self._lockout = Lockout()
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def login(self, body: bytes) -> bytes:
        """The answer with a token.

        Raises:
            Problem: 400 or 422 for a body that is none, 401, 429 after too many wrong passwords,
                503 when too many want to know at once or nobody is known yet.
        """
        email, password = _read(body)
        if not self._directory.loaded:
            raise Problem(503, "starting", "logins are not loaded yet", retry_after_seconds=1)
        self._refuse_locked(email)
        # Known or not, the same is done: neither the answer nor its time tells who has a login.
        await self._directory.ask_again()
        nobodys = await asyncio.to_thread(passwords.nobodys)
        user = self._directory.snapshot.users.get(email)
        good = await self._check(password, nobodys if user is None else user.password_hash)
        # Those who asked at the same time may have failed meanwhile.
        self._refuse_locked(email)
        if not good or user is None or not user.tenants:
            self._lockout.failed(email, time.monotonic())
            self._count("wrong")
            raise Problem(401, "unauthorized", "the email or the password is wrong")
        self._lockout.passed(email)
        self._count("ok")
        until = self._clock() + self._valid_ms
        told = login_token.Told(user.email, user.generation, until)
        token = login_token.make(self._vault, told)
        return orjson.dumps(
            {
                "access_token": token,
                "token_type": "bearer",
                "expires_in": self._valid_ms // 1_000,
                "expires_at": _moment(until),
                "role": user.role,
                "tenants": list(user.tenants),
            }
        )

    def me(self, key: Key) -> bytes:
        """What a login's token says of itself.

        Raises:
            Problem: 403 for a key, which is nobody's login.
        """
        rules = key.rules
        if rules is None or rules.login is None or rules.until is None:
            raise Problem(403, "forbidden", "this is for a login's token, not for a key")
        login = rules.login
        return orjson.dumps(
            {
                "email": login.email,
                "role": login.role,
                "tenants": list(login.tenants),
                "expires_at": _moment(rules.until),
            }
        )

    async def _check(self, password: str, stored: str) -> bool:
        if self._waiting >= _MOST_WAITING:
            raise Problem(503, "busy", "too many logins at once", retry_after_seconds=2)
        self._waiting += 1
        try:
            async with self._slots:
                return await asyncio.to_thread(passwords.is_right, password, stored)
        finally:
            self._waiting -= 1

    def _refuse_locked(self, email: str) -> None:
        seconds = self._lockout.wait(email, time.monotonic())
        if seconds:
            self._count("locked")
            detail = "too many wrong passwords; wait before the next try"
            raise Problem(429, "locked", detail, retry_after_seconds=ceil(seconds))

    def _count(self, outcome: str) -> None:
        self._metrics.count("attributary_logins_total", outcome=outcome)


def _read(body: bytes) -> tuple[str, str]:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Problem(400, "bad_json", "the body is not JSON") from None
    if type(said) is not dict:
        raise Problem(400, "bad_shape", "the body must be an object with email and password")
    return (
        _text(said, "email", _LONGEST_EMAIL).strip().lower(),
        _text(said, "password", passwords.LONGEST),
    )


def _text(said: Mapping[str, Any], name: str, longest: int) -> str:
    value = said.get(name)
    if type(value) is not str or not value.strip():
        raise Problem(422, "bad_field", f"{name}: is required")
    if len(value) > longest:
        raise Problem(422, "bad_field", f"{name}: is longer than {longest} characters")
    return value


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms // 1_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
