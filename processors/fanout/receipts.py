"""The SQL of receipts: kept with the answer, taken by one replica at a time, noted with what became
of their deliveries. Every statement takes a batch."""

from collections.abc import Sequence
from dataclasses import dataclass

from processors.engine.postgres import Connection
from processors.fanout.handle import Waiting
from processors.fanout.late import Overturned
from processors.fanout.store import CHUNK, QUERIES, at, ms_of, waiting
from processors.platforms.base import Answer, Heard
from schemas.delivery import Platform


@dataclass(frozen=True, slots=True)
class Receipt:
    """A request that was taken. `asked` counts the questions, with the one that is due; `carried`
    has (event id, kind, attempt) of its deliveries."""

    tenant_id: str
    id: str
    sent_ms: int
    asked: int
    carried: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Noted:
    """What was heard of a receipt; without a `next_ms` it has ended."""

    receipt: Receipt
    heard: Heard
    next_ms: int | None


async def keep(
    conn: Connection,
    platform: Platform,
    rows: Sequence[Waiting],
    answer: Answer,
    *,
    now_ms: int,
    next_ms: int,
) -> None:
    """Keep the receipt of an answer, if it has one, for the rows (of one tenant) that it took."""
    told = zip(rows, answer.results, strict=True)
    taken = [row for row, result in told if result.verdict == "sent"]
    if answer.receipt is None or not taken:
        return
    await conn.execute(
        QUERIES["keep_receipt"],
        platform,
        taken[0].delivery.tenant_id,
        answer.receipt,
        at(now_ms),
        at(next_ms),
        [row.delivery.event_id for row in taken],
        [row.delivery.kind for row in taken],
        [row.attempts for row in taken],
    )


async def take(
    conn: Connection, platform: Platform, *, most: int, now_ms: int, until_ms: int
) -> list[Receipt]:
    """Receipts that are to be asked for; nobody else takes them before `until_ms`."""
    rows = await conn.fetch(QUERIES["take_receipts"], platform, at(now_ms), most, at(until_ms))
    return [
        Receipt(
            tenant_id=row["tenant_id"],
            id=row["receipt"],
            sent_ms=ms_of(row["sent_at"]),
            asked=row["asked"],
            carried=tuple(zip(row["event_ids"], row["kinds"], row["attempts"], strict=True)),
        )
        for row in rows
    ]


async def carried(
    conn: Connection, platform: Platform, receipts: Sequence[Receipt]
) -> list[list[Waiting]]:
    """Lock the deliveries of each receipt that are as its request left them."""
    flat = [
        (place, receipt.tenant_id, *one)
        for place, receipt in enumerate(receipts)
        for one in receipt.carried
    ]
    found: list[list[Waiting]] = [[] for _ in receipts]
    if flat:
        columns = zip(*flat, strict=True)
        for row in await conn.fetch(QUERIES["carried"], platform, *map(list, columns)):
            found[row["place"]].append(waiting(row))
    return found


async def overturn(
    conn: Connection, platform: Platform, changed: Sequence[Overturned], *, now_ms: int
) -> None:
    """Write what deliveries become that counted as sent, with a line of each in
    capi_delivery_log; those that end go to delivery_dlq as well."""
    if not changed:
        return
    settled = [one.settlement for one in changed]
    await conn.execute(
        QUERIES["overturn"],
        platform,
        [one.row.delivery.tenant_id for one in settled],
        [one.row.delivery.event_id for one in settled],
        [one.row.delivery.kind for one in settled],
        [one.row.attempts for one in settled],
        [one.state for one in settled],
        [at(one.next_attempt_ms) for one in settled],
        [at(one.deadline_ms) for one in settled],
        [one.error for one in settled],
        [one.apart or None for one in changed],
        [one.verdict for one in changed],
        at(now_ms),
    )


async def note(
    conn: Connection, platform: Platform, noted: Sequence[Noted], *, now_ms: int
) -> None:
    """Write what was heard of receipts, unless somebody else has asked for them since."""
    await conn.execute(
        QUERIES["note_receipts"],
        platform,
        [one.receipt.tenant_id for one in noted],
        [one.receipt.id for one in noted],
        [one.receipt.asked for one in noted],
        [at(now_ms if one.next_ms is None else one.next_ms) for one in noted],
        [at(now_ms) if one.next_ms is None else None for one in noted],
        [one.heard.verdict for one in noted],
        [one.heard.error for one in noted],
    )


async def forget(conn: Connection, platform: Platform, *, before_ms: int) -> None:
    """Delete some of the receipts that ended before then."""
    await conn.execute(QUERIES["forget_receipts"], platform, at(before_ms), CHUNK)
