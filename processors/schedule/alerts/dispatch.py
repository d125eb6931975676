"""Telling: each notification is claimed, tried once, and settled. Who dies in between leaves it to
be tried again under the same id."""

import asyncio
from collections import Counter

from processors.engine.vault import CannotDecrypt
from processors.platforms.http import Http
from processors.schedule.alerts import mail, secrets, store, webhook
from processors.schedule.alerts.settings import AlertSettings, SmtpSettings
from processors.schedule.alerts.store import Due
from processors.schedule.alerts.telling import Outcome
from processors.schedule.tools import Tools


async def dispatch(
    tools: Tools, settings: AlertSettings, smtp: SmtpSettings, tenant: str | None
) -> dict[str, int]:
    """Try what is due, those first that were tried least; returns how many are in each state."""
    counted: Counter[str] = Counter()
    http = webhook.http(settings)
    loop = asyncio.get_running_loop()
    until = loop.time() + settings.telling_seconds
    try:
        while loop.time() < until:
            due = await store.claim(
                tools.db,
                tenant,
                now=tools.clock(),
                retry_seconds=settings.retry_seconds,
                most=settings.at_once,
            )
            if not due:
                break
            work = (_tell(tools, one, settings, smtp, http) for one in due)
            for one, outcome in zip(due, await asyncio.gather(*work), strict=True):
                counted[outcome.state] += 1
                tools.metrics.count(
                    "attributary_alert_notifications_total",
                    channel=one.channel,
                    state=outcome.state,
                )
    finally:
        await http.close()
    return dict(counted)


async def _tell(
    tools: Tools, due: Due, settings: AlertSettings, smtp: SmtpSettings, http: Http
) -> Outcome:
    outcome = await _try(tools, due, smtp, http)
    now = tools.clock()
    if outcome.state == "pending" and now - due.created_at > settings.give_up_seconds * 1_000:
        outcome = Outcome("given_up", outcome.error)
    await store.settle(tools.db, due, outcome, now=now)
    return outcome


async def _try(tools: Tools, due: Due, smtp: SmtpSettings, http: Http) -> Outcome:
    if due.channel == "email":
        return await mail.send(smtp, due.target, due.told)
    if due.sealed is None:
        return Outcome("given_up", "the alert has no webhook any more")
    try:
        text = tools.vault.decrypt(due.sealed)
    except CannotDecrypt:
        return Outcome("pending", "the secret is under a key that is not configured")
    now = tools.clock()
    signing = secrets.signing(text, now=now)
    return await webhook.send(http, due.target, due.told, secrets=signing, now=now)
