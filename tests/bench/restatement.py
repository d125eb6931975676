"""How long a restatement takes, from the record that causes it to the summary, for people with few
touches and with very many. In one process, Kafka left out; a refund and a late touch in turn."""

from statistics import quantiles
from time import perf_counter
from typing import Any, Final

import asyncpg

from processors.engine.postgres import Database
from schemas.envelope import Frozen, Identifiers
from schemas.order import Order, Refund
from schemas.touchpoint import Touchpoint
from tests.support.pipeline import NOW, Pipeline

TENANT: Final = "bench"
DEFAULT_CAP: Final = 1_000
SIZES: Final = (10, DEFAULT_CAP, 100_000)
VISITORS: Final = 50
ROUNDS: Final = 40
GROUPS: Final = ("identity", "credit", "summary")

_SEED: Final = (
    """INSERT INTO identity_nodes
    SELECT $1, 'visitor:v' || $2::int || '-' || v, 'customer:c' || $2::int, false
    FROM generate_series(1, $3::int) v""",
    """INSERT INTO identity_nodes
    VALUES ($1, 'customer:c' || $2::int, 'customer:c' || $2::int, false)""",
    """INSERT INTO identity_edges
    SELECT $1, 'customer:c' || $2::int, 'visitor:v' || $2::int || '-' || v, 'past', true
    FROM generate_series(1, $3::int) v""",
    """INSERT INTO attribution_touchpoints (tenant_id, touchpoint_id, event_id, anchor, visitor_id,
        occurred_at, received_at, late, touchpoint_type, channel, platform, campaign, rules_version,
        content_hash)
    SELECT $1, md5($2::int || '-' || n), 'past-' || n,
        'visitor:v' || $2::int || '-' || (1 + n % $3::int), 'v' || $2::int || '-' || (1 + n % $3),
        timestamptz 'epoch' + $4::bigint * interval '1 millisecond'
            - (n + 1) * interval '300 days' / $2::int, now(), false,
        CASE WHEN n % 4 = 3 THEN 'view' ELSE 'click' END,
        (array['direct', 'paid_social', 'paid_search', 'email'])[1 + n % 4],
        (array['none', 'meta', 'google', 'klaviyo'])[1 + n % 4], 'campaign-' || n % 5, 1, 'h'
    FROM generate_series(0, $2::int - 1) n""",
)


async def run(dsn: str) -> list[dict[str, Any]]:
    """A row a size and cause."""
    operator = await asyncpg.connect(dsn)
    await operator.execute("INSERT INTO tenants (tenant_id) VALUES ($1)", TENANT)
    for size in SIZES:
        for statement in _SEED:
            count = 4 if "$4" in statement else 3 if "$3" in statement else 2
            await operator.execute(statement, *(TENANT, size, min(size, VISITORS), NOW)[:count])
    await operator.execute("VACUUM (ANALYZE)")
    await operator.close()
    db = await Database.connect(dsn, role="attributary_processor", application_name="bench")
    try:
        people = [await _Person.meet(Pipeline(db), size) for size in SIZES]
        for number in range(ROUNDS):
            for person in people:
                await person.restate("a refund", [_order(person.size, number + 1)])
                await person.restate("a late touch", [_touch(person.size, number)])
    finally:
        await db.close()
    rows = [row for person in people for row in person.rows()]
    _compare(rows)
    return rows


def _compare(rows: list[dict[str, Any]]) -> None:
    """Beside the person that has as many touches as count: beyond it nothing may grow."""
    causes = len(rows) // len(SIZES)
    at_cap = rows[SIZES.index(DEFAULT_CAP) * causes :][:causes]
    for row, beside in zip(rows, at_cap * len(SIZES), strict=True):
        row["beside_cap"] = round(row["p50_ms"] / beside["p50_ms"], 2)


class _Person:
    """Workers of its own, so that no other person is in their batches."""

    def __init__(self, pipeline: Pipeline, size: int) -> None:
        self.size = size
        self._pipeline = pipeline
        self._seconds: dict[str, dict[str, list[float]]] = {}

    @classmethod
    async def meet(cls, pipeline: Pipeline, size: int) -> "_Person":
        """With its order, once credited."""
        person = cls(pipeline, size)
        await person.restate("its order", [_order(size, 0)])
        return person

    async def restate(self, cause: str, log: list[tuple[str, Frozen]]) -> None:
        """Bring the records; time each processor."""
        spent = self._seconds.setdefault(cause, {})
        await self._pipeline.feed(log)
        for group in GROUPS:
            worker = await self._pipeline.started(group)
            began = perf_counter()
            while await self._pipeline.turn(worker, 100):
                pass
            spent.setdefault(group, []).append(perf_counter() - began)

    def rows(self) -> list[dict[str, Any]]:
        """Milliseconds, and how much of them each processor had."""
        return [
            {
                "stage": "restatement",
                "case": f"{cause}, {self.size:,} touches",
                "p50_ms": _percentile([sum(own) for own in zip(*spent.values(), strict=True)], 50),
                "p95_ms": _percentile([sum(own) for own in zip(*spent.values(), strict=True)], 95),
                **{f"{group}_ms": _percentile(spent[group], 50) for group in GROUPS},
            }
            for cause, spent in self._seconds.items()
            if len(spent["identity"]) > 1
        ]


def _percentile(seconds: list[float], percent: int) -> float:
    return round(quantiles(seconds, n=100)[percent - 1] * 1000, 1)


def _order(size: int, refunds: int) -> tuple[str, Frozen]:
    return "orders.v1", Order(
        tenant_id=TENANT, source="api", order_id=f"o{size}", event_id=f"o{size}-{refunds}",
        content_hash=f"{size}-{refunds}", received_at=NOW, updated_at=NOW + refunds,
        ordered_at=NOW, status="paid", currency="USD", gross=1_000_000, visitor_id=f"v{size}-1",
        identifiers=Identifiers(customer_id=f"c{size}"),
        refunds=tuple(Refund(refund_id=f"r{n}", amount=100) for n in range(refunds)),
    )  # fmt: skip


def _touch(size: int, number: int) -> tuple[str, Frozen]:
    return "touchpoints.v1", Touchpoint(
        tenant_id=TENANT, event_id=f"late-{size}-{number}", content_hash=f"{number}",
        occurred_at=NOW - 3_600_000 - number, received_at=NOW, visitor_id=f"v{size}-1",
    )  # fmt: skip
