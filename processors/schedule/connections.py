"""`connections/health`: asks every platform about every tenant's connection, and notes how it does.

Nothing is paused for it: the fan-out has its own circuits. A check that fails is a state of the
connection, so the job itself fails only without Postgres.
"""

from typing import Any, Final

from processors.engine.postgres import Row
from processors.engine.vault import CannotDecrypt
from processors.platforms.base import DAY_MS, OAUTH_PART, Account, Result
from processors.platforms.connecting import health, store
from processors.platforms.connecting.flow import CONNECTED, is_granted, tokens_of
from processors.platforms.connecting.health import LOOK_BACK_DAYS, Health
from processors.platforms.connecting.renewal import Renewal
from processors.platforms.connecting.store import QUERIES
from processors.platforms.connecting.vendor import Vendor
from processors.platforms.grant import App
from processors.platforms.grants import GRANTS
from processors.platforms.http import Http
from processors.platforms.registry import CONNECTORS
from processors.schedule.abreast import abreast
from processors.schedule.spend import store as spend
from processors.schedule.store import Detail
from processors.schedule.tools import Tools

GAUGE: Final = "attributary_connection_state"
_AT_ONCE: Final = 8


async def check(tools: Tools, tenant: str | None) -> Detail:
    """Every connection, or those of the tenant; how many are in each state."""
    async with tools.db.connection() as conn:
        rows = await store.connections_of(conn, tenant, sorted(CONNECTORS))

    async def one(row: Row) -> tuple[str, str, Health]:
        found = await _check(tools, row)
        args = (row["tenant_id"], row["platform"], found.state, found.reason, found.source)
        async with tools.db.connection() as conn:
            await conn.execute(QUERIES["put_check"], *args, tools.clock())
        return row["tenant_id"], row["platform"], found

    checked = await abreast(one, rows, at_once=_AT_ONCE)
    counts: dict[str, Any] = {}
    if tenant is None:
        tools.metrics.forget(GAUGE)
        async with tools.db.connection() as conn:
            await conn.execute(QUERIES["forget_checks"])
    for who, platform, found in checked:
        counts[found.state] = counts.get(found.state, 0) + 1
        tools.metrics.gauge(GAUGE, 1, tenant=who, platform=platform, state=found.state)
    return {"checked": len(checked), **counts}


async def _check(tools: Tools, row: Row) -> Health:
    try:
        credentials = store.opened(tools.vault, row["credentials_encrypted"])
    except (CannotDecrypt, ValueError, AttributeError):
        return Health("needs_reauth", "the credentials cannot be opened", "credentials")
    if not row["account_id"]:
        return Health("degraded", "no account is chosen", "credentials")
    if not row["enabled"]:
        if row["platform"] not in GRANTS or is_granted(credentials):
            return Health("unknown", "switched off", "credentials")
        return Health("revoked", "disconnected", "credentials")
    renewal = Renewal(tools.db, tools.vault, row["platform"])
    account = Account(row["tenant_id"], row["account_id"], credentials, renewal)
    delivered = await _delivered(tools, row)
    asked = await _asked(tools, account, row["platform"])
    if asked is None:
        asked = delivered
    elif asked.state == "healthy" and delivered.state == "needs_reauth":
        asked = Health("degraded", "it answers, and refuses deliveries: reauth", "deliveries")
    if asked.state in ("healthy", "unknown") and (
        refusal := await spend.refusal(tools.db, row["tenant_id"], row["platform"])
    ):
        return health.of_spend(asked, refusal)
    if asked.state in ("healthy", "unknown"):
        return health.of_end(credentials, now=tools.clock()) or asked
    return asked


async def _asked(tools: Tools, account: Account, platform: str) -> Health | None:
    """What the platform says; None where nothing may be asked with what the tenant has."""
    grant = GRANTS.get(platform)
    probe = None if grant is None else grant.probe
    if grant is None or probe is None:
        return None
    granted = OAUTH_PART in account.credentials or CONNECTED in account.credentials
    if not granted and not (probe.any_token and account.secret("access_token")):
        return None
    app = App.of(platform)
    http = Http(timeout_seconds=app.timeout_seconds, max_connections=1)
    try:
        token = await tokens_of(platform, http, clock=tools.clock).of(account)
        if isinstance(token, Result):
            return health.of_token(token)
        vendor = Vendor(platform, grant, app, http=http, clock=tools.clock)
        path = probe.path.format(account_id=account.account_id)
        return health.of_reply(await vendor.read(path, token))
    finally:
        await http.close()


async def _delivered(tools: Tools, row: Row) -> Health:
    since = tools.clock() - LOOK_BACK_DAYS * DAY_MS
    async with tools.db.connection() as conn:
        args = (row["tenant_id"], row["platform"], since)
        latest = await conn.fetch(QUERIES["latest_attempts"], *args)
    return health.of_deliveries(latest, now=tools.clock())
