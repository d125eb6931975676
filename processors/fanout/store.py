"""The SQL of the queue and the ledger. Every statement takes a batch; times are epoch
milliseconds outside and timestamps inside."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sql
from processors.domain.consent import Decision
from processors.engine.postgres import Connection, Row
from processors.engine.sealing import names_of
from processors.fanout import handle
from processors.fanout.handle import Settlement, Turn, Waiting
from processors.platforms.base import Answer, Connector, Keys, deadline_ms
from processors.platforms.registry import CONNECTORS
from schemas.delivery import Delivery, Platform

QUERIES: Final = sql.load("fanout")
SEALING: Final = sql.load("sealing")
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)
LAST_MS: Final = 253_402_300_799_999
CHUNK: Final = 1_000

Key = tuple[str, str, str, str]
NO_TRACES: Final[Mapping[Key, str]] = {}


def at(ms: int) -> datetime:
    """Epoch milliseconds as a timestamp; the end of the calendar is the end."""
    return EPOCH + min(ms, LAST_MS) * MILLISECOND


def ms_of(moment: datetime) -> int:
    """A timestamp as epoch milliseconds."""
    return (moment - EPOCH) // MILLISECOND


def key_of(delivery: Delivery) -> Key:
    """What names a delivery."""
    return delivery.tenant_id, delivery.platform, delivery.event_id, delivery.kind


async def connected(conn: Connection, tenants: Iterable[str]) -> set[tuple[str, str]]:
    """(tenant, platform) of every connection that is switched on."""
    rows = await conn.fetch(QUERIES["connected"], sorted(set(tenants)))
    return {(row["tenant_id"], row["platform"]) for row in rows}


async def erased(conn: Connection, deliveries: Iterable[Delivery]) -> set[tuple[str, str]]:
    """(tenant, record) of what they tell of that is an erased person's."""
    asked = sorted({own for each in deliveries for own in handle.records(each)})
    if not asked:
        return set()
    rows = await conn.fetch(QUERIES["erased"], *map(list, zip(*asked, strict=True)))
    return {(row["tenant_id"], row["record_id"]) for row in rows}


async def keys_of(conn: Connection, deliveries: Iterable[Delivery]) -> Keys:
    """The keys of people that their sealed details need, as far as there are any."""
    asked = {
        (each.tenant_id, *name)
        for each in deliveries
        if each.user_data.sealed is not None
        for name in names_of(each.user_data.sealed)
    }
    if not asked:
        return {}
    columns = map(list, zip(*sorted(asked), strict=True))
    rows = await conn.fetch(SEALING["keys_named"], *columns)
    return {(row["tenant_id"], row["subject"], row["key_id"]): row["key"] for row in rows}


