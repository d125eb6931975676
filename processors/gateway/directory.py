"""Keys, logins, webhook secrets and tenants' destinations, as Postgres has them, held in memory.

A request never waits for Postgres, except that an unknown key asks once more, at most four times
a second for all requests together: a key that was made a moment ago works at once, if need be
after a quarter of a second; of a flood of wrong ones a few wait and the rest are refused at once.
With Postgres away what was known last stays.
"""

import asyncio
import contextlib
import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import sql
from processors.domain import redirects
from processors.domain.origins import Origins
from processors.engine import login_token, service_token
from processors.engine.clock import Clock
from processors.engine.postgres import Connection, Database, Row
from processors.engine.vault import CannotDecrypt, Vault
from processors.gateway.keyring import Keyring, User
from processors.gateway.keys import Key
from processors.gateway.policy import SETTINGS, Policy, policies
from processors.gateway.settings import GatewaySettings

log = logging.getLogger(__name__)

_ASK_AGAIN_SECONDS: Final = 0.25
_MOST_ASKING: Final = 64
_ROTATION_MS: Final = 3_600_000
_SHOPS: Final = frozenset({"shopify", "woocommerce", "bigcommerce", "ecommerce"})
"""Senders of webhooks that have orders; the others tell of chats and leads."""


@dataclass(frozen=True, slots=True)
class Source:
    """A sender of signed webhooks."""

    tenant: str
    secret: bytes
    previous: bytes | None
    rotated_at: int | None

    def secrets(self, now: int) -> list[bytes]:
        """The secrets that may sign now: the old one for an hour after a rotation."""
        fresh = self.rotated_at is not None and now - self.rotated_at <= _ROTATION_MS
        return [self.secret, self.previous] if self.previous and fresh else [self.secret]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything at one time."""

    keys: dict[str, Key] = field(default_factory=dict)
    sources: dict[tuple[str, str], Source] = field(default_factory=dict)
    platforms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    failing: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Of a tenant's destinations those that take nothing now."""
    currencies: dict[str, str] = field(default_factory=dict)
    shops: dict[str, str] = field(default_factory=dict)
    """Of a tenant with one shop that sends webhooks: whose order ids its storefront means."""
    redirect_hosts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    measurements: dict[str, str] = field(default_factory=dict)
    """GA4 measurement ids, and the tenants that they stand for."""
    users: dict[str, User] = field(default_factory=dict)
    key_origins: Origins = field(default_factory=lambda: Origins(()))
    """Those of all keys together."""
    verify_tokens: dict[str, str] = field(default_factory=dict)
    """Digest of the token that a vendor repeats before it sends webhooks -> tenant."""
    policies: dict[str, Policy] = field(default_factory=dict)
    by_header: dict[bytes, Key] = field(default_factory=dict)
    """Authorization headers seen since, and whose they are; only good ones."""

    @property
    def cookie_domains(self) -> tuple[str, ...]:
        """Of all tenants that have an id cookie: whose pages may send cookies along."""
        found = (p.cookie_domains for p in self.policies.values() if p.same_site is not None)
        return tuple(sorted({name for names in found for name in names}))


