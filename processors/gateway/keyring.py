"""From the rows of control tables to keys and logins; rate limits outlive each reading of them."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from processors.domain.origins import Origins
from processors.engine.login_token import Told
from processors.engine.postgres import Row
from processors.gateway.bucket import Bucket
from processors.gateway.keys import Key, Login, Role, Rules
from processors.gateway.settings import GatewaySettings

log = logging.getLogger(__name__)

_BURST_SECONDS: Final = 10
"""How much of its rate a key may use at once, when nothing else is said."""
_FREE: Final = Rules()
_AT: Final = "@"
"""In the name of a login's bucket, and in no hash."""


@dataclass(frozen=True, slots=True)
class User:
    """A login as the control tables have it; a token of an earlier generation is void."""

    email: str
    password_hash: str
    generation: int
    role: Role
    tenants: tuple[str, ...]

    def key(self, told: Told, bucket: Bucket | None) -> Key | None:
        """The key that a token of this login is; None when it was revoked or sees nothing."""
        if told.generation != self.generation or not self.tenants:
            return None
        login = Login(self.email, self.role, self.tenants)
        return Key(self.tenants[0], True, bucket, Rules(until=told.until, login=login))


class Keyring:
    """Makes keys, each with the bucket that it had before."""

    def __init__(self, settings: GatewaySettings, *, opened: Callable[[str], bytes | None]) -> None:
        self._settings = settings
        self._opened = opened
        self._buckets: dict[str, Bucket] = {}
        self.origins = Origins(())
        """Those of all keys that were read last."""

    def keys(self, rows: Iterable[Row]) -> dict[str, Key]:
        """Keys by the hash of what their holders send."""
        found: dict[str, Key] = {}
        patterns: set[str] = set()
        for row in rows:
            name = row["key_sha256"]
            try:
                rules = self._rules(row)
            except ValueError as error:
                log.error("a key is left out", extra={"key": name[:12], "reason": str(error)})
                continue
            bucket = self._bucket(name, row["events_per_second"], row["burst_events"])
            found[name] = Key(row["tenant_id"], row["kind"] == "server", bucket, rules)
            patterns.update(row["origins"])
        gone = [n for n in self._buckets if n not in found and _AT not in n]
        for name in gone:
            del self._buckets[name]
        self.origins = Origins(patterns)
        return found

    def _rules(self, row: Row) -> Rules | None:
        """What the key is bound to; None for nothing."""
        sealed = row["signing_secret_encrypted"]
        secret = self._opened(sealed) if sealed else None
        if sealed and secret is None:
            raise ValueError("it must sign, and its secret cannot be read")
        rules = Rules(
            until=row["expires_at"],
            origins=Origins(row["origins"]) if row["origins"] else None,
            denied=frozenset(row["events_denied"]),
            dry_run=row["dry_run"],
            secret=secret,
        )
        return None if rules == _FREE else rules

    def users(self, rows: Iterable[Row]) -> dict[str, User]:
        """Logins by email."""
        return {
            row["email"]: User(
                row["email"],
                row["password_hash"],
                row["generation"],
                row["role"],
                tuple(row["tenants"]),
            )
            for row in rows
        }

    def of_token(self, told: Told, users: Mapping[str, User]) -> Key | None:
        """The key that a login's token is."""
        user = users.get(told.email)
        return None if user is None else user.key(told, self._bucket(user.email, None, None))

    def _bucket(self, name: str, rate: Decimal | None, burst: int | None) -> Bucket | None:
        """The bucket of a key or login; None when nothing limits it."""
        per_second = self._settings.key_events_per_second if rate is None else float(rate)
        if not per_second:
            return None
        most = burst or self._settings.key_burst_events or int(per_second * _BURST_SECONDS) or 1
        bucket = self._buckets.get(name)
        if bucket is None or (bucket.rate, bucket.burst) != (per_second, most):
            bucket = Bucket(rate=per_second, burst=most, now=time.monotonic())
            self._buckets[name] = bucket
        return bucket
