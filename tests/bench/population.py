"""A shop with a past of any size, in the tables as identity would have left them.

Rows are made one after another, the same every time, and go in by COPY with the indexes off; they
are built when all is in. A person has five ids (three visitors, a customer, an email), 25 touches
and, every second one, an order. Touches lie in the order of their time, people mixed.
"""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final

import asyncpg

from tests.bench.indexes import without_indexes

TENANT: Final = "bench"
VISITORS: Final = 3
LINKS_A_PERSON: Final = 5
TOUCHES_A_PERSON: Final = 25
BEGAN: Final = datetime(2025, 12, 1, tzinfo=UTC)

_CHUNK_BYTES: Final = 1 << 19
_PROGRESS_SECONDS: Final = 10.0
_STEP: Final = 7_919
"""A prime: consecutive touches are of visitors that lie far apart."""
_TOUCH_KINDS: Final = (
    ("direct", "none", r"\N", r"\N", r"\N", "https://shop.example/"),
    ("paid_search", "google", "google", "cpc", "hats", "https://shop.example/hats?gclid=Cj0KCQ"),
    ("paid_social", "meta", "facebook", "paid_social", r"\N", "https://shop.example/sale"),
    ("email", "klaviyo", "newsletter", "email", "weekly", "https://shop.example/?utm=weekly"),
)

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Population:
    """How many there are of each."""

    people: int

    @classmethod
    def of_touchpoints(cls, touchpoints: int) -> "Population":
        """So many people as have about so many touches."""
        return cls(max(1, touchpoints // TOUCHES_A_PERSON))

    @property
    def touchpoints(self) -> int:
        return self.people * TOUCHES_A_PERSON

    @property
    def links(self) -> int:
        return self.people * LINKS_A_PERSON

    @property
    def visitors(self) -> int:
        return self.people * VISITORS

    @property
    def conversions(self) -> int:
        return self.people // 2


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    columns: Sequence[str]
    rows: Callable[[Population], Iterator[str]]
    count: Callable[[Population], int]


def visitor(number: int) -> str:
    """The name of a visitor; `number // 3` is the person."""
    return f"visitor-{number:08}"


def customer(person: int) -> str:
    """The name of a customer."""
    return f"customer-{person:08}"


def short(text: str) -> str:
    """As long and as random as the ids of the pipeline."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


async def load(dsn: str, population: Population, *, tell: Tell) -> None:
    """Fill a fresh, migrated database, a table in a transaction; analysed and checkpointed."""
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute("SET synchronous_commit = off")
        await conn.execute("SET maintenance_work_mem = '512MB'")
        await conn.execute("INSERT INTO tenants (tenant_id) VALUES ($1)", TENANT)
        for table in _TABLES:
            await fill(
                conn, table.name, table.columns, table.rows(population),
                count=table.count(population), tell=tell,
            )  # fmt: skip
        await conn.execute("VACUUM (ANALYZE)")
        await conn.execute("CHECKPOINT")
    finally:
        await conn.close()


async def fill(
    conn: "asyncpg.Connection[asyncpg.Record]", table: str, columns: Sequence[str],
    rows: Iterator[str], *, count: int, tell: Tell,
) -> None:  # fmt: skip
    """Empty a table and COPY the lines into it in one transaction, its indexes built after them."""
    began = monotonic()
    async with conn.transaction():
        build = await without_indexes(conn, table)
        # Truncated here, so that COPY may write rows that need no later visit.
        await conn.execute(f"TRUNCATE {table}")
        told = _told(rows, table, count, tell=tell)
        said = await conn.copy_to_table(
            table, source=_chunks(told), columns=columns, freeze=True, timeout=None
        )
        copied = monotonic() - began
        await build()
    tell(
        f"{table}: {_rows(said):,} rows in {copied:.0f} s, "
        f"indexes in {monotonic() - began - copied:.0f} s"
    )


async def copied_in(
    conn: "asyncpg.Connection[asyncpg.Record]", table: str, columns: Sequence[str],
    rows: Iterator[str], *, count: int, tell: Tell,
) -> None:  # fmt: skip
    """COPY the lines into a table as it stands: what a partitioned one can have."""
    began = monotonic()
    told = _told(rows, table, count, tell=tell)
    said = await conn.copy_to_table(table, source=_chunks(told), columns=columns, timeout=None)
    tell(f"{table}: {_rows(said):,} rows in {monotonic() - began:.0f} s")


def _rows(said: str) -> int:
    """Of `COPY 12`."""
    return int(said.split()[-1])


def _told(rows: Iterable[str], table: str, total: int, *, tell: Tell) -> Iterator[str]:
    due = monotonic() + _PROGRESS_SECONDS
    for n, row in enumerate(rows):
        if n % 10_000 == 0 and monotonic() > due:
            due = monotonic() + _PROGRESS_SECONDS
            tell(f"{table}: {n:,} of {total:,}")
        yield row


async def _chunks(rows: Iterable[str]) -> AsyncIterator[bytes]:
    held: list[str] = []
    size = 0
    for row in rows:
        held.append(row)
        size += len(row)
        if size > _CHUNK_BYTES:
            yield "".join(held).encode()
            held, size = [], 0
    yield "".join(held).encode()


def _touchpoints(population: Population) -> Iterator[str]:
    """One a second."""
    minute = ""
    for n in range(population.touchpoints):
        if n % 60 == 0:
            minute = f"{BEGAN + timedelta(seconds=n):%Y-%m-%d %H:%M}"
        who = visitor(n * _STEP % population.visitors)
        channel, platform, source, medium, campaign, url = _TOUCH_KINDS[n % 4]
        at = f"{minute}:{n % 60:02}.{n % 1000:03}+00"
        shown = "" if campaign == r"\N" else campaign
        yield (
            f"{TENANT}\t{short(f't{n}')}\tpast-{n}\tvisitor:{who}\t{who}\t{at}\t{at}\tf\tclick\t"
            f"{channel}\t{platform}\t{shown}\t1\t{source}\t{medium}\t{campaign}\t{url}\tdesktop\t"
            f"{n:032x}\n"
        )


def _nodes(population: Population) -> Iterator[str]:
    """The person is the smallest of its ids: the customer."""
    for person in range(population.people):
        own = f"customer:{customer(person)}"
        yield f"{TENANT}\t{own}\t{own}\tf\n"
        yield f"{TENANT}\temail:{_email(person)}\t{own}\tf\n"
        for n in range(VISITORS):
            yield f"{TENANT}\tvisitor:{visitor(person * VISITORS + n)}\t{own}\tf\n"


def _email(person: int) -> str:
    return hashlib.sha256(f"e{person}".encode()).hexdigest()


def _edges(population: Population) -> Iterator[str]:
    for person in range(population.people):
        own = f"customer:{customer(person)}"
        yield f"{TENANT}\t{own}\temail:{_email(person)}\torders.v1 past\tt\n"
        for n in range(VISITORS):
            seen = f"visitor:{visitor(person * VISITORS + n)}"
            yield f"{TENANT}\t{own}\t{seen}\ttouchpoints.v1 past-{person}\tt\n"


def _ordered_at(n: int, population: Population) -> str:
    share = population.touchpoints / max(1, population.conversions)
    return f"{BEGAN + timedelta(seconds=int(n * share)):%Y-%m-%d %H:%M:%S}+00"


def _conversions(population: Population) -> Iterator[str]:
    for n in range(population.conversions):
        own = customer(n * 2)
        yield (
            f"{TENANT}\t{short(f'c{n}')}\tapi\tpast-{n}\t{own}\tcustomer:{own}\tUSD\t12990\t0\t"
            f"12990\t{_ordered_at(n, population)}\tpaid\tready\tt\t{{}}\n"
        )


def _carried(population: Population) -> Iterator[str]:
    for n in range(population.conversions):
        yield f"{TENANT}\tcustomer:{customer(n * 2)}\t{short(f'c{n}')}\n"


def _revisions(population: Population) -> Iterator[str]:
    for n in range(population.conversions):
        yield f"{TENANT}\t{short(f'c{n}')}\t1\n"


def _versions(population: Population) -> Iterator[str]:
    for n in range(population.conversions):
        own = short(f"c{n}")
        snapshot = (
            f'{{"tenant_id":"{TENANT}","source":"api","order_id":"past-{n}","event_id":"o{n}",'
            f'"content_hash":"{own}","received_at":1780000000000,"ordered_at":1770000000000,'
            f'"status":"paid","currency":"USD","gross":12990,'
            f'"identifiers":{{"customer_id":"{customer(n * 2)}"}}}}'
        )
        yield f"{TENANT}\t{own}\t{own}\t1780000000000\t{snapshot}\n"


_TABLES: Final = (
    _Table(
        "attribution_touchpoints",
        (
            "tenant_id", "touchpoint_id", "event_id", "anchor", "visitor_id", "occurred_at",
            "received_at", "late", "touchpoint_type", "channel", "platform", "campaign",
            "rules_version", "utm_source", "utm_medium", "utm_campaign", "url", "device_type",
            "content_hash",
        ),
        _touchpoints,
        lambda p: p.touchpoints,
    ),
    _Table(
        "identity_nodes", ("tenant_id", "node", "person_id", "quarantined"), _nodes,
        lambda p: p.links,
    ),
    _Table(
        "identity_edges", ("tenant_id", "a", "b", "reason", "settled"), _edges,
        lambda p: p.people * (VISITORS + 1),
    ),
    _Table(
        "conversions",
        (
            "tenant_id", "conversion_id", "source", "order_id", "customer_id", "person_id",
            "currency", "gross", "refunded", "net", "converted_at", "status", "state",
            "deliverable", "folded",
        ),
        _conversions,
        lambda p: p.conversions,
    ),
    _Table(
        "conversion_nodes", ("tenant_id", "node", "conversion_id"), _carried,
        lambda p: p.conversions,
    ),
    _Table(
        "conversion_revision", ("tenant_id", "conversion_id", "rev"), _revisions,
        lambda p: p.conversions,
    ),
    _Table(
        "order_versions",
        ("tenant_id", "conversion_id", "content_hash", "version_at", "snapshot"), _versions,
        lambda p: p.conversions,
    ),
)  # fmt: skip