class Directory:
    """The latest snapshot, and the loop that renews it."""

    def __init__(self, settings: GatewaySettings, *, vault: Vault, clock: Clock) -> None:
        self._settings = settings
        self._vault = vault
        self._clock = clock
        self._queries = sql.load("gateway")
        self._database: Database | None = None
        self._lock = asyncio.Lock()
        self._asked_at = -_ASK_AGAIN_SECONDS
        self._asking = 0
        self._opened: dict[str, bytes] = {}
        self._keyring = Keyring(settings, opened=self._open)
        self.snapshot = Snapshot()
        self.loaded = False
        """Whether any snapshot was ever read."""

    def now(self) -> int:
        """The gateway's clock, epoch milliseconds."""
        return self._clock()

    def key(self, given: str) -> Key | None:
        """The key's holder, from memory; one of our own processes holds a service token, and
        people that of their login."""
        if given.startswith(service_token.PREFIX):
            holder = service_token.holder_of(self._vault, given, now=self._clock())
            return None if holder is None else Key(*holder, own=True)
        if given.startswith(login_token.PREFIX):
            told = login_token.read(self._vault, given)
            users = self.snapshot.users
            return None if told is None else self._keyring.of_token(told, users)
        return self.snapshot.keys.get(hashlib.sha256(given.encode()).hexdigest())

    async def find_key(self, given: str) -> Key | None:
        """As `key`, and Postgres is asked for one that is not known yet."""
        found = self.key(given)
        if found is None:
            await self.ask_again()
            found = self.key(given)
        return found

    async def find_source(self, source: str, account: str) -> Source | None:
        """The webhook sender of an account."""
        found = self.snapshot.sources.get((source, account))
        if found is None:
            await self.ask_again()
            found = self.snapshot.sources.get((source, account))
        return found

    async def find_measurement(self, measurement_id: str) -> str | None:
        """The tenant of a GA4 measurement id."""
        found = self.snapshot.measurements.get(measurement_id)
        if found is None:
            await self.ask_again()
            found = self.snapshot.measurements.get(measurement_id)
        return found

    async def ask_again(self) -> None:
        """Renew the snapshot, unless that has just been done."""
        if self._asking >= _MOST_ASKING:
            return
        loop = asyncio.get_running_loop()
        called_at = loop.time()
        self._asking += 1
        try:
            async with self._lock:
                # One that began after this call knows what this call would learn.
                if self._asked_at > called_at:
                    return
                await asyncio.sleep(max(0.0, self._asked_at + _ASK_AGAIN_SECONDS - loop.time()))
                self._asked_at = loop.time()
                await self._renew()
        finally:
            self._asking -= 1

    async def run(self) -> None:
        """Renew the snapshot every few seconds, for ever."""
        while True:
            async with self._lock:
                self._asked_at = asyncio.get_running_loop().time()
                await self._renew()
            await asyncio.sleep(self._settings.control_refresh_seconds)

    async def close(self) -> None:
        """Close the connection."""
        if self._database is not None:
            await self._database.close()

    async def _renew(self) -> None:
        try:
            async with asyncio.timeout(5.0):
                if self._database is None:
                    self._database = await Database.connect(
                        self._settings.database_url.get_secret_value(),
                        role=self._settings.role,
                        max_size=1,
                        application_name="attributary gateway",
                    )
                async with self._database.transaction(readonly=True) as connection:
                    self.snapshot = await self._read(connection)
                self.loaded = True
        except Exception as error:
            # Whatever is wrong with Postgres, events are still taken under the keys we know.
            log.warning("control tables not read", exc_info=error)

    async def _read(self, connection: Connection) -> Snapshot:
        rows = await connection.fetch(self._queries["api_keys"])
        keys = self._keyring.keys(rows)
        users = self._keyring.users(await connection.fetch(self._queries["users"]))
        sources, tokens = {}, {}
        for row in await connection.fetch(self._queries["webhook_sources"]):
            if row["verify_token_sha256"]:
                tokens[row["verify_token_sha256"]] = row["tenant_id"]
            secret = self._open(row["secret_encrypted"])
            if secret is not None:
                previous = row["previous_secret_encrypted"]
                sources[row["source"], row["account"]] = Source(
                    row["tenant_id"],
                    secret,
                    self._open(previous) if previous else None,
                    row["rotated_at"],
                )
        platforms, failing = [
            _by_tenant(await connection.fetch(self._queries[name]))
            for name in ("platforms", "failing_platforms")
        ]
        currencies = {
            row["tenant_id"]: row["value"]
            for row in await connection.fetch(self._queries["currencies"])
        }
        return Snapshot(
            keys,
            sources,
            platforms,
            failing,
            currencies,
            shops=_only(
                (source.tenant, name) for (name, _), source in sources.items() if name in _SHOPS
            ),
            redirect_hosts=_hosts(
                (row["tenant_id"], row["value"])
                for row in await connection.fetch(self._queries["redirect_hosts"])
            ),
            measurements=_only(
                (row["measurement_id"], row["tenant_id"])
                for row in await connection.fetch(self._queries["measurement_ids"])
            ),
            users=users,
            key_origins=self._keyring.origins,
            verify_tokens=tokens,
            policies=policies(
                tuple(row.values())
                for row in await connection.fetch(self._queries["privacy"], list(SETTINGS))
            ),
        )

    def _open(self, token: str) -> bytes | None:
        if token not in self._opened:
            try:
                self._opened[token] = self._vault.decrypt(token).encode()
            except CannotDecrypt:
                log.error("a secret is encrypted under a vault key that we do not have")
                return None
        return self._opened[token]


def _by_tenant(rows: Iterable[Row]) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[row["tenant_id"]].append(row["platform"])
    return {tenant: tuple(platforms) for tenant, platforms in found.items()}


def _only(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What has one value; what has several stands for none of them."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name, value in pairs:
        found[name].add(value)
    return {name: next(iter(values)) for name, values in found.items() if len(values) == 1}


def _hosts(settings: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found = {}
    for tenant, value in settings:
        with contextlib.suppress(ValueError):
            found[tenant] = redirects.hosts(value)
    return found
