"""Who says whether all went well: the oracle, the conservation of records, and the platforms."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import asyncpg
import httpx
import pytest

from deploy.demo.connections import name_at
from processors.domain.events import StandardEvent
from processors.engine.clock import wall_clock
from processors.platforms.base import Connector
from processors.platforms.google_ads.conversion import transaction
from processors.platforms.registry import CONNECTORS
from schemas.delivery import Delivery, Platform
from tests.e2e.stack import Stack
from tests.oracle.judge import judge
from tests.oracle.tables import Served
from tests.oracle.views.books import Cells
from tests.support.served import read

_ASKED: Final = """SELECT platform, event_id, order_id, state, attempts, error, occurred_at, payload
FROM deliveries
WHERE event_name = 'Purchase' AND kind = 'event' AND state <> 'filtered'"""
_TIMEOUT_SECONDS: Final = 30.0

Event = tuple[str, str]
"""Platform and event id."""


@dataclass(frozen=True)
class Accepted:
    """What the platforms counted: how often each purchase, and how many events in all."""

    purchases: Counter[Event]
    events: int
    counted: int
    duplicates: int


async def verdict(stack: Stack, *, cells: Cells | None = None) -> list[str]:
    """Everything that is wrong with a drained stack, in words; nothing when all is well. The views
    of the analyst are asked of these models and windows: what they read is judged anyway."""
    differences, _ = await judge(bootstrap=stack.bootstrap, prefix="", dsn=stack.dsn, cells=cells)
    return [*stack.wrong, *differences, *_conserved(stack), *await _purchases(stack)]


async def tables(stack: Stack) -> Served:
    """The served tables as they are."""
    return await read(stack.dsn)


async def accepted(stack: Stack) -> Accepted:
    """Ask every simulator."""
    purchases: Counter[Event] = Counter()
    events = counted = duplicates = 0
    async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False) as client:
        for platform in CONNECTORS:
            purchase = name_at(platform, StandardEvent.PURCHASE)
            url = stack.environment[f"ATTRIBUTARY_{platform.upper()}_BASE_URL"]
            found = (await client.get(f"{url}/_sim/accepted")).json()
            for event in found:
                counted += event["times_accepted"]
                duplicates += event["duplicates"]
                if event["event_name"] == purchase:
                    purchases[platform, _event_id(platform, event)] += event["times_accepted"]
            events += len(found)
    return Accepted(purchases, events, counted, duplicates)


def _conserved(stack: Stack) -> list[str]:
    """Every record is accounted for, and none is dead, since what the gateway took is good."""
    done = stack.run("conserve", "--json")
    if not done.stdout:
        return [f"conserve: {done.stderr}"]
    report = json.loads(done.stdout)
    dead = [f"dead letters: {line}" for line in report["lines"] if line["dead"]]
    assert (done.returncode == 0) == report["exact"]
    return [*report["faults"], *dead]


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


async def _purchases(stack: Stack) -> list[str]:
    """Each purchase that was to be told was counted once, and no other; which are to be told, the
    oracle has judged, but for those that the platform's own rules refuse. One in doubt may have
    been counted where the platform knows no event again, so that it is not sent once more."""
    faults: list[str] = []
    asked: Counter[Event] = Counter()
    doubtful: Counter[Event] = Counter()
    async with _connectors(stack) as connectors:
        for row in await _asked(stack.dsn):
            platform, state = row["platform"], row["state"]
            told = Delivery.model_validate_json(row["payload"]) if row["payload"] else None
            name = platform, _known_as(row, told)
            connector = connectors[platform]
            if state == "sent":
                asked[name] += 1
            elif state == "rejected" and not row["attempts"]:
                if told and row["error"] != (reason := connector.refusal(told)):
                    faults.append(f"{name} was refused: {row['error']}, and not: {reason}")
            elif state == "unknown" and told and connector.dedupe_window_ms(told) is None:
                doubtful[name] += 1
            else:
                faults.append(f"{name} is {state}: {row['error']}")
    found = (await accepted(stack)).purchases
    for name in sorted(asked.keys() | doubtful.keys() | found.keys()):
        if not asked[name] <= found[name] <= asked[name] + doubtful[name]:
            faults.append(f"{name} was sent {asked[name]} times, and counted {found[name]} times")
    return faults


@asynccontextmanager
async def _connectors(stack: Stack) -> AsyncIterator[dict[Platform, Connector]]:
    """Every connector, as the stack's own sender has it."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in stack.environment.items():
            patch.setenv(name, value)
        loaded = {platform: kind.load(wall_clock) for platform, kind in CONNECTORS.items()}
    try:
        yield loaded
    finally:
        for connector in loaded.values():
            await connector.close()


async def _asked(dsn: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(dsn)
    try:
        return list(await connection.fetch(_ASKED))
    finally:
        await connection.close()
