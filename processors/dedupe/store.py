"""What dedupe reads and claims: a few statements for a whole batch."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import orjson

import sql
from processors.dedupe.handle import (
    CHAT_WINDOW_MS,
    ClaimKey,
    FoundOrder,
    Node,
    OrderKey,
    Person,
    Route,
    Source,
    Subject,
    Wanted,
)
from processors.dedupe.retractions import History, Told
from processors.domain.consent import Decision
from processors.engine.postgres import Connection
from schemas.delivery import Platform
from schemas.order import Order
from schemas.pixel_event import PixelEvent
from schemas.topics import DELIVERED_PLATFORMS

QUERIES: Final = sql.load("dedupe")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


async def epoch(conn: Connection) -> str:
    """The identity of this database."""
    found: str = await conn.fetchval(QUERIES["epoch"])
    return found


async def is_caught_up(conn: Connection) -> bool:
    """Whether identity has read what the log held when this database was rebuilt. Before that an
    event would be routed without the decisions that came after it."""
    found: bool = await conn.fetchval(QUERIES["is_caught_up"])
    return found


async def routes(conn: Connection, tenants: Iterable[str]) -> dict[str, Route]:
    """Where each tenant's events go now: read for every batch, for what is not routed today is
    not routed tomorrow."""
    rows = await conn.fetch(QUERIES["routes"], sorted(set(tenants)))
    return {
        row["tenant_id"]: Route(
            platforms=tuple(p for p in DELIVERED_PLATFORMS if p in row["platforms"]),
            when_absent=row["consent_when_absent"],
            bots=row["bot_policy"] == "keep",
        )
        for row in rows
    }


async def orders(conn: Connection, keys: Iterable[OrderKey]) -> dict[OrderKey, FoundOrder]:
    """The orders that are deliverable now."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    rows = await conn.fetch(QUERIES["orders"], *_columns(wanted))
    return {
        (row["tenant_id"], row["conversion_id"]): FoundOrder(
            key=(row["tenant_id"], row["conversion_id"]),
            person_id=row["person_id"],
            converted_at=(row["converted_at"] - _EPOCH) // _MILLISECOND,
            order=Order.model_validate_json(row["folded"]),
            status=row["status"],
            refunded=row["refunded"],
            net=row["net"],
            destinations=frozenset(row["destinations"]),
        )
        for row in rows
    }


async def persons(conn: Connection, nodes: Iterable[Node]) -> dict[Node, Person]:
    """Whose ids these are, for the tenants in which anybody has decided about consent."""
    wanted = sorted(set(nodes))
    if not wanted:
        return {}
    rows = await conn.fetch(QUERIES["persons"], *_columns(wanted))
    return {(row["tenant_id"], row["node"]): (row["tenant_id"], row["person_id"]) for row in rows}


async def decisions(conn: Connection, people: Iterable[Person]) -> dict[Person, list[Decision]]:
    """What these people decided about consent, under any of their ids."""
    wanted = sorted(set(people))
    found: dict[Person, list[Decision]] = {}
    if not wanted:
        return found
    for row in await conn.fetch(QUERIES["decisions"], *_columns(wanted)):
        decision = Decision(row["flag"], row["value"], row["issued_at"], row["command_id"])
        found.setdefault((row["tenant_id"], row["person_id"]), []).append(decision)
    return found


async def chat_clicks(conn: Connection, seekers: Sequence[Subject]) -> dict[int, str]:
    """Place -> click id of the last ad that led the subject's person to a chat before it."""
    if not seekers:
        return {}
    wanted = [
        (
            each.place,
            each.tenant_id,
            each.person_id,
            _EPOCH + (each.occurred_at - CHAT_WINDOW_MS) * _MILLISECOND,
            _EPOCH + each.occurred_at * _MILLISECOND,
        )
        for each in seekers
    ]
    rows = await conn.fetch(QUERIES["chat_clicks"], *_columns(wanted))
    return {row["place"]: row["ctwa_clid"] for row in rows}


