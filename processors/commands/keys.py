"""`key add`, `list`, `set`, `rotate`, `revoke`: the gateway's keys, hashed; gateways follow within
seconds. A key is named by its label, or by the first characters of its hash, which tell nothing."""

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sql
from processors.commands.key_terms import Terms
from processors.commands.operator import Refused, database, must_exist
from processors.engine.clock import wall_clock
from processors.engine.postgres import Connection, Row
from processors.engine.vault import Vault

QUERIES = sql.load("operator")
ID_LENGTH: Final = 12
_SHORTEST_ID: Final = 6


@dataclass(frozen=True, slots=True)
class Made:
    """A new key and the secret that it signs with, to be shown once."""

    key: str
    key_id: str
    signing_secret: str | None = None

    def as_json(self, tenant: str) -> dict[str, Any]:
        """As a JSON object."""
        told: dict[str, Any] = {"tenant_id": tenant, "api_key": self.key, "key_id": self.key_id}
        return (
            told if self.signing_secret is None else told | {"signing_secret": self.signing_secret}
        )

    def text(self) -> str:
        """As lines: the key alone where there is nothing else."""
        if self.signing_secret is None:
            return self.key
        return f"{self.key}\nsigning secret {self.signing_secret}"


@dataclass(frozen=True, slots=True)
class Known:
    """A key as it stands."""

    key_sha256: str
    terms: Terms
    created_at: datetime
    rotated_at: datetime | None
    revoked_at: datetime | None
    is_good: bool

    @property
    def key_id(self) -> str:
        """What it is called."""
        return self.key_sha256[:ID_LENGTH]

    @property
    def warning(self) -> str:
        """What is unwise about it; empty for nothing."""
        is_open = self.is_good and self.terms.kind == "browser" and not self.terms.origins
        return "any page may use it: give it origins" if is_open else ""


async def add(tenant: str, terms: Terms) -> Made:
    """Make a key of the tenant; it is returned once."""
    async with database() as db, db.transaction() as conn:
        await must_exist(conn, tenant)
        return await make(conn, tenant, terms)


async def make(conn: Connection, tenant: str, terms: Terms) -> Made:
    """Make a key in the caller's transaction.

    Raises:
        Refused: for terms that cannot stand together.
    """
    terms.check()
    made = f"atk_{terms.kind}_{secrets.token_urlsafe(24)}"
    digest = hashlib.sha256(made.encode()).hexdigest()
    secret = f"atss_{secrets.token_urlsafe(32)}" if terms.signed else None
    sealed = None if secret is None else Vault.from_environment().encrypt(secret)
    await conn.execute(
        QUERIES["add_key"], digest, tenant, terms.kind, terms.label, terms.origins,
        terms.expires_at, terms.events_per_second, terms.burst_events, terms.events_denied,
        terms.dry_run, sealed,
    )  # fmt: skip
    await _note(conn, tenant, "key", digest, kind=terms.kind, label=terms.label)
    return Made(made, digest[:ID_LENGTH], secret)


async def listed(tenant: str, *, everything: bool = False) -> list[Known]:
    """The tenant's keys that are good, or every one that there ever was."""
    async with database() as db, db.connection() as conn:
        await must_exist(conn, tenant)
        return [key for key in await _known(conn, tenant) if everything or key.is_good]


async def change(tenant: str, name: str, changed: Callable[[Terms], Terms]) -> Known:
    """Bind a key to other terms."""
    async with database() as db, db.transaction() as conn:
        await must_exist(conn, tenant)
        key = _named(await _known(conn, tenant), name)
        terms = changed(key.terms).check()
        await conn.execute(
            QUERIES["change_key"], tenant, key.key_sha256, terms.origins, terms.expires_at,
            terms.events_per_second, terms.burst_events, terms.events_denied, terms.dry_run,
        )  # fmt: skip
        await _note(conn, tenant, "key set", key.key_sha256)
        return replace(key, terms=terms)


async def rotate(tenant: str, name: str, *, grace: timedelta) -> Made:
    """A new key on the same terms; the old one is good for the grace. One that ends lives as long
    again."""
    async with database() as db, db.transaction() as conn:
        await must_exist(conn, tenant)
        key = _named(await _known(conn, tenant), name)
        if key.rotated_at is not None:
            raise Refused(f"key {key.key_id} has been rotated already")
        terms = key.terms
        if terms.expires_at is not None:
            terms = replace(terms, expires_at=moment() + (terms.expires_at - key.created_at))
        await conn.execute(QUERIES["rotate_key"], tenant, key.key_sha256, grace)
        await _note(conn, tenant, "key rotate", key.key_sha256, grace=str(grace))
        return await make(conn, tenant, terms)


