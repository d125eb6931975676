"""Did every platform count every purchase once? Our ledger is asked what was told, and the
simulators what they counted."""

import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import asyncpg
import httpx

from deploy.demo.connections import name_at
from processors.domain.events import StandardEvent
from processors.engine.clock import wall_clock
from processors.fanout.handle import DOUBTED
from processors.platforms.base import Connector
from processors.platforms.google_ads.conversion import transaction
from processors.platforms.registry import CONNECTORS
from schemas.delivery import Delivery, Platform

_ASKED: Final = """SELECT platform, event_id, order_id, state, attempts, error, occurred_at, payload
FROM deliveries
WHERE event_name = 'Purchase' AND kind = 'event' AND state <> 'filtered'"""
_TIMEOUT_SECONDS: Final = 120.0

Event = tuple[str, str]
"""Platform and event id."""


@dataclass(frozen=True)
class Accepted:
    """What the platforms counted: how often each purchase, and how many events in all."""

    purchases: Counter[Event]
    events: int
    counted: int
    duplicates: int


async def accepted(environment: Mapping[str, str]) -> Accepted:
    """Ask every simulator."""
    purchases: Counter[Event] = Counter()
    events = counted = duplicates = 0
    async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False) as client:
        for platform in CONNECTORS:
            purchase = name_at(platform, StandardEvent.PURCHASE)
            url = environment[f"ATTRIBUTARY_{platform.upper()}_BASE_URL"]
            found = (await client.get(f"{url}/_sim/accepted")).json()
            for event in found:
                counted += event["times_accepted"]
                duplicates += event["duplicates"]
                if event["event_name"] == purchase:
                    purchases[platform, _event_id(platform, event)] += event["times_accepted"]
            events += len(found)
    return Accepted(purchases, events, counted, duplicates)


async def faults(environment: Mapping[str, str]) -> list[str]:
    """Each purchase that was to be told was counted once, and no other; which are to be told, the
    oracle has judged, but for those that the platform's own rules refuse. One in doubt may have
    been counted."""
    found_wrong: list[str] = []
    asked: Counter[Event] = Counter()
    doubtful: Counter[Event] = Counter()
    async with _connectors(environment) as connectors:
        for row in await _asked(environment["DATABASE_URL"]):
            platform, state = row["platform"], row["state"]
            told = Delivery.model_validate_json(row["payload"]) if row["payload"] else None
            name = platform, _known_as(row, told)
            connector = connectors[platform]
            if state == "sent":
                asked[name] += 1
            elif state == "rejected" and not row["attempts"]:
                if told and row["error"] != (reason := connector.refusal(told)):
                    found_wrong.append(f"{name} was refused: {row['error']}, and not: {reason}")
            elif state == "unknown" and _may_end_in_doubt(connector, told, row["error"]):
                doubtful[name] += 1
            else:
                found_wrong.append(f"{name} is {state}: {row['error']}")
    found = (await accepted(environment)).purchases
    for name in sorted(asked.keys() | doubtful.keys() | found.keys()):
        if not asked[name] <= found[name] <= asked[name] + doubtful[name]:
            sent, counted = asked[name], found[name]
            found_wrong.append(f"{name} was sent {sent} times, and counted {counted} times")
    return found_wrong


def _may_end_in_doubt(connector: Connector, told: Delivery | None, error: str | None) -> bool:
    """It is not sent once more where the platform knows no event again, or where it was stopped
    after a request without an answer; the latter is told also by a row that a rebuild made."""
    if (error or "").endswith(DOUBTED):
        return True
    return told is not None and connector.dedupe_window_ms(told) is None


def _event_id(platform: Platform, event: dict[str, Any]) -> str:
    """GA4 knows a purchase by its transaction, and our id is a parameter; Microsoft has no ids, and
    knows it by its second."""
    match platform:
        case "ga4":
            return str(event["payload"]["params"]["event_id"])
        case "microsoft_ads":
            return _second(datetime.fromisoformat(event["payload"]["ConversionTime"]))
        case _:
            return str(event["id"])


def _known_as(row: asyncpg.Record, told: Delivery | None) -> str:
    """What the platform knows a purchase by: Google by its transaction, Microsoft by its second,
    all others by our id. A row of which a rebuild knows only how it ended has no payload."""
    match row["platform"]:
        case "microsoft_ads":
            return _second(row["occurred_at"])
        case "google_ads":
            return str(row["order_id"] or row["event_id"]) if told is None else transaction(told)
        case _:
            return str(row["event_id"])


def _second(at: datetime) -> str:
    return str(int(at.timestamp()))


@asynccontextmanager
async def _connectors(environment: Mapping[str, str]) -> AsyncIterator[dict[Platform, Connector]]:
    """Every connector, as the stack's own sender has it."""
    with _wearing(environment):
        loaded = {platform: kind.load(wall_clock) for platform, kind in CONNECTORS.items()}
    try:
        yield loaded
    finally:
        for connector in loaded.values():
            await connector.close()


@contextmanager
def _wearing(environment: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


async def _asked(dsn: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(dsn)
    try:
        return list(await connection.fetch(_ASKED))
    finally:
        await connection.close()
