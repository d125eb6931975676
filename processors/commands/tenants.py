"""`tenant add`, `tenant set`, `tenant rate`: settings and rates are commands of the
log; keys, secrets and accounts are control data, hashed or encrypted in Postgres."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

import sql
from processors.commands import keys
from processors.commands.key_terms import Terms
from processors.commands.nodes import node_of
from processors.commands.operator import Refused, database, must_exist, produce
from processors.commands.unlinks import Effect, effect
from processors.domain import channel_document, redirects
from processors.domain.accounts import webhook_account
from processors.domain.attribution import MODELS, WINDOWS, custom_document
from processors.domain.ids import content_id
from processors.domain.money import is_currency
from processors.domain.short_names import short_name
from processors.engine.clock import wall_clock
from processors.engine.postgres import Connection
from processors.engine.processor import Emit
from processors.engine.vault import Vault
from processors.platforms.base import ACCOUNT_ID
from processors.platforms.connecting import store
from processors.platforms.connecting.store import Stored
from processors.platforms.registry import CONNECTIONS, CONNECTORS, SOURCES
from schemas.command import Body, Command, SetInfluencer, SetRate, SetSetting, Unlink

QUERIES = sql.load("operator")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")

_DOMAIN: Final = r"([a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}"
_PATTERNS: Final[dict[str, str]] = {
    "half_life_days": r"\d{1,6}(\.\d{1,6})?",
    "attribution_mode": r"clicks_plus_views|clicks_only",
    "view_window": r"(\d{1,6}d?)?",
    "consent_when_absent": r"granted|denied",
    "pixel_orders": r"true|false",
    "identity_fan_in_cap": r"[1-9]\d{0,5}",
    "max_touches": r"[1-9]\d{0,2}|[1-4]\d{3}|5000",
    "lookback_days": r"([1-9]\d?|[12]\d{2}|3[0-5]\d|36[0-5])?",
    "fairing_bridge_enabled": r"true|false",
    "model_promotion": r"automatic|manual",
    "restate_on_promotion": r"true|false",
    "half_life_fit": r"automatic|off",
    "bot_policy": r"keep|exclude",
    "ip_policy": r"full|truncated|none",
    "gpc": r"respect|ignore",
    "dnt": r"respect|ignore",
    "anonymous_visitors": r"asked|always",
    "id_cookie": r"off|lax|strict|none",
    "benchmarks": r"true|false",
    "industry": r"([a-z0-9][a-z0-9_-]{0,62})?",
    **dict.fromkeys(
        ("retention_delivery_log_days", "retention_consent_log_days", "retention_audit_log_days"),
        r"([1-9]\d{0,3})?",
    ),
    "retention_touchpoints_days": r"(36[6-9]|3[7-9]\d|[4-9]\d{2}|[1-9]\d{3})?",
    "retention_pixel_events_days": r"([1-9]\d{2,3})?",
    "retention_payloads_days": r"([1-9]\d{2,3})?",
    "id_cookie_domains": rf"({_DOMAIN}(,{_DOMAIN})*)?",
}
_LISTS: Final = {"enabled_models": ("model", MODELS), "enabled_windows": ("window", WINDOWS)}
DOCUMENTS: Final[dict[str, Callable[[str], object]]] = {
    "channel_rules": channel_document.parse,
    "custom_model": custom_document.parse,
}
"""Settings that may be given as `@FILE`, and what says what is wrong with one."""
HOSTS: Final = "redirect_hosts"
SETTINGS: Final = ("time_zone", "currency", HOSTS, *_LISTS, *_PATTERNS, *DOCUMENTS)
WEBHOOK: Final = {
    "shopify_shop_domain": ("shopify", "account"),
    "shopify_webhook_secret": ("shopify", "secret"),
    "woocommerce_store_url": ("woocommerce", "account"),
    "woocommerce_webhook_secret": ("woocommerce", "secret"),
    "bigcommerce_store_hash": ("bigcommerce", "account"),
    "bigcommerce_webhook_secret": ("bigcommerce", "secret"),
    "ecommerce_account": ("ecommerce", "account"),
    "ecommerce_webhook_secret": ("ecommerce", "secret"),
    "meta_page_id": ("meta", "account"),
    "meta_app_secret": ("meta", "secret"),
    "meta_verify_token": ("meta", "verify_token"),
    "whatsapp_business_account_id": ("whatsapp", "account"),
    "whatsapp_app_secret": ("whatsapp", "secret"),
    "whatsapp_verify_token": ("whatsapp", "verify_token"),
    "tiktok_client_key": ("tiktok", "account"),
    "tiktok_client_secret": ("tiktok", "secret"),
}
FIELDS: Final = {
    name: (platform, field)
    for platform, connection in CONNECTIONS.items()
    for name, field in connection.items()
}
SWITCHES: Final = {f"{platform}_enabled": platform for platform in CONNECTORS}
"""A connection that is off keeps its credentials."""
KEYS: Final = (*SETTINGS, *WEBHOOK, *FIELDS, *SWITCHES)


async def add(tenant: str) -> str:
    """Make the tenant and its first server key; the key is returned once and stored hashed.

    Raises:
        Refused: for a name that cannot be one, or a tenant that exists.
    """
    if not NAME.fullmatch(tenant):
        raise Refused(
            f"{tenant!r} cannot be a tenant: lower-case letters, digits, - and _, 63 at most"
        )
    async with database() as db, db.transaction() as conn:
        if await conn.fetchval(QUERIES["add_tenant"], tenant) is None:
            raise Refused(f"tenant {tenant} exists; for another key: key add {tenant}")
        return (await keys.make(conn, tenant, Terms(label="first"))).key


async def set_values(tenant: str, values: Mapping[str, str]) -> None:
    """Set several keys; all are checked before any is set. A document may be `@FILE`.

    Raises:
        Refused: naming the key that is unknown or whose value cannot be one.
    """
    values = checked(values)
    async with database() as db, db.transaction() as conn:
        await must_exist(conn, tenant)
        await _set_webhook(conn, tenant, values)
        await _set_connections(conn, tenant, values)
        await _switch(conn, tenant, values)
        plain = (*SETTINGS, *SWITCHES)
        secret_free = {n: v if n in plain else "(set)" for n, v in values.items()}
        await conn.execute(QUERIES["audit"], tenant, "set", json.dumps(secret_free))
    now = wall_clock()
    await produce(
        [
            _command(tenant, SetSetting(key=name, value=value), now)
            for name, value in values.items()
            if name in SETTINGS
        ]
    )


def checked(values: Mapping[str, str]) -> dict[str, str]:
    """The values as they are set, documents read from their files.

    Raises:
        Refused: naming the key that is unknown or whose value cannot be one.
    """
    found = {
        name: _document(name, value) if name in DOCUMENTS else value
        for name, value in values.items()
    }
    for name, value in found.items():
        _check(name, value)
    return {name: _read(name, value) for name, value in found.items()}


async def rate(tenant: str, *, currency: str, reporting: str, value: str, date: str) -> None:
    """From `date` on one unit of `currency` is worth `value` units of `reporting`."""
    for code in (currency, reporting):
        if not is_currency(code):
            raise Refused(f"{code} is no currency of ISO 4217")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise Refused(f"{value!r} is no rate") from None
    if not number.is_finite() or number <= 0:
        raise Refused("a rate is greater than 0")
    async with database() as db, db.connection() as conn:
        await must_exist(conn, tenant)
    body = SetRate(currency=currency, reporting=reporting, date=date, rate=f"{number:f}")
    await produce([_command(tenant, body, wall_clock())])


async def unlink(tenant: str, *, a: str, b: str, linked: bool, reason: str) -> Effect:
    """Take the edge between two ids (kind:value) out of the identity graph, or put it back.

    Returns:
        What is about to be looked at again. An edge that nothing has shown yet is taken, too.

    Raises:
        Refused: for ids that cannot be any, or are the same.
    """
    low, high = sorted((node_of(a), node_of(b)))
    if low == high:
        raise Refused("an id cannot be taken apart from itself")
    async with database() as db, db.transaction() as conn:
        await must_exist(conn, tenant)
        found = await effect(conn, tenant, low, high, linked=linked)
        detail = {"a": low, "b": high, "linked": linked, "reason": reason}
        action = "link" if linked else "unlink"
        await conn.execute(QUERIES["audit"], tenant, action, json.dumps(detail))
    await produce([_command(tenant, Unlink(a=low, b=high, linked=linked), wall_clock())])
    return found


async def influencer(tenant: str, told: Mapping[str, object]) -> str:
    """Make, change or remove an influencer; `told` are the fields of SetInfluencer. Without an
    id it is the name in lower-case letters, digits and dashes, which is returned.

    Raises:
        Refused: naming the field that cannot be used.
    """
    name = str(told.get("name") or "")
    own = told.get("influencer_id") or short_name(name)
    if not own:
        raise Refused("influencer: a name needs a letter or a digit, or give --id")
    try:
        body = SetInfluencer.model_validate({**told, "influencer_id": own})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise Refused(f"influencer: {field}: {first['msg']}") from None
    async with database() as db, db.transaction() as conn:
        await must_exist(conn, tenant)
        detail = body.model_dump_json(exclude={"kind"})
        await conn.execute(QUERIES["audit"], tenant, "influencer", detail)
    await produce([_command(tenant, body, wall_clock())])
    return body.influencer_id


def command_of(tenant: str, body: Body) -> Emit:
    """The command, issued now."""
    return _command(tenant, body, wall_clock())


def _command(tenant: str, body: Body, now: int) -> Emit:
    name = content_id({"tenant": tenant, "at": now, **body.model_dump()})
    record = Command(tenant_id=tenant, command_id=name, issued_at=now, received_at=now, body=body)
    return Emit("commands.v1", record, now)


def _check(name: str, value: str) -> None:
    if name not in KEYS:
        raise Refused(f"{name} is no setting; there are: {', '.join(sorted(KEYS))}")
    if name in _PATTERNS and not re.fullmatch(_PATTERNS[name], value):
        raise Refused(f"{name}={value}: must match {_PATTERNS[name]}")
    if name == "currency" and not is_currency(value):
        raise Refused(f"currency={value}: no currency of ISO 4217")
    if name in _LISTS:
        what, known = _LISTS[name]
        unknown = [one for one in value.split(",") if one.strip() not in known]
        if unknown:
            raise Refused(f"{name}: {unknown[0]!r} is no {what}; there are {', '.join(known)}")
    if name in DOCUMENTS:
        try:
            DOCUMENTS[name](value)
        except ValueError as error:
            raise Refused(f"{name}: {error}") from None
    if name == HOSTS:
        try:
            redirects.hosts(value)
        except ValueError as error:
            raise Refused(f"{HOSTS}: {error}") from None
    if name == "time_zone":
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise Refused(f"time_zone={value}: no zone of the IANA database") from None
    if name in SWITCHES and value not in ("true", "false"):
        raise Refused(f"{name}={value}: must be true or false")
    if name not in SETTINGS and not value:
        raise Refused(f"{name} is empty")


def _read(name: str, value: str) -> str:
    """The form in which a connection's field is stored."""
    if name not in FIELDS:
        return value
    try:
        return FIELDS[name][1].read(value)
    except ValueError as error:
        raise Refused(f"{name}: {error}") from None