async def revoke(tenant: str, name: str) -> Known:
    """A key that is no good from now on."""
    async with database() as db, db.transaction() as conn:
        await must_exist(conn, tenant)
        key = _named(await _known(conn, tenant), name)
        await _revoke(conn, tenant, key)
        return key


async def revoke_labelled(tenant: str, label: str) -> int:
    """Revoke every key of that label; returns how many."""
    async with database() as db, db.transaction() as conn:
        await must_exist(conn, tenant)
        found = [k for k in await _known(conn, tenant) if k.is_good and k.terms.label == label]
        for key in found:
            await _revoke(conn, tenant, key)
        return len(found)


def moment() -> datetime:
    """Now."""
    return datetime.fromtimestamp(wall_clock() / 1_000, UTC)


def as_json(key: Known) -> dict[str, Any]:
    """As a JSON object."""
    terms = key.terms
    return {
        "key_id": key.key_id,
        "kind": terms.kind,
        "label": terms.label,
        "origins": list(terms.origins),
        "events_per_second": terms.events_per_second,
        "burst_events": terms.burst_events,
        "events_denied": list(terms.events_denied),
        "dry_run": terms.dry_run,
        "signed": terms.signed,
        "created_at": _shown(key.created_at),
        "expires_at": _shown(terms.expires_at),
        "rotated_at": _shown(key.rotated_at),
        "revoked_at": _shown(key.revoked_at),
        "good": key.is_good,
        "warning": key.warning,
    }


def render(keys: Sequence[Known]) -> str:
    """A line a key, and below it what it is bound to."""
    return "\n".join(line for key in keys for line in _lines(key)) or "no keys"


def _lines(key: Known) -> list[str]:
    terms = key.terms
    state = "" if key.is_good else " (no good)"
    head = (
        f"{key.key_id}  {terms.kind}  {terms.label or '-'}  since {_shown(key.created_at)}{state}"
    )
    bound = {
        "origins": ", ".join(terms.origins),
        "rate": "" if terms.events_per_second is None else f"{terms.events_per_second:g}/s"
        + (f", {terms.burst_events} at once" if terms.burst_events else ""),
        "events without effect": ", ".join(terms.events_denied),
        "dry run": "yes" if terms.dry_run else "",
        "signed": "yes" if terms.signed else "",
        "expires": _shown(terms.expires_at),
        "rotated": _shown(key.rotated_at),
        "revoked": _shown(key.revoked_at),
        "WARNING": key.warning,
    }  # fmt: skip
    return [head, *(f"    {name}: {value}" for name, value in bound.items() if value)]


def _shown(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _named(keys: Sequence[Known], name: str) -> Known:
    """The one good key of that label or id; a label is that of the latest rotation.

    Raises:
        Refused: when there is none, or more than one.
    """
    good = [key for key in keys if key.is_good]
    found = [key for key in good if key.terms.label == name and key.rotated_at is None]
    if not found and len(name) >= _SHORTEST_ID:
        found = [key for key in good if key.key_sha256.startswith(name)]
    if not found:
        raise Refused(f"there is no key {name!r}: key list tells labels and ids")
    if len(found) > 1:
        raise Refused(f"{name!r} is {', '.join(key.key_id for key in found)}: name one by its id")
    return found[0]


async def _known(conn: Connection, tenant: str) -> list[Known]:
    return [_of_row(row) for row in await conn.fetch(QUERIES["keys"], tenant)]


def _of_row(row: Row) -> Known:
    rate = row["events_per_second"]
    terms = Terms(
        kind=row["kind"],
        label=row["label"],
        origins=tuple(row["origins"]),
        expires_at=row["expires_at"],
        events_per_second=None if rate is None else float(rate),
        burst_events=row["burst_events"],
        events_denied=tuple(row["events_denied"]),
        dry_run=row["dry_run"],
        signed=row["is_signed"],
    )
    return Known(
        row["key_sha256"], terms, row["created_at"], row["rotated_at"], row["revoked_at"],
        row["is_good"],
    )  # fmt: skip


async def _revoke(conn: Connection, tenant: str, key: Known) -> None:
    await conn.execute(QUERIES["revoke_key"], tenant, key.key_sha256)
    await _note(conn, tenant, "key revoke", key.key_sha256)


async def _note(conn: Connection, tenant: str, action: str, digest: str, **more: str) -> None:
    detail = json.dumps({"key_id": digest[:ID_LENGTH], **more})
    await conn.execute(QUERIES["audit"], tenant, action, detail)
