"""`python -m tests.bench fanout`: one replica, platforms that answer in 50 ms.

Three questions. How many events a second go out where they share requests. How much slower an event
is than the bare exchange where each has its own, with as many requests at once on either side. What
a thousand tenants notice of one whose platform is down.
"""

import asyncio
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from processors.engine.clock import wall_clock
from processors.platforms.base import Account
from processors.platforms.ga4.client import Ga4
from processors.platforms.ga4.settings import Ga4Settings
from tests.integration.fanout.field import Field, event, names, until
from tests.support.databases import Databases

ANSWER_MS: Final = 50
BATCHED: Final = 20_000
ALONE: Final = 600
AT_ONCE: Final = 4
TENANTS: Final = 1_000
A_TENANT: Final = 5
_FREE: Final = {
    "ATTRIBUTARY_FANOUT_POLL_SECONDS": "0.2",
    "ATTRIBUTARY_FANOUT_HOUSEKEEPING_SECONDS": "2",
    "ATTRIBUTARY_FANOUT_ACCOUNTS_SECONDS": "3",
    "ATTRIBUTARY_FANOUT_BUCKET_CAPACITY": "1000000",
    "ATTRIBUTARY_FANOUT_BUCKET_PER_SECOND": "1000000",
}
"""As it is out of the box, but for the rate limit: the field's own are in more of a hurry."""
_SPENT: Final = (
    "SELECT extract(epoch FROM max(finished_at) - min(first_attempt_at))::float AS seconds,"
    " count(*) FILTER (WHERE state = 'sent') AS sent FROM deliveries"
)
_WAITED: Final = (
    "SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at) * 1000"
    " - $1)::float AS p95, count(*) AS sent FROM deliveries"
    " WHERE state = 'sent' AND tenant_id <> 't0000'"
)

Row = dict[str, Any]


async def run(databases: Databases, bootstrap: str, *, tell: Callable[[str], Any]) -> list[Row]:
    """One row a question, two for the last."""
    rows = []
    for measure in (_batched, _alone, _all_well, _one_down):
        async with _field(databases, bootstrap) as field:
            rows.append({"stage": "fanout", **await measure(field)})
        tell(str(rows[-1]))
    return rows


@asynccontextmanager
async def _field(databases: Databases, bootstrap: str) -> AsyncIterator[Field]:
    with tempfile.TemporaryDirectory() as folder:
        async with databases.fresh() as dsn:
            field = Field(
                bootstrap=bootstrap,
                dsn=dsn,
                prefix=f"fanout{uuid.uuid4().hex[:8]}.",
                folder=Path(folder),
            )
            await field.open()
            try:
                yield field
            finally:
                await field.close()


async def _batched(field: Field) -> Row:
    """Meta, a thousand events a request at most, four tenants."""
    tenants = [f"t{n}" for n in range(4)]
    for tenant in tenants:
        await field.connect(tenant)
    await field.meta.script({"count": 1_000_000, "delay_ms": ANSWER_MS})
    events = names(BATCHED)
    for part in _parts(events, 2_000):
        await field.put([event(e, tenant=tenants[int(e[1:]) % 4]) for e in part])
    started = perf_counter()
    field.worker(**_FREE)
    await _all_sent(field, BATCHED)
    seconds = perf_counter() - started
    (row,) = await field.fetch(_SPENT)
    requests = (await field.meta.stats())["requests"]
    return {
        "case": "batched, from the topic to the ledger",
        "rate": round(row["sent"] / row["seconds"]),
        "target": "2000/s",
        "with_start_s": round(seconds, 1),
        "events_per_request": round(BATCHED / requests),
    }


async def _alone(field: Field) -> Row:
    """GA4, a client an event, so that each has a request; the floor is its connector alone."""
    await field.connect("acme", "ga4")
    await field.ga4.script({"count": 1_000_000, "delay_ms": ANSWER_MS})
    bare = await _bare(field)
    await field.put([event(e, tenant="acme", platform="ga4") for e in names(ALONE)])
    field.worker(**_FREE)
    await _all_sent(field, ALONE)
    (row,) = await field.fetch(_SPENT)
    ours = row["seconds"] / ALONE * AT_ONCE * 1000
    return {
        "case": f"a request an event, {AT_ONCE} at once",
        "rate": round(1000 * AT_ONCE / ours, 1),
        "floor_rate": round(1000 * AT_ONCE / bare, 1),
        "ratio": round(bare / ours, 3),
        "target": 0.9,
        "ms_per_event": round(ours, 2),
        "bare_ms_per_event": round(bare, 2),
    }


async def _bare(field: Field) -> float:
    """Milliseconds of an exchange of the connector's, with as many at once."""
    settings = Ga4Settings(base_url=field.ga4.url)
    connector = Ga4(settings, clock=wall_clock)
    account = Account("bare", "G-bare", {"api_secret": "token-1"})
    left = iter([event(e, tenant="bare", platform="ga4") for e in names(ALONE, "b")])

    async def one_after_another() -> None:
        for delivery in left:
            answer = await connector.send(account, [delivery])
            assert answer.results[0].verdict == "sent"

    started = perf_counter()
    await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))
    spent = perf_counter() - started
    await connector.close()
    return spent / ALONE * AT_ONCE * 1000


async def _all_well(field: Field) -> Row:
    return {"case": f"{TENANTS} tenants, all well", **await _waits(field)}


async def _one_down(field: Field) -> Row:
    down = {"account": "px-t0000", "count": 1_000_000, "delay_ms": 60_000}
    await field.meta.script(down)
    return {"case": f"{TENANTS} tenants, one of them down", **await _waits(field)}


async def _waits(field: Field) -> Row:
    """From a burst on the topic to the ledger, of all but the first tenant."""
    tenants = [f"t{n:04d}" for n in range(TENANTS)]
    for tenant in tenants:
        await field.connect(tenant, "meta")
    await field.meta.script({"count": 1_000_000, "delay_ms": ANSWER_MS})
    field.worker(**_FREE, ATTRIBUTARY_META_TIMEOUT_SECONDS="5")
    await field.connect("warm", "meta")
    await field.put([event("warm", tenant="warm")])
    await field.settled(["warm"])
    # What is down has had time to hold whatever it can hold.
    await field.put([event(e, tenant="t0000") for e in names(200, "down")])
    began = wall_clock()
    for n in range(A_TENANT):
        await field.put([event(f"{tenant}-{n}", tenant=tenant) for tenant in tenants[1:]])
    wanted = A_TENANT * (TENANTS - 1) + 1
    await _all_sent(field, wanted, but="t0000")
    (row,) = await field.fetch(_WAITED, began)
    return {"p95_ms": round(row["p95"]), "rate": round(1000 * wanted / row["p95"] * 0.95)}


async def _all_sent(field: Field, count: int, *, but: str = "") -> None:
    query = "SELECT count(*) AS n FROM deliveries WHERE state = 'sent' AND tenant_id <> $1"

    async def done() -> bool:
        return bool((await field.fetch(query, but))[0]["n"] >= count)

    await until("every delivery is sent", done, seconds=300)


def _parts(events: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(events), size):
        yield events[start : start + size]