async def claim(conn: Connection, wanted: Mapping[ClaimKey, Wanted]) -> dict[ClaimKey, Source]:
    """Claim what nobody has claimed; returns whose each claim is."""
    keys = sorted(wanted)
    if not keys:
        return {}
    sources = [wanted[key].subject.claimant for key in keys]
    times = [_EPOCH + wanted[key].occurred_at * _MILLISECOND for key in keys]
    rows = await conn.fetch(
        QUERIES["claim"],
        *_columns(keys),
        *_columns(sources),
        times,
        [_conversion(wanted[key]) for key in keys],
        [wanted[key].amount for key in keys],
        [wanted[key].turn for key in keys],
    )
    owners = {(key := ClaimKey(*row.values())): wanted[key].subject.claimant for row in rows}
    return owners | await claimed(conn, [key for key in keys if key not in owners])


async def claimed(conn: Connection, keys: Iterable[ClaimKey]) -> dict[ClaimKey, Source]:
    """Whose each claim is, of those that have been made."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    rows = await conn.fetch(QUERIES["owners"], *_columns(wanted))
    found: dict[ClaimKey, Source] = {}
    for row in rows:
        *key, topic, partition, offset = row.values()
        found[ClaimKey(*key)] = Source(topic, partition, offset)
    return found


async def hold(conn: Connection, purchases: Iterable[Wanted]) -> set[OrderKey]:
    """Lock the claims of the purchases of which something was or is to be taken back, until the
    transaction ends; returns whose. What is read of them afterwards has all that any other worker
    did: records of one order may lie in two partitions when there are more of them than before."""
    orders = {
        each.key: about.key
        for each in purchases
        if isinstance(about := each.subject.about, FoundOrder)
    }
    if not orders:
        return set()
    keys = sorted(orders)
    rows = await conn.fetch(QUERIES["hold"], *_columns(keys), [orders[key][1] for key in keys])
    return {orders[ClaimKey(*row.values())] for row in rows}


async def histories(conn: Connection, keys: Iterable[OrderKey]) -> dict[OrderKey, History]:
    """What was given back, of the orders of which anything was."""
    wanted = sorted(set(keys))
    found: dict[OrderKey, History] = {}
    if not wanted:
        return found
    for row in await conn.fetch(QUERIES["histories"], *_columns(wanted)):
        history = found.setdefault((row["tenant_id"], row["conversion_id"]), History())
        at = row["version_at"]
        history.status(row["status"], at)
        if row["refunded"]:
            history.totals.append((row["refunded"], at))
        for refund in orjson.loads(row["refunds"] or "[]"):
            history.refund(refund["refund_id"], refund["amount"], refund.get("refunded_at") or at)
    return found


async def retracted(
    conn: Connection, keys: Iterable[OrderKey]
) -> dict[tuple[OrderKey, Platform], dict[ClaimKey, Told]]:
    """What each platform was told to take back of these orders."""
    wanted = sorted(set(keys))
    found: dict[tuple[OrderKey, Platform], dict[ClaimKey, Told]] = {}
    if not wanted:
        return found
    for row in await conn.fetch(QUERIES["retracted"], *_columns(wanted)):
        tenant, conversion, platform, event_id, kind, topic, partition, offset, amount, at, turn = (
            row.values()
        )
        told = Told(Source(topic, partition, offset), amount, (at - _EPOCH) // _MILLISECOND, turn)
        place = found.setdefault(((tenant, conversion), platform), {})
        place[ClaimKey(tenant, platform, event_id, kind)] = told
    return found


def _conversion(wanted: Wanted) -> str | None:
    about = wanted.subject.about
    if wanted.amount is None or not isinstance(about, FoundOrder):
        return None
    return about.key[1]


async def withheld(conn: Connection, keys: Iterable[ClaimKey]) -> set[ClaimKey]:
    """Which of these were stopped at sending because the person did not consent."""
    wanted = sorted(set(keys))
    if not wanted:
        return set()
    return {
        ClaimKey(*row.values()) for row in await conn.fetch(QUERIES["withheld"], *_columns(wanted))
    }


async def contributions(
    conn: Connection, found: Sequence[FoundOrder]
) -> dict[OrderKey, list[PixelEvent]]:
    """The pixel's own events of the orders, the best witness first."""
    if not found:
        return {}
    wanted = [
        (place, own.tenant_id, own.order.source, own.order.order_id, own.order.checkout_id)
        for place, own in enumerate(found)
    ]
    seen: dict[OrderKey, list[PixelEvent]] = {}
    for row in await conn.fetch(QUERIES["contributions"], *_columns(wanted)):
        event = PixelEvent.model_validate_json(row["event"])
        seen.setdefault(found[row["place"]].key, []).append(event)
    return seen


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
