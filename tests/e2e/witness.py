"""Who says whether all went well: the oracle, the conservation of records, and the platforms."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
import httpx

from processors.domain.event_names import platform_name
from processors.platforms.registry import CONNECTORS
from tests.e2e.stack import Stack
from tests.oracle.judge import judge
from tests.oracle.tables import Served
from tests.support.served import read

_ASKED: Final = """SELECT platform, event_id, state FROM deliveries
WHERE event_name = 'Purchase' AND kind = 'event' AND state <> 'filtered'
    AND NOT (state = 'rejected' AND attempts = 0 AND platform = 'tiktok' AND error = $1)"""
_NO_PAGE: Final = "a web event needs the address of its page"
"""TikTok's reason against an order of which no browser has told: those are not to be counted."""
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


async def verdict(stack: Stack) -> list[str]:
    """Everything that is wrong with a drained stack, in words; nothing when all is well."""
    differences, _ = await judge(bootstrap=stack.bootstrap, prefix="", dsn=stack.dsn)
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
            purchase = platform_name("Purchase", platform)
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


def _event_id(platform: str, event: dict[str, Any]) -> str:
    """GA4 knows a purchase by its transaction; our id is a parameter."""
    return str(event["payload"]["params"]["event_id"] if platform == "ga4" else event["id"])


async def _purchases(stack: Stack) -> list[str]:
    """Each purchase that was to be told was counted once, and no other; which are to be told, the
    oracle has judged."""
    asked = {(platform, event_id): state for platform, event_id, state in await _asked(stack.dsn)}
    found = (await accepted(stack)).purchases
    faults = [f"{name} was counted {n} times" for name, n in found.items() if n > 1]
    faults += [f"{name} was counted, but is in no ledger" for name in found.keys() - asked.keys()]
    for name, state in asked.items():
        if state != "sent" or not found[name]:
            faults.append(f"{name} is {state} and was counted {found[name]} times")
    return faults


async def _asked(dsn: str) -> list[tuple[str, str, str]]:
    connection = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await connection.fetch(_ASKED, _NO_PAGE)]
    finally:
        await connection.close()