async def erasures(
    conn: Connection, asked: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """(tenant, subject) -> until when received what the last erasure of it took, epoch
    milliseconds; nothing for whom there was none."""
    owners = sorted(set(asked))
    if not owners:
        return {}
    rows = await conn.fetch(QUERIES["erasures_of"], *map(list, zip(*owners, strict=True)))
    return {(row["tenant_id"], row["subject"]): row["erased_at"] for row in rows}


async def enqueue(
    conn: Connection,
    deliveries: Sequence[Delivery],
    connectors: Mapping[Platform, Connector],
    *,
    now_ms: int,
    traces: Mapping[Key, str] = NO_TRACES,
) -> set[Key]:
    """Put deliveries into the queue; returns the keys that were not there before, or that consent
    had stopped: dedupe tells those again when the person allows them, under the same ids."""
    first: dict[Key, Delivery] = {}
    for each in deliveries:
        first.setdefault(key_of(each), each)
    chosen = list(first.values())
    rows = await conn.fetch(
        QUERIES["enqueue"],
        *_names(chosen),
        [d.event_name for d in chosen],
        [d.order_id for d in chosen],
        [at(d.occurred_at) for d in chosen],
        [at(deadline_ms(connectors[d.platform], d)) for d in chosen],
        [d.model_dump_json(exclude_defaults=True) for d in chosen],
        at(now_ms),
        [handle.follows(d) for d in chosen],
        [d.turn for d in chosen],
        [traces.get(key) for key in first],
    )
    new: set[Key] = {(r["tenant_id"], r["platform"], r["event_id"], r["kind"]) for r in rows}
    known = [each for key, each in first.items() if key not in new]
    return new | await _release(conn, known, traces, now_ms=now_ms) if known else new


async def _release(
    conn: Connection, told: Sequence[Delivery], traces: Mapping[Key, str], *, now_ms: int
) -> set[Key]:
    """Put those back that consent had stopped, and note it."""
    payloads = [each.model_dump_json(exclude_defaults=True) for each in told]
    carried = [traces.get(key_of(each)) for each in told]
    rows = await conn.fetch(QUERIES["release"], *_names(told), payloads, at(now_ms), carried)
    return {(r["tenant_id"], r["platform"], r["event_id"], r["kind"]) for r in rows}


class Queue:
    """The rows of one platform."""

    def __init__(self, platform: Platform, *, owner: str, lease_ms: int) -> None:
        self._platform = platform
        self._owner = owner
        self._lease_ms = lease_ms

    async def busy(self, conn: Connection, *, after: str, most: int) -> list[str]:
        """The next tenants by name with anything in the queue: one look at the index for each,
        and none for those without."""
        rows = await conn.fetch(QUERIES["busy"], self._platform, after, most)
        return [row["tenant_id"] for row in rows]

    async def due(
        self, conn: Connection, turns: Sequence[Turn], *, per_tenant: int, most: int, now_ms: int
    ) -> list[Waiting]:
        """Lock what may be sent now, each tenant's soonest deadline first."""
        if not turns:
            return []
        rows = await conn.fetch(
            QUERIES["due"],
            self._platform,
            [turn.tenant_id for turn in turns],
            [per_tenant] * len(turns),
            at(now_ms),
            most,
        )
        return [waiting(row) for row in rows]

    async def lease(
        self, conn: Connection, rows: Sequence[Waiting], *, now_ms: int
    ) -> dict[tuple[str, str, str], Waiting]:
        """Mark rows `sending`; returns them as they are then."""
        if not rows:
            return {}
        await conn.execute(
            QUERIES["lease"],
            self._platform,
            *_keys(rows),
            at(now_ms),
            self._owner,
            at(now_ms + self._lease_ms),
        )
        return {
            row.key: replace(
                row,
                attempts=row.attempts + 1,
                first_attempt_ms=now_ms if row.first_attempt_ms is None else row.first_attempt_ms,
            )
            for row in rows
        }

    async def renew(
        self, conn: Connection, rows: Sequence[Waiting], *, requests: Sequence[int], now_ms: int
    ) -> None:
        """Keep the lease, and count the request that follows for those that it carries."""
        await conn.execute(
            QUERIES["renew"],
            self._platform,
            *_keys(rows),
            list(requests),
            self._owner,
            at(now_ms + self._lease_ms),
        )

    async def settle(self, conn: Connection, settled: Sequence[Settlement], *, now_ms: int) -> None:
        """Write what rows became; the dead ones go to delivery_dlq as well, and those that consent
        stopped to delivery_consent_log."""
        if not settled:
            return
        await conn.execute(
            QUERIES["settle"],
            self._platform,
            *_keys([one.row for one in settled]),
            [one.row.attempts for one in settled],
            [one.state for one in settled],
            [at(one.next_attempt_ms) for one in settled],
            [at(one.deadline_ms) for one in settled],
            [one.http_status for one in settled],
            [one.error for one in settled],
            at(now_ms),
        )

    async def log(
        self,
        conn: Connection,
        told: Sequence[tuple[Sequence[Waiting], Answer]],
        *,
        now_ms: int,
    ) -> None:
        """One line for each event of each request, which is told by its rows and its answer."""
        lines = [
            (row, result, answer)
            for rows, answer in told
            for row, result in zip(rows, answer.results, strict=True)
        ]
        await conn.execute(
            QUERIES["log_attempts"],
            self._platform,
            *_keys([row for row, _, _ in lines]),
            [row.delivery.event_name for row, _, _ in lines],
            [row.delivery.order_id for row, _, _ in lines],
            [row.attempts for row, _, _ in lines],
            [result.verdict for _, result, _ in lines],
            [result.error for _, result, _ in lines],
            [answer.http_status for _, _, answer in lines],
            [answer.request_digest for _, _, answer in lines],
            [answer.response_digest for _, _, answer in lines],
            [answer.latency_ms for _, _, answer in lines],
            at(now_ms),
        )

    async def in_doubt(self, conn: Connection, *, mine: bool, now_ms: int) -> list[Waiting]:
        """Lock rows that a sender left behind: all of this one's, or others' whose lease ran
        out. Rows of this sender are known to it while it runs, whatever the clock says."""
        rows = await conn.fetch(
            QUERIES["in_doubt"], self._platform, self._owner, mine, at(now_ms), CHUNK
        )
        return [waiting(row) for row in rows]

    async def expire(self, conn: Connection, *, now_ms: int) -> int:
        """End what the platform would not accept any more, and retractions of purchases that it
        did not accept, which come back if it does; returns how many expired."""
        await conn.execute(QUERIES["abandon"], self._platform, at(now_ms), CHUNK)
        found = await conn.fetchval(QUERIES["expire"], self._platform, at(now_ms), CHUNK)
        return int(found)


async def decisions(
    conn: Connection, asked: Iterable[tuple[str, str]], tenants: Iterable[str]
) -> tuple[dict[tuple[str, str], list[Decision]], dict[str, str]]:
    """(tenant, node) -> the decisions of the person whose node it is; tenant -> what a missing
    flag means to it."""
    pairs = sorted(set(asked))
    rows = await conn.fetch(
        QUERIES["decisions"],
        [tenant for tenant, _ in pairs],
        [node for _, node in pairs],
        sorted(set(tenants)),
    )
    found: dict[tuple[str, str], list[Decision]] = {}
    absent: dict[str, str] = {}
    for row in rows:
        if row["node"] is None:
            absent[row["tenant_id"]] = row["value"]
            continue
        decision = Decision(row["flag"], row["value"], row["issued_at"], row["command_id"])
        found.setdefault((row["tenant_id"], row["node"]), []).append(decision)
    return found, absent


async def doubted(
    conn: Connection, platform: Platform, rows: Sequence[Waiting]
) -> set[tuple[str, str, str]]:
    """The keys of those for which a request had no answer."""
    if not rows:
        return set()
    found = await conn.fetch(QUERIES["doubted"], platform, *_keys(rows))
    return {(row["tenant_id"], row["event_id"], row["kind"]) for row in found}


async def unpublished(conn: Connection, most: int) -> list[Row]:
    """Lock finished rows whose outcome is not on the topic yet."""
    return await conn.fetch(QUERIES["unpublished"], most)


async def mark_published(conn: Connection, rows: Sequence[Row]) -> None:
    """Note that their outcomes are on the topic."""
    await conn.execute(
        QUERIES["mark_published"],
        *([row[name] for row in rows] for name in ("tenant_id", "platform", "event_id", "kind")),
    )


async def pending_counts(conn: Connection) -> dict[tuple[str, str], int]:
    """(platform, state) -> how many deliveries can still be sent."""
    rows = await conn.fetch(QUERIES["pending_counts"])
    return {(row["platform"], row["state"]): row["n"] for row in rows}


async def expiring_counts(conn: Connection, until_ms: int) -> dict[str, int]:
    """platform -> how many that wait are not taken any more from `until_ms` on (epoch)."""
    rows = await conn.fetch(QUERIES["expiring_counts"], at(until_ms))
    return {row["platform"]: row["n"] for row in rows}


async def dead_counts(conn: Connection) -> dict[tuple[str, str], int]:
    """(platform, reason) -> deliveries that ended unaccepted and were not queued again."""
    rows = await conn.fetch(QUERIES["dead_counts"])
    return {(row["platform"], row["reason"]): row["n"] for row in rows}


async def requeue(
    conn: Connection,
    *,
    tenant: str | None = None,
    platform: str | None = None,
    event_ids: Sequence[str] | None = None,
    reason: str | None = None,
    kind: str | None = None,
    limit: int | None = None,
    per_second: float = 1_000.0,
    dry_run: bool = False,
) -> int:
    """Put dead deliveries back into the queue, under the event id that they always had.

    What the platform rejected or what came too late would end the same way, so without a
    `reason` only the unknown ones are taken. The oldest are first, `per_second` of them due each
    second. Consent is asked again when they are sent.

    Returns:
        How many deliveries the filters chose.
    """
    chosen = await conn.fetch(
        QUERIES["replayable"],
        reason or "unknown",
        tenant,
        platform,
        None if event_ids is None else list(event_ids),
        kind,
        limit,
    )
    if chosen and not dry_run:
        await conn.execute(
            QUERIES["requeue"],
            *([r[name] for r in chosen] for name in ("tenant_id", "platform", "event_id", "kind")),
            list(CONNECTORS),
            [connector.accepted_for_ms for connector in CONNECTORS.values()],
            per_second,
        )
    return len(chosen)


def _names(told: Sequence[Delivery]) -> tuple[list[str], list[str], list[str], list[str]]:
    return (
        [each.tenant_id for each in told],
        [each.platform for each in told],
        [each.event_id for each in told],
        [each.kind for each in told],
    )


def _keys(rows: Sequence[Waiting]) -> tuple[list[str], list[str], list[str]]:
    return (
        [row.delivery.tenant_id for row in rows],
        [row.delivery.event_id for row in rows],
        [row.delivery.kind for row in rows],
    )


def waiting(row: Row) -> Waiting:
    """A row of the queue, as it was read."""
    first: Any = row["first_attempt_at"]
    return Waiting(
        delivery=Delivery.model_validate_json(row["payload"]),
        attempts=row["attempts"],
        first_attempt_ms=None if first is None else ms_of(first),
        deadline_ms=ms_of(row["deadline_at"]),
        apart=row["apart"] or "",
        traceparent=row["traceparent"],
    )