def _document(name: str, value: str) -> str:
    """The text itself, or the text of the file that `@` names."""
    if not value.startswith("@"):
        return value
    try:
        return Path(value[1:]).read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{name}: {value[1:]} cannot be read: {error}") from None


async def _set_webhook(conn: Connection, tenant: str, values: Mapping[str, str]) -> None:
    for source in sorted({WEBHOOK[name][0] for name in values if name in WEBHOOK}):
        names = {part: name for name, (owner, part) in WEBHOOK.items() if owner == source}
        given = {part: values[name] for part, name in names.items() if name in values}
        vault = Vault.from_environment()
        row = await conn.fetchrow(QUERIES["webhook_source"], tenant, source)
        account = webhook_account(given["account"]) if "account" in given else None
        if account is None:
            if row is None:
                raise Refused(f"{names['secret']} needs {names['account']} in the same call")
            account = row["account"]
        if not account:
            raise Refused(f"{names['account']} names nothing")
        known = vault.decrypt(row["secret_encrypted"]) if row else ""
        secret = given.get("secret") or known
        token = row["verify_token_sha256"] if row else None
        if "verify_token" in given:
            token = hashlib.sha256(given["verify_token"].encode()).hexdigest()
        # One that is set again keeps its hour for the secret before it.
        if row is None or (account, secret) != (row["account"], known):
            put = await conn.fetchval(
                QUERIES["put_webhook_source"], source, account, tenant, vault.encrypt(secret)
            )
            if put is None:
                raise Refused(f"{account} belongs to another tenant")
            await conn.execute(QUERIES["drop_other_accounts"], tenant, source, account)
        await conn.execute(QUERIES["put_verify_token"], tenant, source, account, token)


async def _set_connections(conn: Connection, tenant: str, values: Mapping[str, str]) -> None:
    for platform in sorted({FIELDS[name][0] for name in values if name in FIELDS}):
        vault = Vault.from_environment()
        stored = await store.hold(conn, vault, tenant, platform)
        account = stored.account_id if stored else ""
        credentials = dict(stored.credentials) if stored else {}
        for name, field in CONNECTIONS[platform].items():
            if name not in values:
                continue
            if field.part == ACCOUNT_ID:
                account = values[name]
            else:
                credentials[field.part] = values[name]
        # Without an account there is nothing to send to, as when an ad account alone is known.
        enabled = platform not in SOURCES and account != ""
        told = Stored(account, enabled, credentials)
        await store.give(conn, vault, tenant, platform, told)


async def _switch(conn: Connection, tenant: str, values: Mapping[str, str]) -> None:
    for name in sorted(SWITCHES.keys() & values.keys()):
        platform = SWITCHES[name]
        if not await store.switch(conn, tenant, platform, on=values[name] == "true"):
            raise Refused(f"{name}: {platform} is not connected")
